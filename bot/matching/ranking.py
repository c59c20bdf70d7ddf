"""What an index says of one message."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.guidance.models import Entry


@dataclass(frozen=True, slots=True)
class Match:
    """One entry that may answer a message.

    `confidence`: the calibrated probability, 0 to 1, that it does. `cosine`: of the message and the entry's nearest
    wording, -1 to 1. `own`: whether it is a server's own.
    """

    entry: Entry
    confidence: float
    cosine: float = 0.0
    own: bool = False


@dataclass(frozen=True, slots=True)
class Ranking:
    """The base's entries that may answer a message, best first.

    `ours` is the probability that the message is for us at all, `danger` that it tells of danger, where safety comes
    before manners. Both 0 to 1. `nearest` is the cosine to the nearest wording of all. Without words in the message,
    `matches` is empty.
    """

    ours: float
    danger: float
    matches: tuple[Match, ...]
    nearest: float = -1.0

    def without(self, hidden: frozenset[str]) -> Ranking:
        """The same without the entries of these ids."""
        if not hidden:
            return self
        return replace(self, matches=tuple(match for match in self.matches if match.entry.id not in hidden))


NOTHING = Ranking(0.0, 0.0, ())
