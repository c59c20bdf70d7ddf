"""When to answer, when to offer choices, and when to say nothing.

Two numbers decide, as in the best assistants: is the best match good enough, and is the message for us at all. Danger
goes before everything, and a server's own entry before a built-in one that is not much nearer. The numbers are the
model's (see `model.Thresholds`, `model.OwnWeights`), fitted when it was learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.guidance.models import Entry
from bot.matching.model.model import Meaning, OwnWeights, Thresholds
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
    """What is to be said: `entry` for an answer, `choices` (best first) for choices."""

    outcome: Outcome
    confidence: float
    entry: Entry | None = None
    choices: tuple[Match, ...] = ()
    own: bool = False


def thresholds(policy: Policy, meaning: Meaning) -> Thresholds:
    """What `policy` asks of a ranking."""
    return meaning.ask if policy is Policy.ASK else meaning.overhear


def is_danger(ranking: Ranking, least: Thresholds) -> bool:
    """Whether a message tells of danger, so that safety comes before manners."""
    return ranking.danger >= least.alarm and ranking.ours >= least.alarm_ours


def decide(policy: Policy, base: Ranking, own: Sequence[Match], meaning: Meaning) -> Decision:
    """What to say to a message, from the base's ranking and a server's own entries that match best, best first."""
    least = thresholds(policy, meaning)
    decision = _built_in(base, least)
    if not own or (decision.entry is not None and decision.entry.safety):
        return decision
    if policy is Policy.OVERHEAR:
        return _own_unasked(own[0], base, meaning.own) or decision
    return _own_asked(own, base, meaning.own, decision) or decision


def _built_in(ranking: Ranking, least: Thresholds) -> Decision:
    if is_danger(ranking, least):
        dangers = [match for match in ranking.matches if match.entry.safety]
        if dangers:
            # which danger it is matters less than that it is one: every safety entry says what keeps a person safe
            return Decision(Outcome.ANSWER, ranking.danger, dangers[0].entry)
    ordinary = [match for match in ranking.matches if not match.entry.safety]
    if not ordinary or ranking.ours < min(least.ours, least.offered):
        return Decision(Outcome.NONE, ranking.ours * (ordinary[0].confidence if ordinary else 0.0))
    best = ordinary[0]
    if ranking.ours >= least.ours and best.confidence >= least.confidence:
        return Decision(Outcome.ANSWER, best.confidence, best.entry)
    if ranking.ours >= least.offered:
        return Decision(Outcome.CHOICES, best.confidence, choices=tuple(ordinary[:MAX_CHOICES]))
    return Decision(Outcome.NONE, best.confidence)


def is_near(match: Match, base: Ranking, weights: OwnWeights) -> bool:
    """Whether no built-in wording is nearer to the message than an own entry, by more than may be."""
    return match.cosine >= base.nearest - weights.lead


def _own_unasked(best: Match, base: Ranking, weights: OwnWeights) -> Decision | None:
    if best.confidence >= weights.unasked and is_near(best, base, weights):
        return Decision(Outcome.ANSWER, best.confidence, best.entry, own=True)
    return None


def _own_asked(own: Sequence[Match], base: Ranking, weights: OwnWeights, decision: Decision) -> Decision | None:
    best = own[0]
    is_close = best.confidence >= weights.close and is_near(best, base, weights)
    if best.confidence >= weights.answer or is_close:
        return Decision(Outcome.ANSWER, best.confidence, best.entry, own=True)
    if best.confidence >= weights.close and decision.outcome is not Outcome.ANSWER:
        offered = [match for match in own if match.confidence >= weights.close]
        choices = (*offered, *decision.choices)[:MAX_CHOICES]
        return Decision(Outcome.CHOICES, max(best.confidence, decision.confidence), choices=choices)
    return None
