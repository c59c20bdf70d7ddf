"""What all features do with text: made harmless, shortened, and shown where cards may not be."""

from __future__ import annotations

import re
from collections.abc import Sequence

import discord

from bot.documents.plain_text import printable

MOST_CONTENT = 2000
"""Characters of a message: Discord's limit."""

_MARKS = re.compile(r"[\\*_`~|\[\]<]")
"""What formats, links or mentions wherever it stands: without its brackets no link has a name."""
_FIRST_MARK = re.compile(r"(?:#{1,3}|>{1,3}|-#?|\+) ")
"""What formats a line that begins with it."""
_LINK = re.compile(r"://|\.(?=\w{1,20}/)")
"""What makes words a link (`://`) or an invite to a server (`.gg/`)."""
_ESCAPED = re.compile(r"\\([\\*_`~|>#\[\]()<:@+-])")
UNSEEN = "\u200b"
"""Is not seen, and keeps apart what stands on its sides."""


def safe(text: str) -> str:
    """Returns what a person typed, in one line, with all that Discord would format, link or mention made harmless.

    In time that grows with the text's length alone, and at most twice as long. discord.py's own `escape_markdown` looks
    for the end of a link from each of its possible beginnings: cubic.
    """
    flat = printable(text)
    first = "\\" if _FIRST_MARK.match(flat) else ""
    marked = _MARKS.sub(r"\\\g<0>", flat).replace("@", f"@{UNSEEN}")
    return first + _LINK.sub(lambda found: f"{found[0][0]}{UNSEEN}{found[0][1:]}", marked)


def read_back(text: str) -> str:
    """Returns what `safe` was given, as far as it matters for matching."""
    return _ESCAPED.sub(r"\1", text.replace(UNSEEN, ""))


def shorten(text: str, most: int) -> str:
    """Returns `text` with at most so many characters, cut between words.

    To be used after `safe`, which makes a text longer: what it escaped is not cut in two.
    """
    if len(text) <= most:
        return text
    kept = text[: most - 1].rsplit(" ", 1)[0]
    loose = len(kept) - len(kept.rstrip("\\"))
    return (kept[:-1] if loose % 2 else kept) + "…"


def as_text(cards: Sequence[discord.Embed]) -> str:
    """Returns cards as plain text of at most 2,000 characters, for channels where embeds may not be shown."""
    lines: list[str] = []
    for card in cards:
        lines += [f"**{card.title}**" if card.title else "", card.description or ""]
        lines += [f"**{field.name}**\n{field.value}" for field in card.fields]
        lines.append(f"-# {card.footer.text}" if card.footer.text else "")
    return shorten("\n".join(line for line in lines if line), MOST_CONTENT)
