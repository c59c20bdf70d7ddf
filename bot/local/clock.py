"""A wall clock that a test can move forward: ids, deadlines and sessions all read it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class MovableClock:
    """The time as this Discord sees it: the real time, plus what it was moved by."""

    def __init__(self) -> None:
        self.elapsed = 0.0

    def now(self) -> datetime:
        """Returns the present instant in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.elapsed)

    def advance(self, seconds: float) -> None:
        """Moves the clock `seconds` forward; a negative number raises ValueError: time never goes back."""
        if seconds < 0:
            raise ValueError("time only goes forward")
        self.elapsed += seconds
