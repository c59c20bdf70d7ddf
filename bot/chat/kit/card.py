"""What the cards of all features have in common: that Discord takes them, their colours, a verdict's sign and words."""

from __future__ import annotations

from typing import Any

import discord

from bot.chat.kit.text import UNSEEN, shorten
from bot.chat.kit.words import words
from bot.documents.plain_text import printable
from bot.guidance.models import Entry, Verdict

COLORS = {
    Verdict.YES: 0x2E8B57,
    Verdict.NO: 0xC0392B,
    Verdict.NO_OBLIGATION: 0x2A9DB5,
    Verdict.DEPENDS: 0xD9A400,
    Verdict.HOW_TO: 0x4C6EF5,
}
SAFETY_COLOR = 0xB00020
QUIET_COLOR = 0x8A8F98
COLOR = COLORS[Verdict.HOW_TO]
"""Of cards that are about the bot itself."""

MOST_TITLE = 256
"""Characters of a card's title, of its author, and of a field's name. These are Discord's limits, as are the next."""
MOST_TEXT = 4096
MOST_FIELD = 1024
MOST_FOOTER = 2048
MOST_FIELDS = 25
MOST_ASKED = 200
"""Of a question that a card repeats."""
MOST_CARD = 6000
"""Characters of all the words on a card."""

SIGNS = {
    Verdict.YES: "✔",
    Verdict.NO: "✘",
    Verdict.NO_OBLIGATION: "○",
    Verdict.DEPENDS: "◐",
    Verdict.HOW_TO: "➜",
}
SAFETY_SIGN = "▲"


def sign(entry: Entry) -> str:
    """Returns an entry's verdict as one character."""
    return SAFETY_SIGN if entry.safety else SIGNS[entry.verdict]


def verdict_words(verdict: Verdict) -> str:
    """Returns a verdict as sign and words."""
    return f"{SIGNS[verdict]} {words(f'verdict.{verdict}')}"


def headline(entry: Entry) -> str:
    """Returns an entry's verdict as sign and words; danger goes before it."""
    return f"{SAFETY_SIGN} {words('verdict.safety')}" if entry.safety else verdict_words(entry.verdict)


class Card(discord.Embed):
    """An embed that Discord takes, however long its words are: what is too much is left out when it is sent."""

    def to_dict(self) -> Any:
        """Returns it as Discord reads it: each part cut to its limit, and of all of them the last fields left out."""
        made: dict[str, Any] = dict(super().to_dict())
        left = MOST_CARD

        def fitted(text: str, most: int) -> str:
            nonlocal left
            kept = shorten(text, min(most, left))
            left -= len(kept)
            return kept

        for key, most in (("title", MOST_TITLE), ("description", MOST_TEXT)):
            if key in made:
                made[key] = fitted(made[key], most)
        for key, part, most in (("author", "name", MOST_TITLE), ("footer", "text", MOST_FOOTER)):
            if (made.get(key) or {}).get(part):
                made[key] = {**made[key], part: fitted(made[key][part], most)}
        fields: list[dict[str, Any]] = []
        for field in made.get("fields", [])[:MOST_FIELDS]:
            if left < 2:
                break
            head = fitted(field["name"] if field["name"].strip() else UNSEEN, min(MOST_TITLE, left - 1))
            value = fitted(field["value"] if field["value"].strip() else UNSEEN, MOST_FIELD)
            # what a cut leaves may be nothing to see
            fields.append({**field, "name": head if head.strip() else UNSEEN, "value": value})
        if "fields" in made:
            made["fields"] = fields
        return made


def add_question(card: discord.Embed, asked: str) -> None:
    """Repeats at a card's top what was asked: as typed, for Discord formats nothing there."""
    card.set_author(name=words("card.asked", question=shorten(printable(asked), MOST_ASKED)))


def plain(title: str, text: str, color: int = QUIET_COLOR) -> Card:
    """Returns a simple card."""
    return Card(title=title, description=text, color=color)
