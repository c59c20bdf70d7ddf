"""Learns from the base's own texts: is it ours, is it danger, which topic, which verdict.

Logistic regression on sentence vector, n-grams and relations together, for every question that the matcher puts to a
message. Which entry it is follows from topic, verdict and likeness to the entry's examples (see `matcher`), so that
an entry needs no training of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.guidance.models import Library
from bot.matching.encoder import Vectors
from bot.matching.features import Vocabulary, build_vocabulary, prepare, words
from bot.matching.gate import Gate
from bot.matching.text import Slang

Floats = NDArray[np.float32]

OURS_C = 8.0
DANGER_C = 8.0
TOPIC_C = 12.0
VERDICT_C = 6.0
"""Inverse regularization strengths, chosen by cross-validation on the base (`benchmarks/calibrate.py`)."""


@dataclass(frozen=True)
class TrainingSet:
    """The base's texts, prepared, each with its entry's number (-1: not for us)."""

    texts: tuple[str, ...]
    entry: NDArray[np.int32]

    @property
    def positive(self) -> NDArray[np.bool_]:
        """Which texts are for us."""
        return self.entry >= 0


def training_set(library: Library, slang: Slang) -> TrainingSet:
    """Every wording of every entry, then every negative; doubles after preparation are left out."""
    numbered = [
        (prepare(wording, slang), number)
        for number, entry in enumerate(library.entries)
        for wording in entry.wordings
    ]
    negatives = (*library.negatives.near_misses, *library.negatives.chatter)
    numbered.extend((prepare(message, slang), -1) for message in negatives)
    first: dict[str, int] = {}
    for text, number in numbered:
        if text:
            first.setdefault(text, number)
    return TrainingSet(tuple(first), np.array(list(first.values()), dtype=np.int32))


@dataclass(frozen=True)
class Linear:
    """One linear model with one or more outputs: weights by sentence-vector dimension and by sparse feature."""

    dense: Floats
    sparse: Floats
    bias: Floats

    def scores(self, vector: Vectors, indices: NDArray[np.int32], values: Floats) -> Floats:
        """The log-odds (one output) or unnormalized log-probabilities, shape (outputs,)."""
        result: Floats = vector @ self.dense + values @ self.sparse[indices] + self.bias
        return result


@dataclass(frozen=True)
class Fitted:
    """Everything learned. `topics` and `verdicts` name the outputs of the models of those names."""

    vocabulary: Vocabulary
    gate: Gate
    ours: Linear
    danger: Linear
    topic: Linear
    topics: tuple[str, ...]
    verdict: Linear
    verdicts: tuple[str, ...]


def fit(library: Library, data: TrainingSet, vectors: Vectors) -> Fitted:
    """Fits every model. `vectors` holds the sentence vectors of `data.texts`. Deterministic."""
    from scipy.sparse import csr_matrix, hstack

    vocabulary = build_vocabulary(data.texts)
    sparse = vocabulary.matrix(data.texts)
    features = hstack([csr_matrix(vectors), sparse], format="csr")
    positive = data.positive
    entries = [library.entries[number] for number in data.entry[positive]]
    danger = np.zeros(len(data.texts), dtype=bool)
    danger[positive] = [entry.safety for entry in entries]
    topics = [entry.topic or "" for entry in entries]
    verdicts = [str(entry.verdict) for entry in entries]
    width = vectors.shape[1]
    topic, topic_names = _linear(features[positive], topics, TOPIC_C, width)
    verdict, verdict_names = _linear(features[positive], verdicts, VERDICT_C, width)
    return Fitted(
        vocabulary=vocabulary,
        gate=fit_gate(data),
        ours=_linear(features, positive, OURS_C, width, balanced=True)[0],
        danger=_linear(features, danger, DANGER_C, width, balanced=True)[0],
        topic=topic,
        topics=topic_names,
        verdict=verdict,
        verdicts=verdict_names,
    )


def _linear(
    features: Any, labels: Sequence[Any] | NDArray[Any], strength: float, width: int, balanced: bool = False
) -> tuple[Linear, tuple[str, ...]]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=strength, max_iter=300, tol=1e-3, class_weight="balanced" if balanced else None)
    model.fit(features, labels)
    weights = np.ascontiguousarray(model.coef_.T, dtype=np.float32)
    linear = Linear(weights[:width], weights[width:], model.intercept_.astype(np.float32))
    return linear, tuple(str(name) for name in model.classes_)


def fit_gate(data: TrainingSet) -> Gate:
    raise AssertionError
