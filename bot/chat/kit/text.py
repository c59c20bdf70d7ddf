"""What all features do with text: made harmless, shortened, and shown where cards may not be."""

from __future__ import annotations

import re
from collections.abc import Sequence

import discord

_ESCAPED = re.compile(r"\\([\\*_`~|>#\[\]()<:@-])")


def safe(text: str) -> str:
    """Returns what a person typed with all that Discord would format, link or mention made harmless."""
    flat = discord.utils.escape_mentions(discord.utils.escape_markdown(" ".join(text.split())))
    return flat.replace("<", "\\<").replace("://", ":\u200b//")


def read_back(text: str) -> str:
    """Returns what `safe` was given, as far as it matters for matching."""
    return _ESCAPED.sub(r"\1", text.replace("\u200b", ""))


def shorten(text: str, most: int) -> str:
    """Returns `text` with at most so many characters, cut between words."""
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0] + "…"


def as_text(cards: Sequence[discord.Embed]) -> str:
    """Returns cards as plain text of at most 2,000 characters, for channels where embeds may not be shown."""
    lines: list[str] = []
    for card in cards:
        lines += [f"**{card.title}**" if card.title else "", card.description or ""]
        lines += [f"**{field.name}**\n{field.value}" for field in card.fields]
        lines.append(f"-# {card.footer.text}" if card.footer.text else "")
    return shorten("\n".join(line for line in lines if line), 2000)
