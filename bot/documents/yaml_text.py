"""YAML text into plain data with a line number for every part, safely and in bounded time.

Every scalar is kept as the text that was written: `no` stays 'no' (YAML 1.1 would make it False), and whoever
validates the data decides what is a number or a truth. Text under `|` comes back as a `Block`, which knows the lines of
its file, so that a list may be written one item a line without any quotes. Aliases, tags and several documents in one
file are refused: guidance needs none of them, and they are what alias bombs and object injection are made of.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.documents.faults import Fault, UnusableFile

MAX_BYTES = 8 * 1024 * 1024
"""Largest file that is read. The whole shipped knowledge base is well under a megabyte."""
MAX_DEPTH = 12
MAX_NODES = 200_000

try:
    _Loader: Any = yaml.CSafeLoader
except AttributeError:  # PyYAML built without libyaml: slower, and just as safe
    _Loader = yaml.SafeLoader

Location = tuple[str | int, ...]
"""Where a part stands in a document: keys and list indices from the root, as in pydantic's errors."""


class Block(str):
    """Text written under `|`. `first_line` is the line of the file (from 1) on which its text begins.

    Read as a list it has one item a line. A blank line is none, nor is a remark: a line that is `#` alone, or begins
    with `#` and a space. `#promo` is an item.
    """

    __slots__ = ("first_line",)

    def __new__(cls, text: str, first_line: int = 1) -> Block:
        """A block of `text`; see the class."""
        block = super().__new__(cls, text)
        block.first_line = first_line
        return block

    first_line: int

    def items(self) -> list[tuple[int, str]]:
        """Its items, one a line, each with its line in the file; blank lines and remarks are none."""
        lines = ((self.first_line + at, line.strip()) for at, line in enumerate(self.split("\n")))
        return [(number, line) for number, line in lines if not f"{line} ".startswith(("# ", " "))]


@dataclass(slots=True)
class Document:
    """Plain data (dict, list, str, Block, None) read from one YAML file, with the lines on which its parts stand."""

    file: str
    data: Any
    lines: dict[Location, int] = field(default_factory=dict)

    def line(self, location: Location) -> int:
        """The line (from 1) of the part at `location`, or of the nearest part around it.

        The index of a block's item leads to that item's own line.
        """
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location, 1)

    def fault(self, location: Location, message: str) -> Fault:
        """A fault that points at the part at `location`."""
        return Fault(self.file, self.line(location), message)


def read_yaml(path: Path, name: str | None = None) -> Document:
    """Reads one YAML file.

    `name` is what faults call the file (default: the path as given). Raises `UnusableFile` when the file can't be
    read, is too large, is not UTF-8, or is not the plain kind of YAML described above.
    """
    shown = name or str(path)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise UnusableFile([Fault(shown, 0, f"too large: {size:,} bytes, at most {MAX_BYTES:,} are read")])
        raw = path.read_bytes()
    except OSError as error:
        raise UnusableFile([Fault(shown, 0, f"can't be read: {error.strerror or error}")]) from None
    return parse_yaml(raw, shown)


def parse_yaml(raw: bytes, name: str) -> Document:
    """Reads YAML from bytes; see `read_yaml`. A byte-order mark and Windows line ends are fine."""
    if len(raw) > MAX_BYTES:
        raise UnusableFile([Fault(name, 0, f"too large: {len(raw):,} bytes, at most {MAX_BYTES:,} are read")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UnusableFile([Fault(name, line, "not UTF-8 text: save the file as UTF-8")]) from None
    _refuse_control_characters(text, name)
    if not text.strip():
        raise UnusableFile([Fault(name, 0, "the file is empty")])
    return _Composer(name).compose(text)


def _refuse_control_characters(text: str, name: str) -> None:
    faults = []
    for number, line in enumerate(text.split("\n"), start=1):
        bare = line.rstrip("\r")
        if bare.isprintable():
            continue
        for character in bare:
            # C0 and C1 controls but the tab; surrogates can't come out of UTF-8
            if (ord(character) < 0x20 and character != "\t") or 0x7F <= ord(character) < 0xA0:
                faults.append(Fault(name, number, f"control character U+{ord(character):04X}: remove it"))
                break
        if len(faults) >= 20:
            break
    if faults:
        raise UnusableFile(faults)


class _Composer:
    """Builds plain data from libyaml's events, so that nothing is constructed that was not asked for."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.document = Document(name, None)
        self.faults: list[Fault] = []
        self.nodes = 0

    def compose(self, text: str) -> Document:
        loader = _Loader(text)
        try:
            documents = 0
            while loader.check_event():
                event = loader.get_event()
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self.stop(event, "a second document ('---'): keep one document in a file")
                    self.document.data = self.node(loader, (), 0)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            problem = " ".join(str(error.problem or error.context or "unreadable").split())
            self.faults.append(Fault(self.name, mark.line + 1 if mark else 0, f"not valid YAML: {problem[:200]}"))
        except yaml.YAMLError as error:
            self.faults.append(Fault(self.name, 0, f"not valid YAML: {' '.join(str(error).split())[:200]}"))
        except RecursionError:
            self.faults.append(Fault(self.name, 0, "nested too deeply"))
        finally:
            loader.dispose()
        if self.faults:
            raise UnusableFile(self.faults)
        if self.document.data is None:
            raise UnusableFile([Fault(self.name, 0, "the file is empty")])
        return self.document

    def stop(self, event: Any, message: str) -> None:
        raise UnusableFile([*self.faults, Fault(self.name, event.start_mark.line + 1, message)])

    def node(self, loader: Any, path: Location, depth: int) -> Any:
        event = loader.get_event()
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.stop(event, f"too many parts: more than {MAX_NODES:,}")
        if depth > MAX_DEPTH:
            self.stop(event, f"nested too deeply: more than {MAX_DEPTH} levels")
        if isinstance(event, yaml.AliasEvent):
            self.stop(event, f"an alias (*{event.anchor}) is not allowed: write the text out")
        if event.tag is not None and event.tag != "!":
            self.stop(event, f"a tag ({event.tag[:60]}) is not allowed: write plain YAML")
        self.document.lines[path] = event.start_mark.line + 1
        if isinstance(event, yaml.ScalarEvent):
            if not event.style and event.value in {"", "~", "null"}:
                return None
            if event.style == "|":
                return self.block(event, path)
            return event.value
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Any] = []
            while not loader.check_event(yaml.SequenceEndEvent):
                items.append(self.node(loader, (*path, len(items)), depth + 1))
            loader.get_event()
            return items
        return self.mapping(loader, path, depth)

    def block(self, event: Any, path: Location) -> Block:
        # the text begins below its indicator; its items have lines of their own, as a list's have
        block = Block(event.value, event.start_mark.line + 2)
        items = block.items()
        self.nodes += len(items)
        if self.nodes > MAX_NODES:
            self.stop(event, f"too many parts: more than {MAX_NODES:,}")
        self.document.lines.update({(*path, at): line for at, (line, _) in enumerate(items)})
        return block

    def mapping(self, loader: Any, path: Location, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        while not loader.check_event(yaml.MappingEndEvent):
            start = loader.peek_event()
            if not isinstance(start, yaml.ScalarEvent):
                self.stop(start, "a key must be plain text")
            key = start.value
            self.node(loader, (*path, key), depth + 1)
            if key in result:
                line = start.start_mark.line + 1
                self.faults.append(Fault(self.name, line, f"the key '{key[:60]}' stands here a second time"))
            value = self.node(loader, (*path, key), depth + 1)
            # a part is where its key stands, also when its value begins on a later line
            self.document.lines[(*path, key)] = start.start_mark.line + 1
            result[key] = value
        loader.get_event()
        return result
