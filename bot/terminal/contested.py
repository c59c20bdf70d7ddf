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
    """A wording of `entry`, as the matcher reads it, that is nearer to what people ask of `winner`."""

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
    """Those of the wordings in `rows` that are nearer to the middle of another entry's than of their own others.

    The machines cannot be asked: they have learned these very wordings.
    """
    ours = base.data.ours
    vectors, owner = base.vectors[:ours], base.data.entry[:ours]
    sums = np.zeros((len(base.library.entries), vectors.shape[1]), dtype=np.float32)
    np.add.at(sums, owner, vectors)
    lengths = np.maximum(np.linalg.norm(sums, axis=1), 1e-9)
    for row in rows:
        own, vector = owner[row], vectors[row]
        likeness = sums @ vector / lengths
        rest = sums[own] - vector
        likeness[own] = rest @ vector / max(float(np.linalg.norm(rest)), 1e-9)
        winner = int(likeness.argmax())
        if winner != own:
            yield Contested(base.data.texts[row], base.library.entries[own], base.library.entries[winner])


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
