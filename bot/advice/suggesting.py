"""Known questions for what a person has typed so far."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from bot.advice.advisor import Advisor
from bot.guidance.models import Entry

OWN_FIRST = 10
"""So many of a server's own questions are suggested before the first letter."""
LEAST_TO_MATCH = 3
"""Characters typed before suggestions follow the meaning, and not only the letters."""


def by_letters(advisor: Advisor, typed: str, most: int = 25) -> list[Entry]:
    """Known questions that hold every word typed so far, a server's own first; before the first letter, one a topic.

    Cheap: nothing is read for its meaning.
    """
    typed = _tidy(typed)
    if typed:
        return _literal(advisor, typed)[:most]
    firsts = {entry.topic: entry for entry in reversed(_ordinary(advisor))}
    return [*advisor.own_entries[:OWN_FIRST], *reversed(firsts.values())][:most]


def suggest(advisor: Advisor, typed: str, most: int = 25) -> list[Entry]:
    """Known questions, best first: as `by_letters`, and those that mean what was typed.

    A server's own come first among those that hold what was typed.
    """
    own = advisor.own_entries
    typed = _tidy(typed)
    if len(typed) < LEAST_TO_MATCH:
        return by_letters(advisor, typed, most)
    literal = _literal(advisor, typed)
    reading = advisor.read(typed)
    holding = {entry.id for entry in literal}
    near = holding | {match.entry.id for match in advisor.close_own(reading)}
    alike = [entry for entry in own if entry.id in near]
    alike += [entry for entry in advisor.order(reading) if not entry.safety]
    # those that begin so come first, then those that hold every word so far, each group by how well it matches
    begins = {entry.id for entry in literal if entry.question.lower().startswith(typed)}
    return sorted(alike, key=lambda entry: (entry.id not in begins, entry.id not in holding))[:most]


def _tidy(typed: str) -> str:
    return " ".join(typed.lower().split())


def _ordinary(advisor: Advisor) -> list[Entry]:
    return [entry for entry in advisor.library.entries if not entry.safety and entry.id not in advisor.hidden]


def _literal(advisor: Advisor, typed: str) -> list[Entry]:
    parts = typed.split()
    return [entry for entry in (*advisor.own_entries, *_ordinary(advisor)) if _holds(entry, parts)]


def _holds(entry: Entry, typed: Sequence[str]) -> bool:
    words = _words_of(entry.question)
    return all(any(word.startswith(part) for word in words) for part in typed)


@lru_cache(maxsize=20_000)
def _words_of(question: str) -> tuple[str, ...]:
    return tuple(word.strip("'\"(?") for word in question.lower().split())
