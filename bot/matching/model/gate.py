"""The cheap look at a message nobody addressed to us: could it be for us at all?

Nearly all chat is not, and the encoder costs milliseconds. So each of its words, and each pair of neighbors, is
evidence: the logarithm of how much more often it stands in our texts than in ordinary chat. Their sum alone (naive
Bayes) lets through whatever talks of people, and holds back a question in unusual words; so a few figures of the
evidence, the signs, go through a small network, which was taught with chat (see `chat`) what they mean. The signs are
the base's: a word of a new entry is evidence as soon as the base is learned, and the network stays as it is. What
remains is looked at with all sparse features, whose weights tell our texts from the base's own negatives.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from math import log1p, sqrt
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from bot.matching.model.chat import Counts, Network
from bot.matching.reading import Reading
from bot.matching.text import WORD

WORD_BUCKETS = 1 << 16
PAIR_BUCKETS = 1 << 18
"""So many that few words, and few pairs, share one; powers of two."""
UNSEEN_IN_OURS = 0.125
UNSEEN_IN_CHAT = 0.5
"""So many messages are added to each count, so that what was never seen is no proof."""
STRONGEST = 3
"""So many of a message's strongest pieces of evidence, for and against, are signs of their own."""
LEAST_EVIDENCE, MOST_EVIDENCE = -2.0, 3.0
"""Evidence is also summed within these bounds, so that one odd word does not decide."""
_FIRST = crc32(b"^")

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Evidence:
    """Of each bucket of words or of pairs: how much its words speak for us, and whether any stands in our texts.

    Both of shape (buckets,); `weights` are logarithms of ratios.
    """

    weights: Floats
    known: NDArray[np.bool_]

    @classmethod
    def of(cls, ours: Counts, texts: int, chat: Counts, messages: float) -> Evidence:
        """From counts by bucket: in how many of our `texts`, and in how many `messages` of chat, its words stand."""
        weights = np.log((ours + UNSEEN_IN_OURS) / (texts + 1)) - np.log((chat + UNSEEN_IN_CHAT) / (messages + 1))
        # half precision is what is kept on disk: used at once as well, so that a fresh fit and a kept one are the same
        return cls(weights.astype(np.float16).astype(np.float32), ours > 0)

    def sum(self, found: Collection[int]) -> float:
        """The sum of bounded evidence, by the root of its number; `found`: the buckets of at least one word or pair."""
        bounded = self._lookup[1]
        return sum([bounded[bucket] for bucket in found]) / sqrt(len(found))

    def signs(self, found: Collection[int]) -> list[float]:
        """The figures of one message's evidence, of which `sum` is one."""
        weights, _, known = self._lookup
        values = sorted([weights[bucket] for bucket in found])
        count = len(values)
        unknown = count - sum([known[bucket] for bucket in found])
        strongest = values[-STRONGEST:]
        return [
            sum(values) / sqrt(count),
            sum(strongest) / len(strongest),
            sum(values[:STRONGEST]) / len(strongest),
            self.sum(found),
            log1p(unknown),
            unknown / count,
            log1p(count),
        ]

    @cached_property
    def _lookup(self) -> tuple[array[float], array[float], bytes]:
        """Weights, weights within bounds, and what is known: one value of a numpy array costs five times as much."""
        bounded = self.weights.clip(LEAST_EVIDENCE, MOST_EVIDENCE)
        return array("f", self.weights.tobytes()), array("f", bounded.tobytes()), self.known.tobytes()


class Buckets:
    """Where a prepared text's words and pairs are counted."""

    def __init__(self, prepared: str) -> None:
        self._tokens = [token.encode() for token in WORD.findall(prepared)]
        self._hashes = [crc32(token) for token in self._tokens]
        self.words = {number % WORD_BUCKETS for number in self._hashes}

    @cached_property
    def pairs(self) -> set[int]:
        """Those of neighbors, with marks at both ends."""
        before, behind = (_FIRST, *self._hashes), (*self._tokens, b"$")
        return {crc32(token, number) % PAIR_BUCKETS for number, token in zip(before, behind, strict=True)}


def signs(words: Evidence, pairs: Evidence, buckets: Buckets) -> Floats:
    """The signs of a message that has at least one word."""
    return np.array([*words.signs(buckets.words), *pairs.signs(buckets.pairs)], dtype=np.float32)


@dataclass(frozen=True)
class Gate:
    """Three looks, each dearer than the one before: at the words' evidence, at all signs, at all sparse features.

    A message passes where each says at least its threshold. `features` are weights by column of the vocabulary, which
    join the network's score for the third. Without a `network`, everything passes.
    """

    words: Evidence
    pairs: Evidence
    network: Network | None
    features: Floats
    thresholds: tuple[float, float, float]

    def passes(self, reading: Reading) -> bool:
        """Whether a message deserves the full engine."""
        if self.network is None:
            return True
        buckets = Buckets(reading.prepared)
        if not buckets.words or self.words.sum(buckets.words) < self.thresholds[0]:
            return False
        score = self.network.score(signs(self.words, self.pairs, buckets))
        if score < self.thresholds[1]:
            return False
        columns, values = reading.sparse
        return score + float(values @ self.features[columns]) >= self.thresholds[2]


_NO_EVIDENCE = Evidence(np.zeros(0, np.float32), np.zeros(0, bool))
OPEN_GATE = Gate(_NO_EVIDENCE, _NO_EVIDENCE, None, np.zeros(0, np.float32), (0.0, 0.0, 0.0))
"""Lets everything pass."""
