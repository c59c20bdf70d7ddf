"""What the matcher says of one message."""

from __future__ import annotations

from dataclasses import dataclass

from bot.guidance.models import Entry


@dataclass(frozen=True, slots=True)
class Ranked:
    """One entry and the calibrated probability, 0 to 1, that it is of the right topic for the message."""

    entry: Entry
    confidence: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """The entries that may answer a message, best first.

    `ours` is the probability that the message is for us at all, `danger` that it tells of danger, where safety comes
    before manners. Both 0 to 1. `ranked` is empty for a text without words.
    """

    ours: float
    danger: float
    ranked: tuple[Ranked, ...]
