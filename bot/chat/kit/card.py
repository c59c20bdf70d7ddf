"""What the cards of all features have in common: their colours, a verdict's sign and words, a card of plain words."""

from __future__ import annotations

import discord

from bot.chat.kit.words import words
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


def plain(title: str, text: str, color: int = QUIET_COLOR) -> discord.Embed:
    """Returns a simple card."""
    return discord.Embed(title=title, description=text, color=color)
