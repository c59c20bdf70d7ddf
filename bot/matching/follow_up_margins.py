"""From which margins on a message after an answer is a follow-up: fitted on labelled talks when a base is learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.matching.base import Base
from bot.matching.follow_ups import FollowUps
from bot.matching.model.model import FollowUpMargins
from bot.matching.policies import Outcome, Policy, decide

LEAST_TALKS = 5
"""From so many follow-ups and as many other messages on, an outcome has a margin of its own."""

Looked = Sequence[tuple[float, bool]]
"""Margins of messages, each with whether the message is a follow-up."""


@dataclass(frozen=True)
class SaidNext:
    """A message that somebody wrote after an answer, and whether it is a follow-up."""

    text: str
    is_follow_up: bool


def follow_up_margins(base: Base, follow_ups: FollowUps, said: Sequence[SaidNext]) -> FollowUpMargins:
    """The margins that sort labelled messages best, one for each outcome that a message would have as a first question.

    An outcome of which there are too few of either kind takes the margin of all together. What tells of danger is left
    out: it goes first in any case.
    """
    found: dict[Outcome, list[tuple[float, bool]]] = {outcome: [] for outcome in Outcome}
    for item in said:
        reading = base.reader.read(item.text)
        decision = decide(Policy.ASK, base.rank(reading), [], base.model.meaning)
        looked = follow_ups.look(reading)
        if looked is not None and not (decision.entry is not None and decision.entry.safety):
            found[decision.outcome].append((looked.margin, item.is_follow_up))
    together = parting([pair for pairs in found.values() for pair in pairs])
    return FollowUpMargins(
        **{
            str(outcome): parting(pairs) if _fewer(pairs) >= LEAST_TALKS else together
            for outcome, pairs in found.items()
        }
    )


def _fewer(pairs: Looked) -> int:
    """How many there are of the kind of which there are fewer."""
    follow_ups = sum(is_one for _, is_one in pairs)
    return min(follow_ups, len(pairs) - follow_ups)


def parting(pairs: Looked) -> float:
    """The value that has most follow-ups above and most other messages below it; 0 for fewer than two.

    It lies in the middle between two neighbours; of several that are as good, between those that are farthest apart.
    """
    ordered = sorted(pairs)
    best, value = (-1, 0.0), 0.0
    for (low, _), (high, _) in pairwise(ordered):
        middle = (low + high) / 2
        right = sum((margin >= middle) == is_one for margin, is_one in ordered)
        if (right, high - low) > best:
            best, value = (right, high - low), middle
    return value
