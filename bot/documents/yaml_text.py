"""YAML text into plain data with a line number for every part, safely and in bounded time.

Every scalar is kept as the text that was written: `no` stays 'no' (YAML 1.1 would make it False), and whoever
validates the data decides what is a number or a truth. Text under `|` comes back as a `Block`, which knows the lines of
its file, so that a list may be written one item a line without any quotes. Aliases, tags and several documents in one
file are refused: guidance needs none of them, and they are what alias bombs and object injection are made of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import yaml

from bot.documents.faults import MOST_FAULTS, Fault, UnusableFile
from bot.documents.reading import read_whole

MAX_BYTES = 8 * 1024 * 1024
"""Largest file that is read. The whole shipped knowledge base is well under a megabyte."""
MAX_DEPTH = 12
MAX_NODES = 200_000
"""Parts of a file: lists, mappings and texts; a key and its value are one, and so is each line of a block."""
MOST_SHOWN = 60
"""Characters of a key or an anchor that a fault repeats."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
"""C0 and C1 controls, but for the tab and what ends a line in YAML, too."""

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
    return parse_yaml(read_whole(path, MAX_BYTES, shown), shown)


def parse_yaml(raw: bytes, name: str, most_nodes: int = MAX_NODES) -> Document:
    """Reads YAML from bytes, of at most so many parts; see `read_yaml`.

    A byte-order mark and Windows line ends are fine.
    """
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
    return _Composer(name, most_nodes).compose(text)


def _refuse_control_characters(text: str, name: str) -> None:
    # the scanner stops at them; what an escape such as "\\e" stands for is looked at in each value
    faults: list[Fault] = []
    found, number, at = _CONTROL.search(text), 1, 0
    while found is not None and len(faults) <= MOST_FAULTS:
        number, at = number + text.count("\n", at, found.start()), found.start()
        faults.append(Fault(name, number, _control_words(found[0])))
        # one a line is enough
        line_end = text.find("\n", at)
        found = _CONTROL.search(text, line_end) if line_end >= 0 else None
    if faults:
        raise UnusableFile(faults)


def _control_words(character: str) -> str:
    return f"control character U+{ord(character):04X}: remove it"


class _Composer:
    """Builds plain data from libyaml's events, so that nothing is constructed that was not asked for."""

    def __init__(self, name: str, most_nodes: int) -> None:
        self.name = name
        self.most_nodes = most_nodes
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

    def stop(self, event: Any, message: str) -> NoReturn:
        raise UnusableFile([*self.faults, Fault(self.name, event.start_mark.line + 1, message)])

    def note(self, event: Any, message: str) -> None:
        line = event.start_mark.line + 1
        self.faults.append(Fault(self.name, line, message))
        if len(self.faults) > MOST_FAULTS:
            raise UnusableFile(self.faults)

    def count(self, event: Any, number: int) -> None:
        self.nodes += number
        if self.nodes > self.most_nodes:
            self.stop(event, f"too many parts: more than {self.most_nodes:,}")

    def node(self, loader: Any, path: Location, depth: int) -> Any:
        event = loader.get_event()
        self.count(event, 1)
        if depth > MAX_DEPTH:
            self.stop(event, f"nested too deeply: more than {MAX_DEPTH} levels")
        if isinstance(event, yaml.AliasEvent):
            self.stop(event, f"an alias (*{str(event.anchor)[:MOST_SHOWN]}) is not allowed: write the text out")
        if event.tag is not None and event.tag != "!":
            self.stop(event, f"a tag ({event.tag[:MOST_SHOWN]}) is not allowed: write plain YAML")
        self.document.lines[path] = event.start_mark.line + 1
        if isinstance(event, yaml.ScalarEvent):
            control = _CONTROL.search(event.value)
            if control is not None:
                self.note(event, _control_words(control[0]))
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
        self.count(event, len(items))
        self.document.lines.update({(*path, at): line for at, (line, _) in enumerate(items)})
        return block

    def mapping(self, loader: Any, path: Location, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        while not loader.check_event(yaml.MappingEndEvent):
            start = loader.peek_event()
            if not isinstance(start, yaml.ScalarEvent):
                self.stop(start, "a key must be plain text")
            key = start.value
            # the key alone: it is a part together with its value
            self.nodes -= 1
            self.node(loader, (*path, key), depth + 1)
            line = self.document.lines[(*path, key)]
            if key in result:
                self.note(start, f"the key '{key[:MOST_SHOWN]}' stands here a second time")
            value = self.node(loader, (*path, key), depth + 1)
            # a part is where its key stands, also when its value begins on a later line
            self.document.lines[(*path, key)] = line
            result[key] = value
        loader.get_event()
        return result
