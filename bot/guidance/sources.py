"""Where an entry comes from: the paragraphs and comments that it cites."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def places(sources: Iterable[str]) -> Mapping[str, list[int]]:
    """The numbers of the essay's paragraphs (`essay`) and of the comments (`comment`) among locators, each in order."""
    found: dict[str, list[int]] = {}
    for kind in ("essay", "comment"):
        numbers = [int(number) for name, _, number in (each.partition(":") for each in sources) if name == kind]
        if numbers:
            found[kind] = sorted(numbers)
    return found
