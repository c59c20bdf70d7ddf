"""What a server's new or changed entry would take from the built-in ones: tried before it is saved. No Discord."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.advice.advisor import Advisor
from bot.guidance.models import Entry
from bot.matching.encoder.encoder import Vectors
from bot.matching.own import Own
from bot.matching.policies import Decision, Policy, decide
from bot.matching.ranking import Ranking
from bot.matching.reading import Reading

NEAR = 200
"""So many wordings of the base, those most like an entry's, are tried for it."""
ITSELF = 1.0
"""The cosine of one of the base's wordings to the nearest of them."""
MOST_OF_ONE = 3
"""So many wordings of one built-in entry are tried: they say enough of what is taken from it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A built-in entry, and questions for it that another entry would answer, or be offered for; the surest first."""

    entry: Entry
    questions: tuple[str, ...]


def takes(
    advisor: Advisor, entries: Sequence[Entry], encoded: Mapping[str, Vectors] | None = None
) -> Mapping[str, tuple[Taken, ...]]:
    """What each of some new or changed entries, by id, would take that the built-in ones answer now.

    `advisor` is the server's, with its entries as they are. Each new one is tried on the base's own wordings, in a
    place where it would answer. Encodes what is new and not `encoded` (see `Advisor.encode`), and takes tenths of a
    second an entry: not for the event loop.
    """
    changed = {entry.id for entry in entries}
    kept = [entry for entry in advisor.own_entries if entry.id not in changed]
    after = advisor.within([*kept, *entries], advisor.hidden, encoded)
    return {
        entry.id: tuple(_taken_by(entry, advisor.at(entry.channels), after.at(entry.channels))) for entry in entries
    }


def _taken_by(entry: Entry, before: Advisor, after: Advisor) -> Iterator[Taken]:
    assert after.own is not None
    taken: dict[str, list[str]] = defaultdict(list)
    for built_in, reading in _close(after, after.own.only([entry.id])):
        ranking = after.rank(reading)
        was = _decision(before, ranking, reading)
        if not was.own and not _gets(was, entry) and _gets(_decision(after, ranking, reading), entry):
            taken[built_in.id].append(reading.prepared)
    for name, questions in taken.items():
        built_in = after.library.by_id[name]
        as_written = {after.read(wording).prepared: wording for wording in reversed(built_in.wordings)}
        yield Taken(built_in, tuple(as_written.get(each, each) for each in questions))


def _close(advisor: Advisor, alone: Own) -> list[tuple[Entry, Reading]]:
    """The base's wordings that an entry, the only one of `alone`, is close to: the surest first, a few an entry."""
    close = advisor.base.model.meaning.own.close
    found: list[tuple[float, Entry, Reading]] = []
    for built_in, reading in advisor.base.near(alone.vectors, NEAR):
        best = alone.match(reading, ITSELF, 1)
        if best and best[0].confidence >= close and not built_in.safety and built_in.id not in advisor.hidden:
            found.append((best[0].confidence, built_in, reading))
    found.sort(key=lambda each: -each[0])
    few: dict[str, list[tuple[Entry, Reading]]] = defaultdict(list)
    for _, built_in, reading in found:
        few[built_in.id].append((built_in, reading))
    return [each for of_one in few.values() for each in of_one[:MOST_OF_ONE]]


def _decision(advisor: Advisor, ranking: Ranking, reading: Reading) -> Decision:
    own = advisor.own.match(reading, ITSELF) if advisor.own is not None else []
    return decide(Policy.ASK, ranking, own, advisor.base.model.meaning)


def _gets(decision: Decision, entry: Entry) -> bool:
    """Whether an entry answers, or is among the choices."""
    named = [decision.entry, *(match.entry for match in decision.choices)]
    return any(each is not None and each.id == entry.id for each in named)
