"""Learns from the base's own texts: is it ours, is it danger, which topic, which entry.

Ours and danger are curved borders in the space of sentence vectors, for which a support vector machine with a Gaussian
kernel (Cortes and Vapnik 1995) was measured to let through half as many near-misses as logistic regression. The topic
is a logistic regression on sentence vector, n-grams and relations together. The entry has machines in closed form, so
that a new one is learned in a moment: linear discriminant analysis of the vectors, naive Bayes of words and relations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.guidance.models import Library
from bot.matching.encoder.encoder import Vectors
from bot.matching.features import Sparse, build_vocabulary, prepare, words
from bot.matching.model.chat import shipped_chat
from bot.matching.model.gate import OPEN_GATE
from bot.matching.model.gate_fitting import fit_gate
from bot.matching.model.machines import Discriminant, Kernel, Likelihoods, Linear, Words
from bot.matching.model.model import Meaning, Model
from bot.matching.model.training import DANGER, TrainingSet
from bot.matching.text import Slang

TOPIC_C = 12.0
"""Inverse regularization strength of the logistic regression."""
SHRINKAGE = 0.5
"""How far the discriminant's covariance is pulled towards a sphere: entries have some 25 texts in 768 dimensions."""
PRIOR = 4.0
"""So many texts of no entry in particular are mixed into each entry's counts of features."""
KERNEL_C = 4.0
KERNEL_GAMMA = 1.5
"""Of the support vector machines. Measured in `benchmarks/encoders.py`; results are flat around these values."""
WORDS_C = 1.0
DANGER_WORDS = 0.1
"""What the words' decision value of danger weighs beside the vector's: it found a tenth more of what is told in
passing, at the same rate of false alarms, on messages of two other hands; from .05 to .15 nothing changes much."""
LEAST_WEIGHT = 0.02
"""Words that weigh less are left out of what is kept."""
NO_WORDS = Words({}, 0.0)


def fit(library: Library, data: TrainingSet, vectors: Vectors, meaning: Meaning, *, borders: bool = True) -> Model:
    """Fits every machine. `vectors` holds the sentence vectors of `data.texts`. Deterministic; takes seconds.

    Without `borders`, only those that rank entries.
    """
    from scipy.sparse import csr_matrix, hstack

    ours = data.ours
    vocabulary = build_vocabulary(data.texts[:ours], library.lexicon.grammar)
    features = hstack([csr_matrix(vectors[:ours]), vocabulary.matrix(data.texts[:ours])], format="csr")
    owner = data.entry[:ours]
    sparse = [vocabulary.sparse(text) for text in data.texts[:ours]]
    count = len(library.entries)
    judged = data.judged if borders else 0
    return Model(
        vocabulary=vocabulary,
        gate=fit_gate(data, vocabulary, _chatter(library), shipped_chat()) if borders else OPEN_GATE,
        ours=_kernel(vectors[:judged], data.entry[:judged] >= 0),
        danger=_kernel(vectors, tells_of_danger(library, data)) if borders else _kernel(vectors[:0], owner[:0] >= 0),
        danger_words=fit_words(data.texts, tells_of_danger(library, data)) if borders else NO_WORDS,
        topic=_linear(features, [library.entries[at].topic or "" for at in owner], TOPIC_C, vectors.shape[1]),
        discriminant=discriminant(vectors[:ours], owner, count),
        words=likelihoods(sparse, owner, count, vocabulary.ranges["words"]),
        relations=likelihoods(sparse, owner, count, vocabulary.ranges["relations"]),
        meaning=meaning,
        card={},
    )


def _chatter(library: Library) -> frozenset[str]:
    slang = Slang(library.lexicon.slang)
    return frozenset(prepare(message, slang) for message in library.negatives.chatter)


def tells_of_danger(library: Library, data: TrainingSet) -> NDArray[np.bool_]:
    """Of each text: whether it tells of danger."""
    safety = np.array([entry.safety for entry in library.entries], dtype=bool)
    found: NDArray[np.bool_] = data.entry == DANGER
    found[: data.ours] = safety[data.entry[: data.ours]]
    return found


def discriminant(vectors: Vectors, owner: NDArray[np.int32], count: int) -> Discriminant:
    """Linear discriminant analysis of `count` entries, whose texts' vectors and numbers are given. Equal priors."""
    sizes = np.maximum(np.bincount(owner, minlength=count), 1)[:, None]
    means = np.zeros((count, vectors.shape[1]), dtype=np.float64)
    np.add.at(means, owner, vectors)
    means /= sizes
    spread = vectors - means[owner]
    covariance = spread.T @ spread / max(len(vectors), 1)
    # a base of one text an entry has no spread at all
    sphere = max(float(np.trace(covariance)) / len(covariance), 1e-6) * np.eye(len(covariance))
    weights = np.linalg.solve((1 - SHRINKAGE) * covariance + SHRINKAGE * sphere, means.T)
    bias = -0.5 * np.einsum("ed,de->e", means, weights)
    # half precision is what is kept on disk: used at once as well, so that a fresh fit and a kept one are the same
    return Discriminant(weights.astype(np.float16).astype(np.float32), bias.astype(np.float32))


def likelihoods(texts: Sequence[Sparse], owner: NDArray[np.int32], count: int, block: tuple[int, int]) -> Likelihoods:
    """Naive Bayes of `count` entries over the vocabulary's columns of one block, in texts of these owners."""
    first, last = block
    held = np.zeros((last - first, count), dtype=np.float32)
    for (columns, _), number in zip(texts, owner, strict=True):
        held[columns[(columns >= first) & (columns < last)] - first, number] += 1
    anywhere = (held.sum(axis=1, keepdims=True) + 1) / (len(texts) + 2)
    sizes = np.bincount(owner, minlength=count)
    ratios = np.log((held + PRIOR * anywhere) / (sizes + PRIOR)) - np.log(anywhere)
    return Likelihoods(first, ratios.astype(np.float16))


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

    if not len(labels) or labels.all() or not labels.any():
        return Kernel(
            np.zeros(0, np.int32), np.zeros(0, np.float32), 2.0 if len(labels) and labels.all() else -2.0, KERNEL_GAMMA
        )
    model = SVC(C=KERNEL_C, gamma=KERNEL_GAMMA, cache_size=400).fit(vectors, labels)
    weights = model.dual_coef_[0].astype(np.float32)
    return Kernel(model.support_.astype(np.int32), weights, float(model.intercept_[0]), KERNEL_GAMMA)


def fit_words(texts: Sequence[str], labels: NDArray[np.bool_]) -> Words:
    """The machine that tells texts of one label from all others by their words; nothing where there is one label."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    if not len(labels) or labels.all() or not labels.any():
        return NO_WORDS
    counter = CountVectorizer(analyzer=words, binary=True, min_df=min(2, len(texts)))
    try:
        counts = counter.fit_transform(texts)
    except ValueError:
        return NO_WORDS  # no word is in two of so few texts
    model = LogisticRegression(C=WORDS_C, max_iter=300, tol=1e-3).fit(counts, labels)
    # half precision is what is kept on disk: used at once as well, so that a fresh fit and a kept one are the same
    weights = model.coef_[0].astype(np.float16).astype(np.float32)
    kept = {
        str(name): float(weight)
        for name, weight in zip(counter.get_feature_names_out(), weights, strict=True)
        if abs(weight) >= LEAST_WEIGHT
    }
    return Words(kept, float(model.intercept_[0]))
