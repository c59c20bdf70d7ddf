"""The cheap first look at a message nobody addressed to us: could it be for us at all?

Nearly all chat is not, and the encoder costs milliseconds. A sum of learned weights over single words and pairs
costs microseconds, and is set so that it lets through nearly all that the full engine would answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.matching.features import Vocabulary, words


@dataclass(frozen=True)
class Gate:
    """Two looks, the second a little dearer: at words and pairs, then at all sparse features.

    `weights` by word and pair (see `features.words`); `features` by column of the vocabulary. A message passes a look
    when bias and weights sum to at least its threshold; `biases` and `thresholds` hold those of both looks.
    """

    weights: Mapping[str, float]
    features: NDArray[np.float32]
    biases: tuple[float, float]
    thresholds: tuple[float, float]

    def passes(self, prepared: str, vocabulary: Vocabulary) -> bool:
        """Whether a prepared message deserves the full engine."""
        get = self.weights.get
        by_words = self.biases[0] + sum([get(word, 0.0) for word in set(words(prepared))])
        if by_words < self.thresholds[0]:
            return False
        indices, values = vocabulary.sparse(prepared)
        return float(values @ self.features[indices]) + self.biases[1] >= self.thresholds[1]
