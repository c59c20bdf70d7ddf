"""All words that people see, by key, from `languages/*.yaml`, in the language of whoever is being answered.

The locale is a context variable: it is set where an event comes in (`speak`), and holds for all that follows from it. A
language that lacks a key falls back to English. Numbers, percents, days and plurals are those of
CLDR, through Babel.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import babel
import yaml
from babel.dates import format_skeleton
from babel.numbers import format_decimal, format_percent
from discord import Locale, app_commands

DEFAULT = "en"
PLURALS = frozenset({"zero", "one", "two", "few", "many", "other"})
"""CLDR's plural categories; `other` is always there."""

Text = str | Mapping[str, str]
"""A text, or one for each plural category, chosen by the value `count`."""

_locale: ContextVar[str] = ContextVar("locale", default="en-US")


def speak(locale: Locale | None) -> None:
    """Makes all that follows from the event that came in speak `locale`'s language; None: English."""
    _locale.set(str(locale.value) if locale is not None else "en-US")


@cache
def languages() -> tuple[str, ...]:
    """Returns the languages that have a catalogue."""
    return tuple(sorted(file.name.removesuffix(".yaml") for file in (files("bot.chat") / "languages").iterdir()))


@cache
def catalogue(language: str) -> Mapping[str, Text]:
    """Returns a language's words by dotted key; an unknown language has none."""
    file = files("bot.chat") / "languages" / f"{language}.yaml"
    if not file.is_file():
        return {}
    # every scalar as the text that it is: YAML would read a bare yes, no or off as true or false
    return dict(_flat(yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader), ""))


def _flat(node: Mapping[Any, Any], prefix: str) -> Iterator[tuple[str, Text]]:
    for key, value in node.items():
        name = prefix + str(key)
        if not isinstance(value, Mapping):
            yield name, str(value)
        elif "other" in value and PLURALS.issuperset(value):
            yield name, {str(category): str(text) for category, text in value.items()}
        else:
            yield from _flat(value, f"{name}.")


def _language_of(locale: str) -> str:
    """Returns the language of ours that is nearest to a locale: `pt-BR`, else `pt`, else English."""
    return next((name for name in (locale, locale.split("-")[0]) if catalogue(name)), DEFAULT)


def babel_locale() -> babel.Locale:
    """Returns the locale by which numbers and days are written: always of the language that the words have."""
    locale = _locale.get()
    language = _language_of(locale)
    return _parsed(locale if locale.split("-")[0] == language.split("-")[0] else language)


@cache
def _parsed(locale: str) -> babel.Locale:
    try:
        return babel.Locale.parse(locale, sep="-")
    except (babel.UnknownLocaleError, ValueError):
        return babel.Locale.parse("en_US")


def words(key: str, /, **values: object) -> str:
    """Returns the words for `key`, with `{names}` filled in, in the language that is spoken now.

    A whole number is written as the language writes it, and the one named `count` chooses between plural forms. Raises
    KeyError if there are no such words.
    """
    locale = babel_locale()
    text = catalogue(_language_of(_locale.get())).get(key)
    if text is None:
        locale, text = _parsed("en-US"), catalogue(DEFAULT)[key]
    if isinstance(text, Mapping):
        count = values["count"]
        assert isinstance(count, int)
        text = text.get(locale.plural_form(count), text["other"])
    if not values:
        return text
    return text.format(
        **{
            name: format_decimal(value, locale=locale) if isinstance(value, int) else value
            for name, value in values.items()
        }
    )


def number(value: int) -> str:
    """Returns a whole number as the language writes it."""
    return str(format_decimal(value, locale=babel_locale()))


def percent(share: float | None, digits: int = 0, *, signed: bool = False) -> str:
    """Returns a share (0 to 1) in percent with so many digits after the point; `-` for None."""
    if share is None:
        return "-"
    shown = round(abs(share) if signed else share, digits + 2)
    text = str(format_percent(shown, locale=babel_locale(), decimal_quantization=False))
    return ("-" if share < 0 else "+") + text if signed else text


def day(value: date) -> str:
    """Returns a day without its year, in short."""
    return str(format_skeleton("MMMd", value, locale=babel_locale()))


def read_out(key: str, text: str) -> str | None:
    """Returns the `{name}` that the words for `key`, which have one such blank, were filled with; in any language.

    Where the words of several languages fit, those that have most in common with `text` count. None: none fit.
    """
    best: tuple[int, str] | None = None
    for language in languages():
        template = catalogue(language).get(key)
        if not isinstance(template, str):
            continue
        before, after = re.split(r"\{\w+\}", template, maxsplit=1)
        if len(text) < len(before) + len(after) or not (text.startswith(before) and text.endswith(after)):
            continue
        alike = len(before) + len(after)
        if best is None or alike > best[0]:
            best = alike, text[len(before) : len(text) - len(after)]
    return best[1] if best is not None else None


class CommandWords(app_commands.Translator):
    """Tells Discord the names and descriptions of commands, options and choices in the languages that there are."""

    async def translate(
        self, string: app_commands.locale_str, locale: Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """Returns the words of a `locale_str` whose extra `key` names them, or None where that language has none."""
        language = _language_of(str(locale.value))
        if language == DEFAULT:
            return None
        found = catalogue(language).get(str(string.extras.get("key")))
        return found if isinstance(found, str) else None


def told(key: str) -> app_commands.locale_str:
    """Returns the English words for a name or a description that Discord keeps, ready to be told in other languages."""
    return app_commands.locale_str(words(key), key=key)
