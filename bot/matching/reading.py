"""A text read once: what every room needs of it, made when first needed and never again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

from bot.matching.encoder.encoder import Encoder, Vectors
from bot.matching.features import Sparse, Vocabulary, prepare
from bot.matching.text import Slang, is_foreign

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")

Value = TypeVar("Value")


class made_once(Generic[Value]):
    """A property that is made when first needed and then kept.

    Unlike `functools.cached_property`, which until Python 3.12 makes one thread wait while another makes the same
    property of *any* object, it has no lock: two texts are encoded at the same time.
    """

    def __init__(self, make: Callable[[Any], Value]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, reading: None, owner: type | None = None) -> made_once[Value]: ...
    @overload
    def __get__(self, reading: object, owner: type | None = None) -> Value: ...
    def __get__(self, reading: object | None, owner: type | None = None) -> made_once[Value] | Value:
        if reading is None:
            return self
        # found there from now on, before this is asked
        value = reading.__dict__[self._name] = self._make(reading)
        return value


class Reading:
    """One text as the matcher sees it. Made by `Reader.read` or `Reader.known`."""

    def __init__(self, text: str, reader: Reader) -> None:
        self.text = text
        self._reader = reader

    @made_once
    def prepared(self) -> str:
        """The text in lower case, without markup, with chat words written out. Empty when it holds no words."""
        return prepare(self.text, self._reader.slang)

    @made_once
    def vector(self) -> Vectors:
        """The sentence vector: shape (d,), float32, of length 1; all zeros when there is nothing to read."""
        return self._reader.encoder.encode(self.prepared)

    @made_once
    def sparse(self) -> Sparse:
        """The words, n-grams and relations that the base's vocabulary knows."""
        return self._reader.vocabulary.sparse(self.prepared)

    @made_once
    def parts(self) -> tuple[Reading, ...]:
        """The sentences of a longer text, each a text of its own; none of a text that is one sentence."""
        sentences = [sentence for sentence in _SENTENCE_END.split(self.prepared) if sentence]
        return tuple(map(self._reader.read, sentences)) if len(sentences) > 1 else ()

    @made_once
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
