"""Learns from the base's own texts: is it ours, is it danger, which topic, which verdict.

Ours and danger are curved borders in the space of sentence vectors, for which a support vector machine with a Gaussian
kernel (Cortes and Vapnik 1995) was measured to let through half as many near-misses as logistic regression. Topic and
verdict are logistic regressions on sentence vector, n-grams and relations together. Which entry it is follows from
these and from likeness to the entry's examples (see `base`), so that an entry needs no training of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.guidance.models import Library
from bot.matching.encoder.encoder import Vectors
from bot.matching.features import Vocabulary, build_vocabulary, words
from bot.matching.model.machines import Floats, Gate, Kernel, Linear
from bot.matching.model.model import Meaning, Model
from bot.matching.model.training import TrainingSet

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


def fit(library: Library, data: TrainingSet, vectors: Vectors, meaning: Meaning) -> Model:
    """Fits every machine. `vectors` holds the sentence vectors of `data.texts`. Deterministic; takes seconds."""
    from scipy.sparse import csr_matrix, hstack

    ours = data.ours
    vocabulary = build_vocabulary(data.texts[:ours], library.lexicon.grammar)
    features = hstack([csr_matrix(vectors[:ours]), vocabulary.matrix(data.texts[:ours])], format="csr")
    entries = [library.entries[number] for number in data.entry[:ours]]
    danger = np.zeros(len(data.texts), dtype=bool)
    danger[:ours] = [entry.safety for entry in entries]
    width = vectors.shape[1]
    return Model(
        vocabulary=vocabulary,
        gate=_fit_gate(data, vocabulary),
        ours=_kernel(vectors, data.entry >= 0),
        danger=_kernel(vectors, danger),
        topic=_linear(features, [entry.topic or "" for entry in entries], TOPIC_C, width),
        verdict=_linear(features, [str(entry.verdict) for entry in entries], VERDICT_C, width),
        meaning=meaning,
        card={},
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
        return Kernel(np.zeros(0, np.int32), np.zeros(0, np.float32), 2.0 if labels.all() else -2.0, KERNEL_GAMMA)
    model = SVC(C=KERNEL_C, gamma=KERNEL_GAMMA, cache_size=400).fit(vectors, labels)
    weights = model.dual_coef_[0].astype(np.float32)
    return Kernel(model.support_.astype(np.int32), weights, float(model.intercept_[0]), KERNEL_GAMMA)


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
