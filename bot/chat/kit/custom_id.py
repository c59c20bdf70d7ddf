"""State in custom ids: what a button, a menu or a form declares stands in its id, and is read from there again.

An id is `rsvno`, a name and the values of the declared fields, in their order, each after a colon.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any, get_args, get_origin

PREFIX = "rsvno"
MAX_ID = 100
"""Characters of a custom id: Discord's limit."""

EntryId = Annotated[str, r"[a-z0-9_-]{1,64}"]
Person = Annotated[int, r"\d{1,20}"]
RowId = Annotated[int, r"\d{1,20}"]
Position = Annotated[int, r"\d{1,5}"]


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """One part of a custom id: the pattern of its text, and what makes a value of that text."""

    pattern: str
    read: Callable[[str], Any]


def part_of(kind: Any) -> Part:
    """Returns how values of an annotated kind stand in a custom id. Raises TypeError for one that cannot."""
    if get_origin(kind) is Annotated:
        read, pattern = get_args(kind)
        return Part(str(pattern), read)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return Part("|".join(kind), kind)
    raise TypeError(f"a custom id cannot hold {kind!r}: annotate it with the pattern of its text")


@dataclasses.dataclass(frozen=True, slots=True)
class IdShape:
    """How the ids of one class look: the `names` that they begin with, and the parts that hold its state."""

    names: tuple[str, ...] = ()
    parts: Mapping[str, Part] = dataclasses.field(default_factory=dict)

    @classmethod
    def declared_by(cls, kind: type, inherited: IdShape, *names: str) -> IdShape:
        """Makes a dataclass of `kind`, whose fields but those that are keyword-only are the parts of its ids.

        `inherited`: the shape of the class it is made from. Raises TypeError for a field that no id can hold.
        """
        dataclasses.dataclass(eq=False, repr=False)(kind)
        kinds = inspect.get_annotations(kind, eval_str=True)
        state = [each.name for each in dataclasses.fields(kind) if not each.kw_only]
        return cls(
            (PREFIX, *names),
            {part: part_of(kinds[part]) if part in kinds else inherited.parts[part] for part in state},
        )

    @property
    def template(self) -> str:
        """The pattern of all ids of this shape, each part a group of its name."""
        groups = [f"(?P<{name}>{part.pattern})" for name, part in self.parts.items()]
        return ":".join([*map(re.escape, self.names), *groups])

    def write(self, holder: object) -> str:
        """Returns the id of what holds the parts as attributes. Raises ValueError where Discord takes none so long."""
        custom_id = ":".join([*self.names, *(str(getattr(holder, name)) for name in self.parts)])
        if len(custom_id) > MAX_ID:
            raise ValueError(f"a custom id has at most {MAX_ID} characters: {custom_id!r}")
        return custom_id

    def read(self, match: re.Match[str], holder: object) -> None:
        """Sets the parts that `template` matched as attributes of `holder`."""
        for name, part in self.parts.items():
            setattr(holder, name, part.read(match[name]))
