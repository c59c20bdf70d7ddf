"""Known questions for what a person has typed so far."""

from __future__ import annotations

from collections.abc import Sequence

from bot.advice.advisor import Advisor
from bot.guidance.models import Entry

OWN_FIRST = 10
"""So many of a server's own questions are suggested before the first letter."""
LEAST_TO_MATCH = 3
"""Characters typed before suggestions follow the meaning, and not only the letters."""


def suggest(advisor: Advisor, typed: str, most: int = 25) -> list[Entry]:
    """Known questions, best first; before the first letter, one a topic.

    A server's own come first among those that hold what was typed.
    """
    own = advisor.own_entries
    typed = " ".join(typed.lower().split())
    ordinary = [entry for entry in advisor.library.entries if not entry.safety and entry.id not in advisor.hidden]
    if not typed:
        firsts = {entry.topic: entry for entry in reversed(ordinary)}
        return [*own[:OWN_FIRST], *reversed(firsts.values())][:most]
    literal = [entry for entry in (*own, *ordinary) if _holds(entry, typed.split())]
    if len(typed) < LEAST_TO_MATCH:
        return literal[:most]
    reading = advisor.read(typed)
    holding = {entry.id for entry in literal}
    near = holding | {match.entry.id for match in advisor.close_own(reading)}
    alike = [entry for entry in own if entry.id in near]
    alike += [entry for entry in advisor.order(reading) if not entry.safety]
    # those that begin so come first, then those that hold every word so far, each group by how well it matches
    begins = {entry.id for entry in literal if entry.question.lower().startswith(typed)}
    return sorted(alike, key=lambda entry: (entry.id not in begins, entry.id not in holding))[:most]


def _holds(entry: Entry, typed: Sequence[str]) -> bool:
    words = entry.question.lower().split()
    return all(any(word.strip("'\"(?").startswith(part) for word in words) for part in typed)
