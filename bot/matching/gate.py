"""The cheap first look at a message nobody addressed to us: could it be for us at all?

Nearly all chat is not, and the encoder costs milliseconds. A sum of learned weights over single words and pairs
costs microseconds, and is set so that it lets through nearly all that the full engine would answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.matching.features import words


@dataclass(frozen=True)
class Gate:
    """`weights` by word and pair (see `features.words`); a message passes at a sum above `threshold`."""

    weights: Mapping[str, float]
    bias: float
    threshold: float

    def passes(self, prepared: str) -> bool:
        """Whether a prepared message deserves the full engine."""
        return self.score(prepared) >= self.threshold

    def score(self, prepared: str) -> float:
        """The log-odds that a prepared message is ours, by its words alone."""
        get = self.weights.get
        return self.bias + sum([get(word, 0.0) for word in set(words(prepared))])
