"""What an entry would take from the built-in ones, before it is saved; and what to know of it afterwards. In words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.advice.editing import warnings
from bot.advice.taking import Taken, takes
from bot.chat.kit.host import host_of, whole_advisor_of
from bot.chat.kit.item import Interaction
from bot.chat.kit.permissions import store_of
from bot.chat.kit.text import MOST_CONTENT, safe, shorten
from bot.chat.kit.thinking import patiently, think_long
from bot.chat.kit.words import percent, words
from bot.chat.kit.work import Crowded
from bot.guidance.models import Entry

MAX_SHOWN = 300
"""Characters of a wording or a message that a warning repeats."""
MOST_LISTED = 4
"""Built-in entries that are named of those from which an entry would take something."""


async def taken_by(
    interaction: Interaction, entries: Sequence[Entry], *, in_place: bool = False
) -> Mapping[str, tuple[Taken, ...]]:
    """Returns what each of some entries, by id, would take from the built-in ones on this server. Raises Crowded.

    `in_place`: see `patiently`.
    """
    desk, server = host_of(interaction).desk, store_of(interaction).guild_id
    advisor = await whole_advisor_of(interaction)

    async def look() -> Mapping[str, tuple[Taken, ...]]:
        encoded = await desk.guidance.try_out(server, advisor, entries)
        return await desk.work.long.submit(server, takes, advisor, entries, encoded)

    return await patiently(interaction, look(), in_place=in_place)


async def doubts(interaction: Interaction, entry: Entry, *, in_place: bool = False) -> str:
    """Returns what an entry would take, in words, or that this cannot be found out now; an empty text for nothing."""
    try:
        taken = (await taken_by(interaction, [entry], in_place=in_place))[entry.id]
    except Crowded:
        return words("guidance.untried")
    return taken_text(taken) if taken else ""


def taken_text(taken: Sequence[Taken]) -> str:
    """Returns what an entry would take, in words."""
    lines = [
        words(
            "guidance.taken_line",
            questions=", ".join(words("guidance.quoted", text=safe(shorten(each, 90))) for each in built_in.questions),
            title=safe(built_in.entry.question),
        )
        for built_in in taken[:MOST_LISTED]
    ]
    if len(taken) > MOST_LISTED:
        lines.append(words("guidance.taken_more", count=len(taken) - MOST_LISTED))
    return shorten("\n".join([words("guidance.taken"), *lines, words("guidance.taken_hint")]), MOST_CONTENT)


async def warning_lines(interaction: Interaction, entry: Entry) -> list[str]:
    """Returns what whoever saved an entry should know, as lines."""
    try:
        found = await think_long(interaction, warnings, await whole_advisor_of(interaction), entry)
    except Crowded:
        # it is saved: that is what matters
        return []
    lines: list[str] = []
    if found.answered_by is not None:
        other, wording = found.answered_by
        shown = shorten(safe(wording), MAX_SHOWN)
        lines.append(words("guidance.warn_answered", wording=shown, question=safe(other.question)))
    if found.width is not None:
        share, example = found.width
        lines.append(words("guidance.warn_wide", percent=percent(share, 1), example=shorten(safe(example), MAX_SHOWN)))
    return lines
