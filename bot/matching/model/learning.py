"""Learns from the base's own texts: is it ours, is it danger, which topic, which verdict.

Ours and danger are curved borders in the space of sentence vectors, for which a support vector machine with a Gaussian
kernel (Cortes and Vapnik 1995) was measured to let through half as many near-misses as logistic regression. Topic and
verdict are logistic regressions on sentence vector, n-grams and relations together. Which entry it is follows from
these and from likeness to the entry's examples (see `matcher`), so that an entry needs no training of its own.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.guidance.models import Library
from bot.matching.encoder.minilm import Vectors
from bot.matching.features import Vocabulary, build_vocabulary, prepare, words
from bot.matching.model.gate import Gate
from bot.matching.text import Slang

Floats = NDArray[np.float32]

FORMAT = 1
"""Counts up whenever what is learned, or how it is kept, changes: older files are then ignored."""
TOPIC_C = 12.0
VERDICT_C = 6.0
"""Inverse regularization strengths of the logistic regressions."""
KERNEL_C = 4.0
KERNEL_GAMMA = 1.5
"""Of the support vector machines. Measured in `benchmarks/encoders.py`; results are flat around these values."""
GATE_LOSS = (0.04, 0.08)
"""The share of our own texts, out of fold, that each look of the gate holds back. Nearly all of these the full engine
would not answer unasked either: what is really lost is measured in `benchmarks/speed.py`."""
GATE_FOLDS = 5


@dataclass(frozen=True)
class TrainingSet:
    """The base's texts, prepared, each with its entry's number (-1: not for us), ours first and in entry order."""

    texts: tuple[str, ...]
    entry: NDArray[np.int32]

    @property
    def ours(self) -> int:
        """How many of the texts are for us; the others follow them."""
        return int((self.entry >= 0).sum())


def training_set(library: Library, slang: Slang) -> TrainingSet:
    """Every wording of every entry, then every negative; doubles after preparation are left out."""
    numbered = [
        (prepare(wording, slang), number) for number, entry in enumerate(library.entries) for wording in entry.wordings
    ]
    negatives = (*library.negatives.near_misses, *library.negatives.chatter)
    numbered.extend((prepare(message, slang), -1) for message in negatives)
    first: dict[str, int] = {}
    for text, number in numbered:
        if text:
            first.setdefault(text, number)
    return TrainingSet(tuple(first), np.array(list(first.values()), dtype=np.int32))


def fingerprint(library: Library, data: TrainingSet, encoder: str) -> str:
    """Names everything that fitting depends on, so that what was fitted once can be used again."""
    digest = hashlib.sha256(f"{FORMAT}\n{encoder}\n".encode())
    for entry in library.entries:
        digest.update(f"{entry.topic}\t{entry.verdict}\t{entry.safety}\n".encode())
    for text, number in zip(data.texts, data.entry, strict=True):
        digest.update(f"{number}\t{text}\n".encode())
    return digest.hexdigest()


@dataclass(frozen=True)
class Linear:
    """A linear model with one output a class: weights by sentence-vector dimension and by sparse feature."""

    classes: tuple[str, ...]
    dense: Floats
    sparse: Floats
    bias: Floats

    def log_probabilities(self, vector: Vectors, indices: NDArray[np.int32], values: Floats) -> Floats:
        """Of each class, shape (classes,); never below the logarithm of one in ten thousand."""
        scores = vector @ self.dense + values @ self.sparse[indices] + self.bias
        exponents = np.exp(scores - scores.max())
        result: Floats = np.log(exponents / exponents.sum() + 1e-4)
        return result


@dataclass(frozen=True)
class Kernel:
    """A support vector machine: supports are rows of the training vectors, `weights` their dual coefficients."""

    supports: NDArray[np.int32]
    weights: Floats
    bias: float

    def score(self, products: Floats) -> float:
        """The decision value, above 0 for yes. `products`: of a unit vector with each support."""
        # both sides have length 1, so that the squared distance is 2 - 2 x·y
        likeness = np.exp(2.0 * KERNEL_GAMMA * (products - 1.0))
        return float(likeness @ self.weights) + self.bias


@dataclass(frozen=True)
class Fitted:
    """Everything learned from one base."""

    vocabulary: Vocabulary
    gate: Gate
    ours: Kernel
    danger: Kernel
    topic: Linear
    verdict: Linear


def fit(library: Library, data: TrainingSet, vectors: Vectors) -> Fitted:
    """Fits every model. `vectors` holds the sentence vectors of `data.texts`. Deterministic; takes seconds."""
    from scipy.sparse import csr_matrix, hstack

    ours = data.ours
    vocabulary = build_vocabulary(data.texts[:ours])
    features = hstack([csr_matrix(vectors[:ours]), vocabulary.matrix(data.texts[:ours])], format="csr")
    entries = [library.entries[number] for number in data.entry[:ours]]
    danger = np.zeros(len(data.texts), dtype=bool)
    danger[:ours] = [entry.safety for entry in entries]
    width = vectors.shape[1]
    return Fitted(
        vocabulary=vocabulary,
        gate=_fit_gate(data, vocabulary),
        ours=_kernel(vectors, data.entry >= 0),
        danger=_kernel(vectors, danger),
        topic=_linear(features, [entry.topic or "" for entry in entries], TOPIC_C, width),
        verdict=_linear(features, [str(entry.verdict) for entry in entries], VERDICT_C, width),
    )


def _linear(features: Any, labels: Sequence[str], strength: float, width: int) -> Linear:
    from sklearn.linear_model import LogisticRegression

    classes = sorted(set(labels))
    if len(classes) < 2:
        size = features.shape[1]
        return Linear(
            tuple(classes),
            np.zeros((width, len(classes)), np.float32),
            np.zeros((size - width, len(classes)), np.float32),
            np.zeros(len(classes), np.float32),
        )
    # one model a class against the rest for two classes gives one row of weights: both are written out below
    model = LogisticRegression(C=strength, max_iter=300, tol=1e-3).fit(features, labels)
    weights, bias = model.coef_, model.intercept_
    if len(classes) == 2:
        weights, bias = np.vstack([np.zeros_like(weights), weights]), np.array([0.0, bias[0]])
    dense = np.ascontiguousarray(weights.T[:width], dtype=np.float32)
    # half precision is what is kept on disk: used at once as well, so that a fresh fit and a kept one are the same
    sparse = np.ascontiguousarray(weights.T[width:], dtype=np.float16).astype(np.float32)
    return Linear(tuple(map(str, model.classes_)), dense, sparse, bias.astype(np.float32))


def _kernel(vectors: Vectors, labels: NDArray[np.bool_]) -> Kernel:
    from sklearn.svm import SVC

    if labels.all() or not labels.any():
        return Kernel(np.zeros(0, np.int32), np.zeros(0, np.float32), 2.0 if labels.all() else -2.0)
    model = SVC(C=KERNEL_C, gamma=KERNEL_GAMMA, cache_size=400).fit(vectors, labels)
    return Kernel(model.support_.astype(np.int32), model.dual_coef_[0].astype(np.float32), float(model.intercept_[0]))


def _fit_gate(data: TrainingSet, vocabulary: Vocabulary) -> Gate:
    from sklearn.feature_extraction.text import CountVectorizer

    labels = data.entry >= 0
    if labels.all():
        return Gate({}, np.zeros(vocabulary.size, np.float32), (0.0, 0.0), (0.0, 0.0))
    counter = CountVectorizer(analyzer=words, binary=True, min_df=2)
    counts = counter.fit_transform(data.texts)
    names = counter.get_feature_names_out()
    word_weights, word_bias, word_threshold = _look(counts, labels, 0.3, GATE_LOSS[0])
    weights, bias, threshold = _look(vocabulary.matrix(data.texts), labels, 10.0, GATE_LOSS[1])
    return Gate(
        {str(name): float(weight) for name, weight in zip(names, word_weights, strict=True)},
        weights,
        (word_bias, bias),
        (word_threshold, threshold),
    )


def _look(features: Any, labels: NDArray[np.bool_], strength: float, loss: float) -> tuple[Floats, float, float]:
    """Weights, bias, and the threshold below which lies the share `loss` of our own texts, out of fold."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    model = LogisticRegression(C=strength, max_iter=300, tol=1e-3, class_weight="balanced")
    unseen = cross_val_predict(model, features, labels, cv=GATE_FOLDS, method="decision_function")
    model.fit(features, labels)
    weights = model.coef_[0].astype(np.float16).astype(np.float32)
    return weights, float(model.intercept_[0]), float(np.quantile(unseen[labels], loss))


def write_fitted(path: Path, fitted: Fitted, mark: str) -> None:
    """Keeps what was learned, whole or not at all, under the `fingerprint` it was learned from. Raises `OSError`."""
    columns = sorted(fitted.vocabulary.columns.items(), key=lambda item: item[1][0])
    arrays: dict[str, Any] = {
        "mark": np.array(mark),
        "vocabulary": np.array("\n".join(name for name, _ in columns)),
        "vocabulary_weights": np.array([weight for _, (_, weight) in columns], np.float32),
        "gate_words": np.array("\n".join(fitted.gate.weights)),
        "gate_weights": np.array(list(fitted.gate.weights.values()), np.float16),
        "gate_features": fitted.gate.features.astype(np.float16),
        "gate_biases": np.array(fitted.gate.biases),
        "gate_thresholds": np.array(fitted.gate.thresholds),
    }
    for name, kernel in (("ours", fitted.ours), ("danger", fitted.danger)):
        arrays |= {
            f"{name}_supports": kernel.supports,
            f"{name}_weights": kernel.weights,
            f"{name}_bias": np.array(kernel.bias),
        }
    for name, linear in (("topic", fitted.topic), ("verdict", fitted.verdict)):
        arrays |= {
            f"{name}_classes": np.array("\n".join(linear.classes)),
            f"{name}_dense": linear.dense,
            f"{name}_sparse": linear.sparse.astype(np.float16),
            f"{name}_bias": linear.bias,
        }
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    with os.fdopen(handle, "wb") as stream:
        stream.write(buffer.getvalue())
    Path(part).replace(path)


def read_fitted(path: Path, mark: str) -> Fitted | None:
    """What was kept, if it was learned from what `mark` names; None for any other, broken or missing file."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            if str(stored["mark"]) != mark:
                return None
            names = str(stored["vocabulary"]).split("\n")
            columns = {
                name: (number, float(weight))
                for number, (name, weight) in enumerate(zip(names, stored["vocabulary_weights"], strict=True))
            }
            gate_words = str(stored["gate_words"]).split("\n")
            return Fitted(
                Vocabulary(columns, len(columns)),
                Gate(
                    dict(zip(gate_words, stored["gate_weights"].astype(np.float32).tolist(), strict=False)),
                    stored["gate_features"].astype(np.float32),
                    tuple(stored["gate_biases"].tolist()),
                    tuple(stored["gate_thresholds"].tolist()),
                ),
                _stored_kernel(stored, "ours"),
                _stored_kernel(stored, "danger"),
                _stored_linear(stored, "topic"),
                _stored_linear(stored, "verdict"),
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _stored_kernel(stored: Any, name: str) -> Kernel:
    return Kernel(stored[f"{name}_supports"], stored[f"{name}_weights"], float(stored[f"{name}_bias"]))


def _stored_linear(stored: Any, name: str) -> Linear:
    return Linear(
        tuple(str(stored[f"{name}_classes"]).split("\n")),
        stored[f"{name}_dense"],
        stored[f"{name}_sparse"].astype(np.float32),
        stored[f"{name}_bias"],
    )
