"""What an answer's card shows: held in the custom ids that are on it, and read from there when something is pressed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from typing import Any

import discord

from bot.chat.advice.buttons import Back, Choose, More, Other, Remove, Share, ToneMenu
from bot.chat.kit.desk import Judgement
from bot.chat.kit.item import Item
from bot.chat.kit.layout import TEXT, components_on, text_on
from bot.chat.kit.text import read_back, safe, shorten
from bot.chat.kit.words import read_out, words
from bot.documents.plain_text import printable
from bot.guidance.models import Tone

MAX_ASKED = 200
"""Characters of a question that a card repeats; it is there so that 'not my question' still knows it."""
MOST_COUNT = 999
"""So many judgements does a card show."""


class Part(IntEnum):
    """The numbers of a card's texts, by which they are found on a message."""

    ABOVE = 1001
    """Above the card: who shared it, or why we speak unasked."""
    HEADING = 1002
    ADVICE = 1003
    NOTE = 1004
    ADAPTED = 1005
    HELP = 1006
    WORRY = 1007
    WORDS = 1008
    NEXT = 1009
    WHY = 1010


_ASKED = 1_000_000
"""The number of the question on a card begins here: what is added says how much stands before it, and behind."""
_BEFORE = 1000
_HERE = "\ufffc"


class Mark(StrEnum):
    """What else is true of a card."""

    WORDS_FIRST = "w"
    """The words to send stand before the advice: `/decline`."""
    WHY = "y"
    SHARED = "s"
    TOPICS = "t"
    """It was found by browsing, and leads back there."""
    WORRY = "f"
    """Perhaps it is about danger."""
    DIRECT = "d"
    """It stays, in a direct message, where one person sees it."""
    HELPFUL = "h"
    UNHELPFUL = "u"
    REPORTED = "r"
    """These three: how the one person who sees it judged it."""


_JUDGED = {
    Judgement.HELPFUL: Mark.HELPFUL, Judgement.UNHELPFUL: Mark.UNHELPFUL, Judgement.REPORTED: Mark.REPORTED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """What an answer's card shows of an entry.

    `asker` is who may remove it; None: it is private, and goes by itself. `helpful` and `unhelpful` are how many judged
    it, where others see it, too.
    """

    entry: str
    tone: Tone = Tone.WARM
    marks: frozenset[Mark] = frozenset()
    helpful: int = 0
    unhelpful: int = 0
    back: Shown | None = None
    asker: int | None = None

    @property
    def letters(self) -> str:
        """The marks as they stand in a custom id."""
        return "".join(sorted(self.marks))

    @property
    def is_for_all(self) -> bool:
        """Whether others see it, too."""
        return self.asker is not None and Mark.DIRECT not in self.marks

    @property
    def judgement(self) -> Judgement | None:
        """How the one person who sees it judged it."""
        return next((judgement for judgement, mark in _JUDGED.items() if mark in self.marks), None)

    def marked(self, mark: Mark, *, there: bool = True) -> Shown:
        """Returns the same with a mark, or without it."""
        return replace(self, marks=self.marks | {mark} if there else self.marks - {mark})

    def judged(self, judgement: Judgement | None) -> Shown:
        """Returns the same as its one reader judges it."""
        judged = {_JUDGED[judgement]} if judgement is not None else set()
        return replace(self, marks=self.marks.difference(_JUDGED.values()) | judged)


def shown_on(message: discord.Message | None) -> Shown | None:
    """Returns what the card on a message shows, also on one of an earlier version; None if it holds no answer."""
    held: dict[type[Item[Any]], Mapping[str, str]] = {}
    for each in components_on(message):
        for kind in (More, Back, Share, Other, ToneMenu):
            match = kind.__discord_ui_compiled_template__.fullmatch(str(each.get("custom_id", "")))
            if match is not None:
                held.setdefault(kind, match.groupdict())
    asker = remover_on(message)
    if More not in held:
        old = next((held[kind] for kind in (Share, Other, ToneMenu) if kind in held), None)
        return Shown(old["entry"], Tone(old.get("tone", Tone.WARM)), asker=asker) if old is not None else None
    back = _read(held[Back]) if Back in held else None
    state = held[More]
    helpful, unhelpful = int(state["helpful"]), int(state["unhelpful"])
    return replace(_read(state), helpful=helpful, unhelpful=unhelpful, back=back, asker=asker)


def _read(state: Mapping[str, str]) -> Shown:
    return Shown(state["entry"], Tone(state["tone"]), marks_of(state["marks"]))


def marks_of(letters: str) -> frozenset[Mark]:
    """Returns the marks that stand in a custom id."""
    return frozenset(mark for mark in Mark if mark in letters)


def remover_on(message: discord.Message | None) -> int | None:
    """Returns who may remove a message, as far as that stands on it."""
    ids = (str(each.get("custom_id", "")) for each in components_on(message))
    found = (Remove.__discord_ui_compiled_template__.fullmatch(custom_id) for custom_id in ids)
    return next((int(match["asker"]) for match in found if match is not None), None)


def offered_on(message: discord.Message | None) -> set[str]:
    """Returns the ids of the entries that the choices on a message lead to."""
    ids = [str(each.get("custom_id", "")) for each in components_on(message)]
    found = [Choose.__discord_ui_compiled_template__.fullmatch(custom_id) for custom_id in ids]
    return {match["entry"] for match in found if match is not None}


# ----------------------------------------------------------------- what was asked


def asked_line(question: str, *, others: bool = False) -> tuple[str, int]:
    """Returns the small line that repeats a question, and the number by which it is found and read again.

    The number says where in the line the question stands, so that it is read in whatever language the line is.
    `others`: somebody else asked it.
    """
    before, after = f"-# {words('card.was_asked' if others else 'card.asked', question=_HERE)}".split(_HERE)
    return f"{before}{safe(shorten(printable(question), MAX_ASKED))}{after}", _ASKED + len(before) * _BEFORE + len(
        after
    )


def asked_on(message: discord.Message | None) -> str:
    """Returns the question that a card repeats, or an empty text."""
    if message is None:
        return ""
    for each in components_on(message):
        place = (each.get("id") or 0) - _ASKED
        if each["type"] == TEXT and place >= 0:
            before, after = divmod(place, _BEFORE)
            return read_back(str(each["content"])[before:][: -after or None])
    # cards of earlier versions hold it in words
    author = message.embeds[0].author.name if message.embeds else None
    return read_back(read_out("card.asked", author or "") or "")


def above_on(message: discord.Message | None) -> str:
    """Returns the line above a card, as it stands there; of a card of an earlier version, the message's words."""
    return text_on(message, Part.ABOVE) or (message.content if message is not None else "")
