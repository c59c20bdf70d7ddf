"""Which fact to ask for, where a question may mean one of several entries that differ in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.guidance.facts import Fact
from bot.guidance.models import Entry
from bot.matching.policies import MAX_CHOICES
from bot.matching.ranking import Match

REACH = 6
"""So many of the best matches may be among the answers, so that a fact also leads to what is a bit further away."""
WORTH = 0.1
"""Beside the best two, a match is worth an answer from this share of the best one's confidence on."""
ENOUGH = 0.75
"""A fact is asked for only if its answers hold at least this share of the confidence of all that is near."""
NEARLY = 0.9
"""Of several facts, those that hold at least this share of the most are as good as the best."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A fact to ask for: the question, and each answer's label with the match that it leads to, as written."""

    question: str
    answers: tuple[tuple[str, Match], ...]

    @property
    def choices(self) -> tuple[Match, ...]:
        """What the answers lead to, best first."""
        return tuple(sorted((match for _, match in self.answers), key=lambda match: -match.confidence))

    def label_of(self, entry: Entry) -> str | None:
        """The answer that leads to an entry; None if no answer does."""
        return next((label for label, match in self.answers if match.entry.id == entry.id), None)


def fact_to_ask(facts: Iterable[Fact], near: Sequence[Match], beyond: Sequence[Match] = ()) -> Asked | None:
    """The fact whose answers tell the near entries apart; None if none does.

    `near` are the choices, `beyond` further matches, both best first. Of each answer the nearest match is offered, at
    most `MAX_CHOICES` in all. The best two must stand under two answers, or all that are near under two or more. Of
    several such facts, those are asked for whose answers are likeliest to hold what was meant, and of these the one
    about the fewest entries: the most particular.
    """
    further = (match for match in beyond if match not in near and not match.entry.safety)
    reach = [*near, *further][: max(REACH, len(near))]
    least = ENOUGH * sum(match.confidence for match in near)
    found = []
    for fact in facts:
        answers = _answers(fact, near, reach)
        held = sum(match.confidence for match in answers.values())
        if answers and held >= least:
            found.append((held, len(fact.answer_of), fact, answers))
    if not found:
        return None
    most = max(held for held, *_ in found)
    _, _, fact, answers = min((each for each in found if each[0] >= NEARLY * most), key=lambda each: each[1])
    return Asked(fact.ask, tuple((label, answers[label]) for label in fact.answers if label in answers))


def _answers(fact: Fact, near: Sequence[Match], reach: Sequence[Match]) -> dict[str, Match]:
    """The nearest match under each answer, the nearest answers first; empty if the fact does not tell `near` apart."""
    labels = [_label(fact, match) for match in near]
    apart = None not in labels[:2] and len(set(labels[:2])) > 1
    if not apart and (None in labels or len(set(labels)) < 2):
        return {}
    answers: dict[str, Match] = {}
    for at, match in enumerate(reach):
        label = _label(fact, match)
        worth = at < 2 or match.confidence >= WORTH * near[0].confidence
        if label is not None and worth and len(answers) < MAX_CHOICES:
            answers.setdefault(label, match)
    return answers if len(answers) > 1 else {}


def _label(fact: Fact, match: Match) -> str | None:
    # facts are about the base's entries: one of a server's own that has such an id is another
    return None if match.own else fact.answer_of.get(match.entry.id)
