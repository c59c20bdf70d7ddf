"""How a language tells who did what to whom: the words and patterns of `knowledge/words/grammar.yaml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


def _split(value: object) -> object:
    return frozenset(value.lower().split()) if isinstance(value, str) else value


def _compilable(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    return value


Words = Annotated[frozenset[str], BeforeValidator(_split)]
"""Words as they are written in one text, separated by spaces."""
Pattern = Annotated[str, AfterValidator(_compilable)]


class Grammar(BaseModel):
    """Words by what they tell. An empty grammar finds nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    deeds: Mapping[str, Words] = Field(default_factory=dict)
    asker: Words = frozenset()
    others: Words = frozenset()
    to_asker: Words = frozenset()
    to_others: Words = frozenset()
    negations: Words = frozenset()
    passive: Words = frozenset()
    things: Words = frozenset()
    asker_owns: Words = frozenset()
    others_own: Words = frozenset()
    forms: Mapping[str, Pattern] = Field(default_factory=dict)

    @cached_property
    def deed_of(self) -> Mapping[str, str]:
        """The kind of deed of each form of a verb; where a form stands under two kinds, the later one's."""
        return MappingProxyType({word: deed for deed, words in self.deeds.items() for word in words})

    @cached_property
    def compiled_forms(self) -> tuple[tuple[str, re.Pattern[str]], ...]:
        """The patterns of `forms`, ready to search, each with its name."""
        return tuple((name, re.compile(pattern)) for name, pattern in self.forms.items())
