"""What a message says: its own words or those that it passes on, and whether they ask something, greet or thank."""

from __future__ import annotations

import re
from enum import StrEnum

import discord

from bot.chat.kit.text import as_text

_LETTERS = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")

_QUESTION = re.compile(
    r"""
    \?(?![\w&=]) |                                   # no part of an address
    ^\W*(?:(?:and|but|so|or|ok|okay|hm+|well|also|then|wait|hey|hi|thanks|bot)\b\W*)*
    (?:
        (?:what|how|why|when|who|whom|whose|which|where)\b |
        (?:do|does|did|don't|doesn't|should|shouldn't|shall|can|can't|could|couldn't|may|might|must|am|is|isn't|are
         |aren't|was|were|will|won't|would|wouldn't|have|has)\s+
        (?:i|we|you|he|she|they|it|that|this|these|those|there|one|a|an|the|my|our|your|his|her|their|some\w*|any\w*
         |every\w*|people|not)\b
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)

_GREETINGS = frozenset(
    ("hi", "hello", "hey", "heya", "hiya", "yo", "hallo", "greetings", "howdy", "morning", "evening", "afternoon")
)
_POLITE = _GREETINGS | {"a", "all", "bit", "bot", "everyone", "good", "oh", "please", "pls", "rsvno", "so", "there"}
_HELP = frozenset(
    (
        "help", "help me", "i need help", "need help", "can you help", "can you help me", "could you help me",
        "who are you", "what are you", "what is this", "what's this", "what can you do", "what do you do",
        "what can i ask", "what can i ask you", "what do you know", "how do you work", "how does this work",
        "how does it work", "how do i use this", "how do i use you", "how to use", "how to use this", "how to use you",
        "command", "commands", "list commands", "menu", "start", "usage", "info", "about", "manual", "test", "ping",
        "good morning", "good evening", "good afternoon", "good day", "morning", "what's up", "sup", "are you there",
        "anybody there", "are you a bot", "you there",
    )
)  # fmt: skip
_THANKS = re.compile(
    r"(?:(?:ok|okay|oh|great|cool|nice|perfect|alright|got it|good) )*"
    r"(?:many thanks|thanks?|thank you|thankyou|thx|ty|tysm|cheers)"
    r"(?: (?:you|a lot|a bunch|so much|very much|again|bot|rsvno|for (?:that|this|the (?:help|advice|answer))"
    r"|that (?:helps|helped)|(?:really|very) helpful|much|mate|friend|anyway))*"
)
MOST_WORDS = 8
"""Greetings and thanks are short."""


class Courtesy(StrEnum):
    """What is said to a bot and asks for no advice."""

    HELP = "help"
    THANKS = "thanks"


def courtesy_in(text: str) -> Courtesy | None:
    """Returns what a text is that only greets, asks what the bot is for, or thanks; None for all else."""
    found = _LETTERS.findall(_DRAWN_OUT.sub(r"\1", text[:200].casefold().replace("’", "'")))
    if not found or len(found) > MOST_WORDS:
        # a lone '?', or '!help' of other bots
        return Courtesy.HELP if text.strip() and not found and "?" in text else None
    if _THANKS.fullmatch(" ".join(found)):
        return Courtesy.THANKS
    rest = [word for word in found if word not in _POLITE]
    if not rest:
        return Courtesy.HELP if _GREETINGS & set(found) else None
    return Courtesy.HELP if " ".join(rest) in _HELP or " ".join(found) in _HELP else None


def is_question(text: str) -> bool:
    """Returns whether a text has the form of a question."""
    return _QUESTION.search(text) is not None


def text_of(message: discord.Message) -> str:
    """Returns what a message says: its words, else those of what it forwards, asks in a poll, or shows on a card."""
    if message.content.strip():
        return message.content
    forwarded = [_shown(each.content, each.embeds) for each in message.message_snapshots]
    if any(forwarded):
        return "\n".join(each for each in forwarded if each)
    if message.poll is not None and message.poll.question:
        return str(message.poll.question)
    return _shown("", message.embeds) or _displayed(message.components)


def _shown(content: str, embeds: list[discord.Embed]) -> str:
    return content.strip() or as_text(embeds).strip()


def _displayed(components: object) -> str:
    """The texts of a layout, at any depth."""
    if isinstance(components, discord.components.TextDisplay):
        return components.content
    inner = components if isinstance(components, list) else getattr(components, "children", None) or []
    return "\n".join(text for text in map(_displayed, inner) if text)
