"""When to answer, when to offer choices, and when to say nothing.

Two numbers decide, as in the best assistants: is the best match good enough, and is the message for us at all. Danger
goes before everything, and a server's own entry before a built-in one that is not nearer. The numbers are the
model's (see `model.Thresholds`, `model.OwnWeights`), fitted when it was learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.guidance.models import Entry
from bot.matching.model.model import Meaning, Thresholds
from bot.matching.ranking import Match, Ranking

MAX_CHOICES = 3


class Policy(StrEnum):
    """`ask`: somebody asked us, always say something useful. `overhear`: nobody did, be silent unless sure."""

    ASK = "ask"
    OVERHEAR = "overhear"


class Outcome(StrEnum):
    """What comes back: one answer, up to three to choose from, or nothing that fits."""

    ANSWER = "answer"
    CHOICES = "choices"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be said: `entry` for an answer, `choices` (best first) for choices.

    `worry`: it may tell of danger, not surely enough to say so at once; who asks is asked.
    """

    outcome: Outcome
    confidence: float
    entry: Entry | None = None
    choices: tuple[Match, ...] = ()
    own: bool = False
    worry: bool = False


def thresholds(policy: Policy, meaning: Meaning) -> Thresholds:
    """What `policy` asks of a ranking."""
    return meaning.ask if policy is Policy.ASK else meaning.overhear


def is_danger(ranking: Ranking, least: Thresholds) -> bool:
    """Whether a message tells of danger, so that safety comes before manners, whatever else it is about."""
    return ranking.danger >= least.alarm


def decide(policy: Policy, base: Ranking, own: Sequence[Match], meaning: Meaning) -> Decision:
    """What to say to a message, from the base's ranking and a server's own entries that match best, best first.

    A server's own entry wins where its score says that it is nearer than the best built-in one: scores are fitted on
    just that question. Only danger goes before it.
    """
    least = thresholds(policy, meaning)
    if is_danger(base, least) and policy is Policy.OVERHEAR:
        # nobody asked, and all would read it: neither manners nor a warning belong there
        return Decision(Outcome.NONE, base.danger)
    if is_danger(base, least):
        dangers = [match for match in base.matches if match.entry.safety]
        if dangers:
            # which danger it is matters less than that it is one: every safety entry says what keeps a person safe
            return Decision(Outcome.ANSWER, base.danger, dangers[0].entry)
    if own and own[0].confidence >= (meaning.own.answer if policy is Policy.ASK else meaning.own.unasked):
        return Decision(Outcome.ANSWER, own[0].confidence, own[0].entry, own=True, worry=base.danger >= least.worry)
    decision = _built_in(base, least)
    offered = [match for match in own if match.confidence >= meaning.own.close]
    if policy is Policy.OVERHEAR or not offered or decision.outcome is Outcome.ANSWER:
        return decision
    choices = (*offered, *decision.choices)[:MAX_CHOICES]
    confidence = max(offered[0].confidence, decision.confidence)
    return Decision(Outcome.CHOICES, confidence, choices=choices, worry=decision.worry)


def _built_in(ranking: Ranking, least: Thresholds) -> Decision:
    worry = ranking.danger >= least.worry
    ordinary = [match for match in ranking.matches if not match.entry.safety]
    if not ordinary or ranking.ours < min(least.ours, least.offered):
        return Decision(Outcome.NONE, ranking.ours * (ordinary[0].confidence if ordinary else 0.0), worry=worry)
    best = ordinary[0]
    if ranking.ours >= least.ours and best.confidence >= least.confidence:
        return Decision(Outcome.ANSWER, best.confidence, best.entry, worry=worry)
    if ranking.ours >= least.offered:
        return Decision(Outcome.CHOICES, best.confidence, choices=tuple(ordinary[:MAX_CHOICES]), worry=worry)
    return Decision(Outcome.NONE, best.confidence, worry=worry)
