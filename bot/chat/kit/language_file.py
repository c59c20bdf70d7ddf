"""What a language's file may hold: the keys and the blanks of the English one."""

from __future__ import annotations

import string
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

from bot.chat.kit.words import DEFAULT, PLURALS, Text, catalogue
from bot.documents.validation import mistake


@cache
def language_model() -> type[BaseModel]:
    """The model of a language's file. Each key is one of English's, and may be left out: English is shown then.

    A text fills no other blanks than English does. Where there is a {count}, it may be one for each plural category.
    """
    tree: dict[str, Any] = {}
    for key, text in catalogue(DEFAULT).items():
        *sections, name = key.split(".")
        node = tree
        for section in sections:
            node = node.setdefault(section, {})
        node[name] = text
    return _section("Language", tree)


def _section(name: str, node: Mapping[str, Any]) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    for key, value in node.items():
        is_text = isinstance(value, str) or PLURALS.issuperset(value)
        kind = Annotated[Any, AfterValidator(_Words(value))] if is_text else _section(key, value)
        fields[f"field_{key}"] = (kind, Field(default=None, alias=key))
    return create_model(name, __config__=ConfigDict(extra="forbid"), **fields)


class _Words:
    """Checks one text, or one for each plural category, against the English one."""

    def __init__(self, english: Text) -> None:
        texts = [english] if isinstance(english, str) else list(english.values())
        blanks = {blank for text in texts for blank in _blanks_in(text)}
        self._blanks = sorted(blanks if isinstance(english, str) else {*blanks, "count"})

    def __call__(self, value: object) -> object:
        texts = value if isinstance(value, dict) else {"other": value}
        if isinstance(value, dict) and "count" not in self._blanks:
            raise mistake("no_plural")
        for category, text in texts.items():
            if category not in PLURALS:
                raise mistake("unknown_plural", value=category, known=sorted(PLURALS))
            self._check(text)
        if "other" not in texts:
            raise mistake("no_other")
        return value

    def _check(self, text: object) -> None:
        if not isinstance(text, str):
            raise mistake("no_text")
        try:
            blanks = _blanks_in(text)
        except ValueError:
            raise mistake("lonely_brace") from None
        for blank in sorted(blanks - set(self._blanks)):
            raise mistake("unknown_blank", value=f"{{{blank}}}", known=self._blanks or ["none"])


def _blanks_in(text: str) -> set[str]:
    return {blank for _, blank, _, _ in string.Formatter().parse(text) if blank is not None}
