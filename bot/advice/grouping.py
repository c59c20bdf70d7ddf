"""Questions that are alike, together: what an inbox of hundreds comes down to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.matching.encoder.encoder import Vectors

ALIKE = 0.6
"""Questions of at least this cosine to the first of a group belong to it."""


def group_vectors(vectors: Sequence[Vectors], least: float = ALIKE) -> list[list[int]]:
    """The numbers of questions by group, the largest group first; a question joins the first group it is like.

    `vectors` are those of the questions, of length 1.
    """
    if not vectors:
        return []
    rows = np.stack(vectors).astype(np.float32, copy=False)
    firsts = np.empty_like(rows)
    groups: list[list[int]] = []
    for number, row in enumerate(rows):
        like = np.flatnonzero(firsts[: len(groups)] @ row >= least)
        if len(like):
            groups[like[0]].append(number)
        else:
            firsts[len(groups)] = row
            groups.append([number])
    return sorted(groups, key=len, reverse=True)
