"""All words that people see, by key, from `languages/*.yaml`. A language that lacks a key falls back to English."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from discord import Locale, app_commands

DEFAULT = "en"


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Returns a language's words by dotted key; an unknown language has none."""
    file = files("bot.chat") / "languages" / f"{language}.yaml"
    if not file.is_file():
        return {}
    # every scalar as the text that it is: YAML would read a bare yes, no or off as true or false
    return dict(_flat(yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader), ""))


def _flat(node: Mapping[Any, Any], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in node.items():
        name = prefix + str(key)
        found += _flat(value, f"{name}.") if isinstance(value, Mapping) else [(name, str(value))]
    return found


def words(key: str, /, locale: Locale | None = None, **values: object) -> str:
    """Returns the words for `key` in the language of `locale`, with `{names}` filled in. KeyError: no such words."""
    language = str(locale.value).split("-")[0] if locale is not None else DEFAULT
    text = catalogue(language).get(key)
    if text is None:
        text = catalogue(DEFAULT)[key]
    return text.format(**values) if values else text


class CommandWords(app_commands.Translator):
    """Tells Discord the commands' descriptions in the languages that there are."""

    async def translate(
        self, string: app_commands.locale_str, locale: Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """Returns the words of a `locale_str` whose extra `key` names them, or None where that language has none."""
        key = string.extras.get("key")
        language = str(locale.value).split("-")[0]
        if key is None or language == DEFAULT:
            return None
        return catalogue(language).get(str(key))


def described(key: str) -> app_commands.locale_str:
    """Returns the English description of a command or an option, ready to be told in other languages."""
    return app_commands.locale_str(words(key), key=key)
