"""The base of every form: it declares its state once, as an item does, and is found by its custom id after a restart.

    class Rename(Form, name="rename", permission=editors):
        entry: EntryId

        def title(self) -> str: ...

        def fields(self) -> Sequence[Field]: ...

        async def submitted(self, interaction: Interaction, written: Mapping[str, str]) -> None: ...

`await Rename("own-x").open(interaction)` opens it. Nothing of a form that is open is kept in memory.
"""

from __future__ import annotations

import dataclasses
import io
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias, cast, dataclass_transform

import discord

from bot.chat.kit.custom_id import IdShape
from bot.chat.kit.errors import NotPermitted, Refusal, answer_error
from bot.chat.kit.host import host_of
from bot.chat.kit.item import Interaction, Permission
from bot.chat.kit.sending import open_form
from bot.chat.kit.words import speak

Field: TypeAlias = "discord.ui.Label[Any]"

_REGISTERED: dict[str, type[Form]] = {}
_KEPT_FROM = 100
"""What somebody wrote goes back to them when it cannot be taken, if it is at least so many characters."""


@dataclass_transform(eq_default=False, field_specifiers=(dataclasses.field,))
class Form(ABC):
    """A form. A subclass is a dataclass, registered under the custom id `rsvno:form:NAME` and its fields: see `Item`.

    Fields that are `field(kw_only=True)` are there only when it is opened.
    """

    template: ClassVar[re.Pattern[str]]
    _ids: ClassVar[IdShape] = IdShape()
    _permission: ClassVar[Permission | None] = None

    def __init_subclass__(cls, *, name: str = "", permission: Permission | None = None) -> None:
        super().__init_subclass__()
        cls._ids = IdShape.declared_by(cls, cls._ids, "form", name)
        if permission is not None:
            cls._permission = permission
        if not name:
            return
        if name in _REGISTERED:
            raise TypeError(f"{cls.__name__}: the name {name!r} is taken by {_REGISTERED[name].__name__}")
        cls.template = re.compile(cls._ids.template)
        _REGISTERED[name] = cls

    @property
    def custom_id(self) -> str:
        """Its name and its state. Raises ValueError where that is longer than Discord takes."""
        return self._ids.write(self)

    @classmethod
    def from_custom_id(cls, custom_id: str) -> Form | None:
        """Returns the form that was filled in; None if there is none of that id."""
        for kind in _REGISTERED.values():
            match = kind.template.fullmatch(custom_id)
            if match is not None:
                found = kind.__new__(kind)
                kind._ids.read(match, found)
                return found
        return None

    @staticmethod
    def registered() -> tuple[type[Form], ...]:
        """Returns all that has a name, of all modules that were imported."""
        return tuple(_REGISTERED.values())

    @abstractmethod
    def title(self) -> str:
        """Returns what stands above the form."""

    @abstractmethod
    def fields(self) -> Sequence[Field]:
        """Returns its fields, filled in."""

    @abstractmethod
    async def submitted(self, interaction: Interaction, written: Mapping[str, str]) -> None:
        """Does what the form is for. `written`: what stands in each field, by its custom id."""

    def drawn(self) -> discord.ui.Modal:
        """Returns the form as discord.py sends it."""
        modal = discord.ui.Modal(title=self.title(), custom_id=self.custom_id, timeout=None)
        for field in self.fields():
            modal.add_item(field)
        # it is found by its custom id: discord.py keeps it not
        modal.stop()
        return modal

    async def open(self, interaction: Interaction) -> None:
        """Opens the form."""
        await open_form(interaction, self.drawn())


async def submit(interaction: Interaction) -> None:
    """Does what a form is for that somebody sent; what they wrote goes back to them if it cannot be taken."""
    data = cast("dict[str, Any]", interaction.data)
    written = dict(_written(data.get("components", [])))
    speak(interaction.locale)
    with host_of(interaction).in_flight():
        try:
            form = Form.from_custom_id(str(data.get("custom_id")))
            if form is None:
                raise Refusal("error.form_gone")
            host_of(interaction).limits.presses.check(interaction.user.id)
            permission = type(form)._permission
            if permission is not None and not await permission(interaction):
                raise NotPermitted
            await form.submitted(interaction, written)
        except Exception as error:
            await answer_error(interaction, error, returned=_as_file(written))


def _written(components: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """What stands in each field; of a menu, what is chosen first."""
    for component in components:
        inner = component.get("components") or ([component["component"]] if component.get("component") else [])
        yield from _written(inner)
        if "custom_id" in component:
            chosen = component.get("values") or [""]
            yield str(component["custom_id"]), str(component["value"] if "value" in component else chosen[0])


def _as_file(written: Mapping[str, str]) -> discord.File | None:
    text = "\n\n".join(f"{name}:\n{value}" for name, value in written.items() if value)
    if len(text) < _KEPT_FROM:
        return None
    return discord.File(io.BytesIO(text.encode("utf-8", "replace")), "what-you-wrote.txt")
