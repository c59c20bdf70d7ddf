"""Questions that are alike, together: what an inbox of hundreds comes down to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.advice.advisor import Advisor

ALIKE = 0.6
"""Questions of at least this cosine to the first of a group belong to it."""


def group(advisor: Advisor, questions: Sequence[str], least: float = ALIKE) -> list[list[int]]:
    """The questions' numbers by group, the largest group first; a question joins the first group it is like."""
    if not questions:
        return []
    vectors = np.stack([advisor.read(question).vector for question in questions])
    groups: list[list[int]] = []
    for row in range(len(vectors)):
        for members in groups:
            if float(vectors[members[0]] @ vectors[row]) >= least:
                members.append(row)
                break
        else:
            groups.append([row])
    return sorted(groups, key=len, reverse=True)
