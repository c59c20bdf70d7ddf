"""Examples that another entry wins, for `rsvno check --examples`. All that checking knows of the matcher is here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.documents.faults import Fault
from bot.guidance.loading import Placed
from bot.guidance.models import Entry
from bot.matching.base import Base

BLOCK = 512
"""So many wordings are compared with all at once: a matrix of them all would not fit for a large base."""


@dataclass(frozen=True)
class Contested:
    """A wording of `entry`, as the matcher reads it, that `winner` is ranked first for."""

    wording: str
    entry: Entry
    winner: Entry


def nearer_elsewhere(base: Base) -> NDArray[np.intp]:
    """The rows of the wordings whose nearest other wording, by cosine, stands in another entry.

    Where entries are neighbors this is common, and mostly harmless: many things beside the nearest wording count.
    """
    ours = base.data.ours
    vectors, owner = base.vectors[:ours], base.data.entry[:ours]
    found = []
    for start in range(0, ours, BLOCK):
        rows = np.arange(start, min(start + BLOCK, ours))
        cosines = vectors[rows] @ vectors.T
        cosines[np.arange(len(rows)), rows] = -1.0
        is_own = owner[rows][:, None] == owner[None, :]
        nearest_own = np.where(is_own, cosines, -1.0).max(axis=1)
        found.append(rows[np.where(is_own, -1.0, cosines).max(axis=1) > nearest_own])
    return np.concatenate(found) if found else np.array([], dtype=np.intp)


def contested(base: Base, rows: NDArray[np.intp]) -> Iterator[Contested]:
    """Those of the wordings in `rows` that another entry is ranked first for, though they count for their own."""
    for row in rows:
        reading = base.reader.known(base.data.texts[row], base.vectors[row])
        entry, ranking = base.library.entries[base.data.entry[row]], base.rank(reading)
        if ranking.matches and ranking.matches[0].entry.id != entry.id:
            yield Contested(reading.text, entry, ranking.matches[0].entry)


def hints_at_examples(base: Base, placed: Sequence[Placed]) -> tuple[list[Fault], str]:
    """A hint for each example that another entry wins, at its line, and a line that sums up."""
    rows = nearer_elsewhere(base)
    hints = [_hint(base, each, placed) for each in contested(base, rows)]
    summary = (
        f"of {base.data.ours:,} wordings another entry wins {len(hints):,}; "
        f"{len(rows):,} have their nearest neighbor in another entry, which is common"
    )
    return hints, summary


def _hint(base: Base, found: Contested, placed: Sequence[Placed]) -> Fault:
    document, at, entry = next(each for each in placed if each[2].id == found.entry.id)
    number = next((n for n, each in enumerate(entry.wordings) if base.reader.read(each).prepared == found.wording), 0)
    place = ("examples", number - 1) if number else ("question",)
    message = f"{entry.id}: '{found.winner.id}' wins this: {found.wording[:60]}"
    return document.fault(("entries", at, *place), message)
