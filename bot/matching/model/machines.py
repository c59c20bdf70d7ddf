"""The machines that a model is made of. Each is a few arrays and one product; how they are fitted is in `learning`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.matching.encoder.encoder import Vectors
from bot.matching.features import Sparse, words

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Linear:
    """A linear model with one output a class: weights by sentence-vector dimension and by sparse feature."""

    classes: tuple[str, ...]
    dense: Floats
    sparse: Floats
    bias: Floats

    def log_probabilities(self, vector: Vectors, features: Sparse) -> Floats:
        """Of each class, shape (classes,); never below the logarithm of one in ten thousand."""
        indices, values = features
        scores = vector @ self.dense + values @ self.sparse[indices] + self.bias
        exponents = np.exp(scores - scores.max())
        result: Floats = np.log(exponents / exponents.sum() + 1e-4)
        return result


@dataclass(frozen=True)
class Discriminant:
    """Linear discriminant analysis with a class an entry (Fisher 1936): one product scores all entries.

    `weights` of shape (dimensions, entries), `bias` of shape (entries,).
    """

    weights: Floats
    bias: Floats

    def scores(self, vector: Vectors) -> Floats:
        """Of each entry, up to a constant that all share: the log-likelihood of the vector."""
        scores: Floats = vector @ self.weights + self.bias
        return scores


@dataclass(frozen=True)
class Likelihoods:
    """Naive Bayes over the features of one block: how much more often an entry's wordings hold each than others' do.

    `ratios` of shape (last - first, entries) are logarithms, for the vocabulary's columns `first` to `last`, in half
    precision: there are millions, of which a message needs some thousands.
    """

    first: int
    ratios: NDArray[np.float16]

    def scores(self, features: Sparse) -> Floats:
        """Of each entry: the sum of the message's features' ratios, by the root of their number."""
        rows = features[0] - self.first
        rows = rows[(rows >= 0) & (rows < len(self.ratios))]
        if not len(rows):
            return np.zeros(self.ratios.shape[1], dtype=np.float32)
        total = self.ratios[rows].sum(axis=0, dtype=np.float32)
        scores: Floats = total / np.sqrt(len(rows), dtype=np.float32)
        return scores


@dataclass(frozen=True)
class Kernel:
    """A support vector machine with a Gaussian kernel of width `gamma`.

    `supports` are rows of the training vectors, `weights` their dual coefficients.
    """

    supports: NDArray[np.int32]
    weights: Floats
    bias: float
    gamma: float

    def score(self, products: Floats) -> float:
        """The decision value, above 0 for yes. `products`: of a unit vector with each support."""
        # both sides have length 1, so that the squared distance is 2 - 2 x·y
        likeness = np.exp(2.0 * self.gamma * (products - 1.0))
        return float(likeness @ self.weights) + self.bias


@dataclass(frozen=True)
class Words:
    """Logistic regression on which words and pairs of words (see `features.words`) a text holds."""

    weights: Mapping[str, float]
    bias: float

    def score(self, prepared: str) -> float:
        """The decision value of a whole text, however long, above 0 for yes."""
        get = self.weights.get
        return self.bias + sum([get(word, 0.0) for word in set(words(prepared))])
