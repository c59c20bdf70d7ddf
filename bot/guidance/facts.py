"""Facts that tell near entries apart: what to ask for instead of listing them. The files of `knowledge/facts/`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.documents.validation import NotEmpty

MAX_ASK = 150
MAX_LABEL = 80
"""Characters. Discord's limit for the label of a button."""
LEAST_ANSWERS = 2

_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
_Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_LABEL)]
_Names = Annotated[tuple[_Name, ...], NotEmpty]


class Fact(BaseModel):
    """One fact: the question that asks for it, and by each answer's label the ids of the entries that are about it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ask: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_ASK)]
    answers: Annotated[Mapping[_Label, _Names], Field(min_length=LEAST_ANSWERS)]

    @cached_property
    def answer_of(self) -> Mapping[str, str]:
        """The label that leads to an entry, by the entry's id."""
        return MappingProxyType({name: label for label, names in self.answers.items() for name in names})

    def named(self) -> Iterator[tuple[str, int, str]]:
        """Every id that is named, with the label that it stands under and its number there."""
        for label, names in self.answers.items():
            for at, name in enumerate(names):
                yield label, at, name


class FactsFile(BaseModel):
    """One file of facts as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    facts: Annotated[tuple[Fact, ...], NotEmpty]
