"""What tells of danger, and where help is then: the files of `knowledge/danger/`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.documents.validation import Lines

_Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
_Message = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
_Messages = Lines[_Message]
_Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$", max_length=64)]


class Link(BaseModel):
    """A place where help is: what it is, and its address."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    label: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    address: Annotated[str, StringConstraints(pattern=r"^https://", max_length=300)]


class DangerFile(BaseModel):
    """One file of `knowledge/danger/` as it is written; any of its parts will do.

    A kind of danger: `kind`, the `messages` that tell of it, what to do (`block`, `report`), and the names of `links`.
    `harmless`: messages that sound near danger and are not. `emergency`, `links` by name and steps by platform: help.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: _Name | None = None
    messages: _Messages = ()
    block: _Line | None = None
    report: _Line | None = None
    harmless: _Messages = ()
    emergency: _Line | None = None
    links: Mapping[_Name, Link] | tuple[_Name, ...] = Field(default_factory=dict)
    platforms: Mapping[str, _Line] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DangerKind:
    """One kind of danger: what tells of it, what to do, and where help is."""

    name: str
    messages: tuple[str, ...]
    block: str
    report: str
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Danger:
    """All kinds of danger, messages that only sound like it, and help that does not depend on the kind."""

    kinds: tuple[DangerKind, ...] = ()
    harmless: tuple[str, ...] = ()
    emergency: str = ""
    platforms: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def join_danger(files: Sequence[DangerFile]) -> Danger:
    """What these files say together; a link that no file explains is left out."""
    links: dict[str, Link] = {}
    platforms: dict[str, str] = {}
    for file in files:
        platforms.update(file.platforms)
        if isinstance(file.links, Mapping):
            links.update(file.links)
    kinds = tuple(
        DangerKind(
            file.kind,
            file.messages,
            file.block or "",
            file.report or "",
            tuple(links[name] for name in file.links if name in links),
        )
        for file in files
        if file.kind is not None
    )
    return Danger(
        kinds=kinds,
        harmless=tuple(message for file in files for message in file.harmless),
        emergency=next((file.emergency for file in files if file.emergency), ""),
        platforms=MappingProxyType(platforms),
    )
