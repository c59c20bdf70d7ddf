"""A text read once: what every room needs of it, made when first needed and never again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from bot.matching.encoder.encoder import Encoder, Vectors
from bot.matching.features import Sparse, Vocabulary, prepare
from bot.matching.text import Slang, is_foreign

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
PART = 2
"""Sentences of a part."""
MOST_PARTS = 20


class Reading:
    """One text as the matcher sees it. Made by `Reader.read` or `Reader.known`."""

    def __init__(self, text: str, reader: Reader) -> None:
        self.text = text
        self._reader = reader

    @cached_property
    def prepared(self) -> str:
        """The text in lower case, without markup, with chat words written out. Empty when it holds no words."""
        return prepare(self.text, self._reader.slang)

    @cached_property
    def vector(self) -> Vectors:
        """The sentence vector: shape (d,), float32, of length 1; all zeros when there is nothing to read."""
        return self._reader.encoder.encode(self.prepared)

    @cached_property
    def sparse(self) -> Sparse:
        """The words, n-grams and relations that the base's vocabulary knows."""
        return self._reader.vocabulary.sparse(self.prepared)

    @cached_property
    def parts(self) -> tuple[Reading, ...]:
        """Neighboring sentences of a longer text, two by two; none of a text of at most two sentences."""
        sentences = [sentence for sentence in _SENTENCE_END.split(self.prepared) if sentence]
        if len(sentences) <= PART:
            return ()
        pairs = range(min(len(sentences) - PART + 1, MOST_PARTS))
        return tuple(self._reader.read(" ".join(sentences[at : at + PART])) for at in pairs)

    @cached_property
    def is_readable(self) -> bool:
        """Whether there is anything in the text that the encoder was trained to read. Costs the encoding."""
        return bool(self.prepared) and not is_foreign(self.prepared) and bool(self.vector.any())


@dataclass(frozen=True)
class Reader:
    """What it takes to read a text."""

    slang: Slang
    encoder: Encoder
    vocabulary: Vocabulary

    def read(self, text: str) -> Reading:
        """Any text, read."""
        return Reading(text, self)

    def known(self, prepared: str, vector: Vectors) -> Reading:
        """A text that was prepared and encoded before."""
        reading = Reading(prepared, self)
        reading.prepared = prepared
        reading.vector = vector
        return reading
