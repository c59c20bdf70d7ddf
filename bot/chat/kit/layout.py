"""Messages of Components V2: a layout that Discord takes, however long its words are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Any

import discord

from bot.chat.kit.text import UNSEEN, shorten

MOST_SHOWN = 4000
"""Characters of all texts of a message: Discord's limit, as is the next."""
MOST_COMPONENTS = 40
"""Components of a message, nested ones too."""

TEXT = 10
"""Discord's number for a component that shows text."""
_FENCE = "```"

Component = dict[str, Any]


class Layout(discord.ui.LayoutView):
    """A message of components. They are found by their custom ids, so the layout itself need not stay in memory."""

    def __init__(self, *items: discord.ui.Item[Any]) -> None:
        super().__init__(timeout=None)
        for item in items:
            self.add_item(item)

    def to_components(self) -> list[Component]:
        """Returns it as Discord reads it: all texts together cut to what a message may show, the last ones first."""
        made: list[Component] = super().to_components()  # type: ignore[no-untyped-call]
        texts = [each for each in walk(made) if each["type"] == TEXT]
        left = MOST_SHOWN
        for after, each in zip(reversed(range(len(texts))), texts, strict=True):
            # each text that follows has one character at least
            each["content"] = cut(each["content"], left - after)
            left -= len(each["content"])
        return made


def text(content: str, part: IntEnum | int | None = None) -> discord.ui.TextDisplay[Any]:
    """Returns a text; `part` is its number in the message, by which it is found again."""
    return discord.ui.TextDisplay(content if content.strip() else UNSEEN, id=None if part is None else int(part))


def row(*items: discord.ui.Item[Any]) -> discord.ui.ActionRow[Any]:
    """Returns up to five buttons, or one menu, beside each other."""
    return discord.ui.ActionRow(*items)


def line() -> discord.ui.Separator[Any]:
    """Returns a thin line."""
    return discord.ui.Separator()


def code_block(content: str, most: int) -> str:
    """Returns text in a block that a tap copies as it is, of at most so many characters, whatever it holds."""
    inner = shorten(content.replace("`", "\u02cb"), most - 2 * (len(_FENCE) + 1))
    return f"{_FENCE}\n{inner}\n{_FENCE}"


def cut(content: str, most: int) -> str:
    """Returns a text with at most so many characters; a block of code at its end stays one."""
    if len(content) <= most:
        return content
    before, fence, inside = content.removesuffix(_FENCE).rpartition(_FENCE)
    room = most - len(before) - 2 * len(_FENCE)
    if content.endswith(_FENCE) and fence and room > 4:
        return f"{before}{_FENCE}{shorten(inside.rstrip(), room - 1)}\n{_FENCE}"
    return shorten(content, most)


def walk(components: Sequence[Component]) -> Iterator[Component]:
    """Returns components as they are sent, with all that is in them, in reading order."""
    for each in components:
        yield each
        yield from walk(each.get("components") or ())
        if isinstance(each.get("accessory"), dict):
            yield each["accessory"]


def components_on(message: discord.Message | None) -> list[Component]:
    """Returns all that is on a message, in reading order; nothing for no message."""
    return list(walk([dict(each.to_dict()) for each in message.components])) if message is not None else []


def text_on(message: discord.Message | None, part: IntEnum | int) -> str:
    """Returns the text that has this number on a message, or an empty one."""
    found = (each for each in components_on(message) if each["type"] == TEXT and each.get("id") == int(part))
    return next((str(each["content"]) for each in found), "")
