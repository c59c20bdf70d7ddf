"""The base of every button and menu: it declares its state once, and is found by its custom id after a restart too.

    class Share(Button, name="share"):
        entry: EntryId
        tone: Tone

        def draw(self) -> discord.ui.Button[Any]:
            return discord.ui.Button(label=words("button.share"))

        async def act(self, interaction: Interaction) -> None: ...

`Share("no-debt", Tone.WARM)` has the custom id `rsvno:share:no-debt:warm`. Its template, how it is read again, and that
it is registered, all follow from the declaration. Where what a press does draws cards that hold the item itself, it is
written apart, below the cards, and joined to the item there:

    @Share.pressed
    async def share(item: Share, interaction: Interaction) -> None: ...
"""

from __future__ import annotations

import dataclasses
import re
from abc import abstractmethod
from collections.abc import Awaitable, Callable
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Generic,
    Self,
    TypeVar,
    cast,
    dataclass_transform,
)

import discord

from bot.chat.kit.custom_id import IdShape
from bot.chat.kit.errors import NotPermitted, answer_error, fresh
from bot.chat.kit.host import host_of
from bot.chat.kit.words import speak

Interaction = discord.Interaction[Any]
Component = TypeVar("Component", bound=discord.ui.Item[Any])
Permission = Callable[[Interaction], Awaitable[bool]]
Press = Callable[[Any, Interaction], Awaitable[None]]

NOTHING = r"(?!)"
"""A template that fits no id: of bases."""

_REGISTERED: dict[str, type[Item[Any]]] = {}


@dataclass_transform(eq_default=False, field_specifiers=(dataclasses.field,))
class Item(discord.ui.DynamicItem[Component], Generic[Component], template=NOTHING):
    """What can be pressed or chosen from.

    A subclass is a dataclass. With a `name` it is registered under the custom id `rsvno:NAME` and its fields, in their
    order, each after a colon: an enum of texts, or text and numbers annotated with a pattern. Fields that are
    `field(kw_only=True)` are not in the id: they are there only when it is drawn. `permission` says who may use it.

    A press that comes too late for Discord is dropped, and what goes wrong is told as for commands.
    """

    _ids: ClassVar[IdShape] = IdShape()
    _permission: ClassVar[Permission | None] = None
    _press: ClassVar[Press | None] = None

    def __init_subclass__(cls, *, name: str = "", permission: Permission | None = None, template: str = "") -> None:
        if template:
            super().__init_subclass__(template=template)
            return
        cls._ids = IdShape.declared_by(cls, cls._ids, name)
        if permission is not None:
            cls._permission = permission
        if not name:
            super().__init_subclass__(template=NOTHING)
            return
        if name in _REGISTERED:
            raise TypeError(f"{cls.__name__}: the name {name!r} is taken by {_REGISTERED[name].__name__}")
        super().__init_subclass__(template=cls._ids.template)
        _REGISTERED[name] = cls

    if TYPE_CHECKING:
        # a checker makes none for a dataclass without fields, and would take the library's own
        def __init__(self) -> None: ...

    def __post_init__(self) -> None:
        component = self.draw()
        # every component that can be pressed has one
        component.custom_id = self._ids.write(self)  # type: ignore[attr-defined]
        discord.ui.DynamicItem.__init__(self, component)

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: re.Match[str], /) -> Self:
        """Returns what was pressed, around the component that the message holds: it need not be drawn again."""
        found = cls.__new__(cls)
        cls._ids.read(match, found)
        discord.ui.DynamicItem.__init__(found, item)
        return found

    @abstractmethod
    def draw(self) -> Component:
        """Returns the component as people see it, without its custom id."""

    @classmethod
    def pressed(
        cls, press: Callable[[Self, Interaction], Awaitable[None]]
    ) -> Callable[[Self, Interaction], Awaitable[None]]:
        """Makes `press` what using this does."""
        cls._press = press
        return press

    async def act(self, interaction: Interaction) -> None:
        """Does what was asked for."""
        press = type(self)._press
        if press is None:
            raise NotImplementedError(f"nothing is joined to {type(self).__name__}")
        await press(self, interaction)

    async def callback(self, interaction: Interaction) -> None:
        """Called by discord.py."""
        if not fresh(interaction):
            return
        speak(interaction.locale)
        permission = type(self)._permission
        with host_of(interaction).in_flight():
            try:
                host_of(interaction).limits.presses.check(interaction.user.id)
                if permission is not None and not await permission(interaction):
                    raise NotPermitted
                await self.act(interaction)
            except Exception as error:
                await answer_error(interaction, error)

    @staticmethod
    def registered() -> tuple[type[Item[Any]], ...]:
        """Returns all that has a name, of all modules that were imported."""
        return tuple(_REGISTERED.values())


class Button(Item[discord.ui.Button[Any]]):
    """What can be pressed."""


class Menu(Item[discord.ui.Select[Any]]):
    """What can be chosen from."""


class ChannelMenu(Item[discord.ui.ChannelSelect[Any]]):
    """What channels can be chosen from."""


class RoleMenu(Item[discord.ui.RoleSelect[Any]]):
    """What roles can be chosen from."""


def chosen(interaction: Interaction) -> list[str]:
    """Returns the values, or the ids, that were chosen from a menu."""
    return [str(value) for value in cast("dict[str, Any]", interaction.data)["values"]]


class Retired(Item[Component], Generic[Component]):
    """What stands under cards of earlier versions only: it is never drawn again, and still does what it did."""

    def draw(self) -> Component:
        raise NotImplementedError(f"{type(self).__name__} is no longer drawn")


class View(discord.ui.View):
    """Items under a message. They are found by their custom ids, so the view itself need not stay in memory."""

    def __init__(self, *items: Item[Any]) -> None:
        super().__init__(timeout=None)
        for item in items:
            self.add_item(item)
