"""When to answer, when to offer choices, and when to say nothing: two numbers decide.

Is the best match good enough, and is it far enough ahead of the second. The thresholds were chosen on out-of-fold
scores of the base's own examples (`benchmarks/calibrate.py`), never on the labelled set that `evaluate` reports on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.guidance.models import Entry
from bot.matching.ranking import Ranked, Ranking

MAX_CHOICES = 3


class Outcome(StrEnum):
    """What comes back: one answer, up to three to choose from, or nothing that fits."""

    ANSWER = "answer"
    CHOICES = "choices"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a policy asks of a ranking, each 0 to 1.

    `ours` and `confidence` are the least for an answer; below them, `offered` is the least `ours` for choices (1.1:
    never). `alarm` is the least probability of danger for a safety answer.
    """

    ours: float
    confidence: float
    offered: float
    alarm: float


ASK = Thresholds(ours=0.96, confidence=0.25, offered=0.84, alarm=0.25)
OVERHEAR = Thresholds(ours=0.977, confidence=0.25, offered=1.1, alarm=0.8)


ALARM_OURS = 0.2
"""Who asks us about danger gets a safety answer even if it is rather not a question for us."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be said: `entry` for an answer, `choices` (best first) for choices."""

    outcome: Outcome
    confidence: float
    entry: Entry | None = None
    choices: tuple[Ranked, ...] = ()


def decide_ask(ranking: Ranking) -> Decision:
    """Somebody asked us: answer when it is good enough, otherwise offer what may be meant, otherwise say so."""
    return _decide(ranking, ASK)


def decide_overhear(ranking: Ranking) -> Decision:
    """Nobody asked us: answer only when sure."""
    return _decide(ranking, OVERHEAR)


def _decide(ranking: Ranking, least: Thresholds) -> Decision:
    heard = least.ours if least.offered > 1 else ALARM_OURS
    if ranking.danger >= least.alarm and ranking.ours >= heard:
        dangers = [item for item in ranking.ranked if item.entry.safety]
        if dangers:
            # which danger it is matters less than that it is one: every safety entry says what keeps a person safe
            return Decision(Outcome.ANSWER, ranking.danger, dangers[0].entry)
    ordinary = [item for item in ranking.ranked if not item.entry.safety]
    if not ordinary or ranking.ours < min(least.ours, least.offered):
        return Decision(Outcome.NONE, ranking.ours * (ordinary[0].confidence if ordinary else 0.0))
    best = ordinary[0]
    if ranking.ours >= least.ours and best.confidence >= least.confidence:
        return Decision(Outcome.ANSWER, best.confidence, best.entry)
    if ranking.ours >= least.offered:
        return Decision(Outcome.CHOICES, best.confidence, choices=_choices(ordinary))
    return Decision(Outcome.NONE, best.confidence)


def _choices(ranked: Sequence[Ranked]) -> tuple[Ranked, ...]:
    return tuple(ranked[:MAX_CHOICES])
