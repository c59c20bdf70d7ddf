"""A wall clock that a test can move forward: ids, deadlines and sessions all read it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class MovableClock:
    """The time as this Discord sees it: the real time, plus what it was moved by.

    `ahead`: seconds by which it is ahead of this machine's clock; below 0, it is the machine's that is ahead.
    """

    def __init__(self, ahead: float = 0.0) -> None:
        self.elapsed = ahead

    def now(self) -> datetime:
        """Returns the present instant in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.elapsed)

    def advance(self, seconds: float) -> None:
        """Moves the clock `seconds` forward; a negative number raises ValueError: time never goes back."""
        if seconds < 0:
            raise ValueError("time only goes forward")
        self.elapsed += seconds
