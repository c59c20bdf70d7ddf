"""Buttons and menus of advice: what they hold, and how they look. What a press does is in `presses.py`, `topics.py`.

All that an answer's card needs to be drawn again is in their custom ids; see `shown.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import Annotated, Any

import discord

from bot.chat.kit.card import headline
from bot.chat.kit.custom_id import EntryId, Person
from bot.chat.kit.item import Button, Menu, Retired
from bot.chat.kit.words import number, words
from bot.guidance.models import Entry, Tone

NO_ENTRY = "-"
"""Stands for no entry in a custom id."""

Topic = Annotated[str, r"\w{1,40}"]
PageNumber = Annotated[int, r"\d{1,2}"]
Letters = Annotated[str, r"[a-z]{0,9}"]
"""What else is true of a card: see `shown.Mark`."""
Count = Annotated[int, r"\d{1,3}"]


class Choice(StrEnum):
    """What can be chosen from an answer's menu."""

    WHY = "why"
    NO_WHY = "no_why"
    SHARE = "share"
    OTHER = "other"
    REPORT = "report"


SIGNS: Mapping[Choice, str] = {
    Choice.WHY: "❔",
    Choice.NO_WHY: "❔",
    Choice.SHARE: "📣",
    Choice.OTHER: "🔀",
    Choice.REPORT: "🚩",
}

# ---------------------------------------------------------------- of an answer


class Say(Button, name="say"):
    """How the words to send sound."""

    entry: EntryId
    tone: Tone
    shown: bool = field(kw_only=True)

    def draw(self) -> discord.ui.Button[Any]:
        style = discord.ButtonStyle.primary if self.shown else discord.ButtonStyle.secondary
        return discord.ui.Button(label=words(f"tone.{self.tone}").capitalize(), style=style)


class Next(Button, name="next"):
    """What people ask next."""

    entry: EntryId
    label: str = field(kw_only=True)

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=self.label)


class Back(Button, name="back"):
    """Back to the answer that stood there before."""

    entry: EntryId
    tone: Tone
    marks: Letters

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("button.back"), emoji="◀️")


class _Judge(Button):
    """What a person thinks of an answer. `count`: how many think so, where others see the card; else 0."""

    entry: EntryId
    count: int = field(kw_only=True)

    def _drawn(self, label: str, emoji: str, pressed: discord.ButtonStyle) -> discord.ui.Button[Any]:
        label = f"{label} · {number(self.count)}" if self.count else label
        style = pressed if self.count else discord.ButtonStyle.secondary
        return discord.ui.Button(label=label, emoji=emoji, style=style)


class Helpful(_Judge, name="helpful:1"):
    """Helpful."""

    def draw(self) -> discord.ui.Button[Any]:
        return self._drawn(words("button.helpful"), "👍", discord.ButtonStyle.success)


class NotHelpful(_Judge, name="helpful:0"):
    """Not helpful: where the inbox is on, the question is kept for the server's editors."""

    def draw(self) -> discord.ui.Button[Any]:
        return self._drawn(words("button.unhelpful"), "👎", discord.ButtonStyle.primary)


class Undo(Button, name="undo"):
    """Thanks for a judgement, and takes it back."""

    entry: EntryId
    thanks: str = field(kw_only=True)
    emoji: str = field(kw_only=True)
    style: discord.ButtonStyle = field(kw_only=True)

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=self.thanks, emoji=self.emoji, style=self.style)


class More(Menu, name="more"):
    """Everything else that can be done with an answer. Its state is the card's: see `shown.py`."""

    entry: EntryId
    tone: Tone
    marks: Letters
    helpful: Count
    unhelpful: Count
    choices: Sequence[Choice] = field(kw_only=True)

    def draw(self) -> discord.ui.Select[Any]:
        options = [
            discord.SelectOption(
                label=words(f"more.{choice}"), value=choice, emoji=SIGNS[choice],
                description=words(f"more.{choice}_hint") if choice is not Choice.NO_WHY else None,
            )
            for choice in self.choices
        ]  # fmt: skip
        return discord.ui.Select(placeholder=" · ".join(option.label for option in options), options=options)


class Remove(Button, name="remove"):
    """Takes a public answer away: for the asker, and for who may manage messages."""

    asker: Person

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("button.remove"), emoji="🗑️")


class Frightened(Button, name="frightened"):
    """'Does this frighten you?': what to do in danger, and where help is."""

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("worry.button"), emoji="🫂")


# ------------------------------------------------------- of choices, and of none


class Choose(Button, name="choose"):
    """One of the questions that may have been meant, or one answer to the fact that tells them apart."""

    asker: Person
    entry: EntryId
    label: str = field(kw_only=True)

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=self.label, style=discord.ButtonStyle.primary)


class Neither(Button, name="neither"):
    """No answer to the fact is right: lists what is near but for the entries that the answers lead to."""

    besides: EntryId

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("button.neither"))


class BrowseTopics(Button, name="topics"):
    """Opens the list of topics."""

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("button.topics"), emoji="📚")


# --------------------------------------------------------------------- of topics


class TopicMenu(Menu, name="topic"):
    """Chooses a topic."""

    titles: Mapping[str, str] = field(kw_only=True)

    def draw(self) -> discord.ui.Select[Any]:
        options = [discord.SelectOption(label=title, value=topic) for topic, title in self.titles.items()]
        return discord.ui.Select(placeholder=words("topics.menu"), options=options)


class EntryMenu(Menu, name="entries"):
    """Chooses one question of a topic."""

    topic: Topic
    entries: Sequence[Entry] = field(kw_only=True)

    def draw(self) -> discord.ui.Select[Any]:
        options = [
            discord.SelectOption(label=entry.question, value=entry.id, description=headline(entry))
            for entry in self.entries
        ]
        return discord.ui.Select(placeholder=words("topics.entries"), options=options)


class TopicPage(Button, name="page"):
    """Another page of a topic's questions."""

    topic: Topic
    page: PageNumber

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("button.more"))


class BackToTopics(Button, name="page::0"):
    """Back to the topics."""

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("button.all_topics"), emoji="📚")


# -------------------------------------------------- of cards of earlier versions


class ToneMenu(Retired[discord.ui.Select[Any]], name="tone"):
    """Chose how the words to send should sound."""

    entry: EntryId


class Share(Retired[discord.ui.Button[Any]], name="share"):
    """Showed an answer to the whole channel, without the question that led to it."""

    entry: EntryId
    tone: Tone


class Other(Retired[discord.ui.Button[Any]], name="other"):
    """'Not my question': offered other answers."""

    entry: EntryId


def choices_of(*, private: bool, danger: bool, why: bool | None, shared: bool, reported: bool) -> Collection[Choice]:
    """Returns what can be chosen from an answer's menu. `why`: whether the reason is shown; None: there is none."""
    offered = {
        Choice.WHY: why is False and not danger,
        Choice.NO_WHY: why is True and not danger,
        Choice.SHARE: private and not danger and not shared,
        Choice.OTHER: True,
        Choice.REPORT: not reported,
    }
    return [choice for choice, there in offered.items() if there]
