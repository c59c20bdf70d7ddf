"""Counters of two periods as the figures that an admin would act on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.storage import CountRow

PERIODS = {"week": 7, "month": 30, "quarter": 90, "year": 365}
"""Days of each period that can be chosen."""
ANSWER, CHOICES, NONE = "answer", "choices", "none"


@dataclass(frozen=True, slots=True)
class Span:
    """The questions of a day, or of some days from `since` on: how many by topic ('': of none), and by outcome."""

    since: date
    topics: Counter[str]
    outcomes: Counter[str]

    @property
    def answered_share(self) -> float | None:
        """The share of questions that got an answer, 0 to 1; None without questions."""
        questions = self.outcomes.total()
        return self.outcomes[ANSWER] / questions if questions else None


@dataclass(frozen=True, slots=True)
class Summary:
    """What was asked from `since` to `until`, both included. `before` is the number of questions in the time before.

    `topics` and `entries` are (id, questions), the most asked first; `days` has one span for each day, in order.
    """

    since: date
    until: date
    questions: int
    answered: int
    choices: int
    unanswered: int
    helpful: int
    unhelpful: int
    before: int
    topics: tuple[tuple[str, int], ...]
    entries: tuple[tuple[str, int], ...]
    days: tuple[Span, ...]

    @property
    def answered_share(self) -> float | None:
        """The share of questions that got an answer, 0 to 1; None without questions."""
        return self.answered / self.questions if self.questions else None

    @property
    def helpful_share(self) -> float | None:
        """The share of 'helpful' among those who judged; None if nobody did."""
        judged = self.helpful + self.unhelpful
        return self.helpful / judged if judged else None

    @property
    def change(self) -> float | None:
        """How many more questions than in the time before, as a share of those; None if there were none."""
        return (self.questions - self.before) / self.before if self.before else None


def first_days(today: date, days: int) -> tuple[date, date]:
    """Returns the first day of the period of so many days that ends today, and that of the one before it."""
    since = today - timedelta(days=days - 1)
    return since, since - timedelta(days=days)


def summarize(rows: Sequence[CountRow], today: date, days: int) -> Summary:
    """Sums counters that reach back over two periods of so many `days`; days without any are there, too."""
    since, earlier = first_days(today, days)
    now = [row for row in rows if since <= row.day <= today]
    outcomes: Counter[str] = Counter()
    topics: Counter[str] = Counter()
    entries: Counter[str] = Counter()
    dates = (since + timedelta(days=number) for number in range(days))
    by_day = {day: Span(day, Counter(), Counter()) for day in dates}
    for row in now:
        if not row.questions:
            continue
        outcomes[row.outcome] += row.questions
        by_day[row.day].topics[row.topic] += row.questions
        by_day[row.day].outcomes[row.outcome] += row.questions
        if row.topic:
            topics[row.topic] += row.questions
        if row.entry:
            entries[row.entry] += row.questions
    return Summary(
        since=since,
        until=today,
        questions=outcomes.total(),
        answered=outcomes[ANSWER],
        choices=outcomes[CHOICES],
        unanswered=outcomes[NONE],
        helpful=sum(row.helpful for row in now),
        unhelpful=sum(row.unhelpful for row in now),
        before=sum(row.questions for row in rows if earlier <= row.day < since),
        topics=tuple(topics.most_common()),
        entries=tuple(entries.most_common()),
        days=tuple(by_day.values()),
    )
