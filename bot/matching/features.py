"""A text as numbers: its sentence vector, its words and character n-grams, and who did what to whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.guidance.grammar import Grammar
from bot.matching.relations import relations
from bot.matching.text import WORD, Slang, clean

Sparse = tuple[NDArray[np.int32], NDArray[np.float32]]
"""The features of one text that are not 0: column numbers and values, both of the same length."""

SHORTEST_GRAM = 3
LONGEST_GRAM = 5


def prepare(text: str, slang: Slang) -> str:
    """One message made ready for all features: see `text.clean` and `text.Slang`."""
    return slang.expand(clean(text))


def words(expanded: str) -> Iterator[str]:
    """Single words and pairs of neighbors, with marks where the message begins and ends."""
    tokens = WORD.findall(expanded)
    yield from tokens
    yield from map("{} {}".format, ("^", *tokens), (*tokens, "$"))


def grams(expanded: str) -> Iterator[str]:
    """Character n-grams inside words, which stand typos; each word is wrapped in spaces."""
    for word in expanded.split():
        wrapped = f" {word[:24]} "
        length = len(wrapped)
        for size in range(SHORTEST_GRAM, LONGEST_GRAM + 1):
            for start in range(length - size + 1):
                yield wrapped[start : start + size]


@dataclass(frozen=True)
class Block:
    """One kind of feature: how it is found, and in how many texts a feature must stand to be one.

    `weight` is the length of the block's values beside the sentence vector, which has length 1.
    """

    name: str
    find: Callable[[str], Iterable[str]]
    least: int
    weight: float


def blocks(grammar: Grammar) -> tuple[Block, ...]:
    """All kinds of features: words and pairs, character n-grams, and who did what to whom."""
    return (
        Block("words", words, 2, 0.7),
        Block("grams", grams, 3, 0.7),
        Block("relations", lambda expanded: relations(expanded, grammar), 2, 0.9),
    )


@dataclass(frozen=True)
class Vocabulary:
    """Which words, n-grams and relations are features, and what each weighs (smoothed inverse document frequency).

    The formula is that of Salton and Buckley (1988) with logarithmic term frequency and smoothing:
    (1 + ln tf) * (1 + ln((1 + n) / (1 + df))), then each block scaled to its own length.
    """

    columns: Mapping[str, tuple[int, float]]
    size: int
    blocks: tuple[Block, ...]

    @cached_property
    def ranges(self) -> Mapping[str, tuple[int, int]]:
        """The first column of each block, and the one behind its last."""
        found: dict[str, tuple[int, int]] = {}
        for block in self.blocks:
            columns = [column for name, (column, _) in self.columns.items() if name[0] == block.name[0]]
            found[block.name] = (min(columns), max(columns) + 1) if columns else (0, 0)
        return found

    def sparse(self, expanded: str) -> Sparse:
        """The features of one prepared text."""
        indices: list[int] = []
        values: list[float] = []
        columns = self.columns
        for block in self.blocks:
            prefix = block.name[0] + ":"
            start = len(values)
            square = 0.0
            for feature, count in Counter(block.find(expanded)).items():
                column = columns.get(prefix + feature)
                if column is None:
                    continue
                value = (1.0 + log(count)) * column[1] if count > 1 else column[1]
                indices.append(column[0])
                values.append(value)
                square += value * value
            if square:
                scale = block.weight / square**0.5
                values[start:] = [value * scale for value in values[start:]]
        return np.array(indices, dtype=np.int32), np.array(values, dtype=np.float32)

    def matrix(self, texts: Sequence[str]) -> Any:
        """The same for many texts: a scipy CSR matrix of shape (len(texts), size)."""
        from scipy.sparse import csr_matrix

        rows = [self.sparse(text) for text in texts]
        starts = np.concatenate([[0], np.cumsum([len(indices) for indices, _ in rows])])
        indices = np.concatenate([indices for indices, _ in rows])
        values = np.concatenate([values for _, values in rows])
        return csr_matrix((values, indices, starts), shape=(len(texts), self.size), dtype=np.float32)


def build_vocabulary(texts: Sequence[str], grammar: Grammar) -> Vocabulary:
    """The vocabulary of prepared `texts`."""
    columns: dict[str, tuple[int, float]] = {}
    kinds = blocks(grammar)
    for block in kinds:
        frequency: Counter[str] = Counter()
        for text in texts:
            frequency.update(set(block.find(text)))
        for feature, count in frequency.items():
            if count >= block.least:
                weight = 1.0 + log((1 + len(texts)) / (1 + count))
                columns[f"{block.name[0]}:{feature}"] = (len(columns), weight)
    return Vocabulary(columns, len(columns), kinds)
