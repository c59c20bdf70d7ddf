"""What goes wrong and a person can mend, in words to act on. All of it is one tree:

RsvnoError                   told in clear lines (`lines`), never with a traceback
├── UnusableFile             a file or a document: every fault in it, with file and line
├── UnusableEnvironment      how or where the program was started: a port is taken, a token refused, no such folder
│   └── Fatal                Discord refuses what only the operator can mend (chat/running)
├── Unavailable              a part of this installation is missing or broken
│   ├── EncoderUnavailable   the sentence encoder's files (matching/encoder)
│   └── UnusableModel        what was learned (matching/model)
├── StorageFault             what servers keep is out of reach, or refuses a change (storage)
├── Refused                  what was written in a form cannot be an entry (advice/fields)
└── Refusal                  what a person asked on Discord cannot be done (chat/kit)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

from bot.documents.plain_text import printable

MOST_FAULTS = 50
"""Faults that are told at once: whoever has mended these may ask for the next."""


class RsvnoError(Exception):
    """The base of all faults that a person can mend."""

    @property
    def lines(self) -> tuple[str, ...]:
        """What is wrong, one line a fault, each to be understood by itself."""
        return (str(self),)


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong, and where.

    `file` is the path as the caller gave it, `line` counts from 1 (0: the file as a whole), `message` is one line
    that says what is wrong and how to mend it.
    """

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        # what is repeated of a file may hold what would act on a terminal
        return printable(f"{place}: {self.message}")


class UnusableFile(RsvnoError):
    """Files hold faults, and nothing of them was loaded. `faults` are the first `MOST_FAULTS`, sorted by place.

    `more`: there are others, or may be: from so many on, nothing more is looked at.
    """

    def __init__(self, faults: Iterable[Fault], *, more: bool = False) -> None:
        found = set(islice(faults, MOST_FAULTS + 1))
        self.faults: tuple[Fault, ...] = tuple(sorted(found)[:MOST_FAULTS])
        self.more = more or len(found) > MOST_FAULTS
        super().__init__("\n".join(self.lines))

    @property
    def lines(self) -> tuple[str, ...]:
        """One line a fault, with file and line; the last says if there are more."""
        return (*(str(fault) for fault in self.faults), *([AND_MORE] if self.more else []))


AND_MORE = "and more: mend these first, and check again"
"""What is said below faults that are not all."""


class UnusableEnvironment(RsvnoError):
    """The program can't work as or where it was started.

    `what` is what won't do, as the operator knows it (an option, a folder, a variable, a service), `message` one line
    that says why and how to mend it.
    """

    def __init__(self, what: str, message: str) -> None:
        super().__init__(f"{what}: {message}")


class Unavailable(RsvnoError):
    """A part of this installation that cannot be done without is missing or broken; says how to mend it."""


def nearest(word: str, known: Sequence[str]) -> str:
    """A hint such as " (did you mean 'verdict'?)" when `word` looks like one of `known`, otherwise ''."""
    found = get_close_matches(word.lower()[:40], known, n=1, cutoff=0.6)
    return f" (did you mean '{found[0]}'?)" if found else ""
