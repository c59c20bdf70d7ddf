"""What is wrong with a file, in words that a writer can act on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


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
        return f"{place}: {self.message}"


class Unavailable(Exception):
    """Raised when a part of this installation that cannot be done without is missing or broken; says how to mend it."""


class UnusableFile(Exception):
    """Raised when files hold faults; nothing of them was loaded. `faults` holds every one, sorted by place."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(sorted(set(faults)))
        super().__init__("\n".join(str(fault) for fault in self.faults))


def nearest(word: str, known: Sequence[str]) -> str:
    """A hint such as " (did you mean 'verdict'?)" when `word` looks like one of `known`, otherwise ''."""
    found = get_close_matches(word.lower()[:60], list(known), n=1, cutoff=0.6)
    return f" (did you mean '{found[0]}'?)" if found else ""
