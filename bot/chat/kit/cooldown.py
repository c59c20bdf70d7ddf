"""How often one person, or one channel, is answered: in memory, since it matters for minutes only."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

MOST_KEYS = 20_000
"""So many keys are remembered; the oldest are forgotten first."""


class Cooldown:
    """At most `most` times in `seconds`, for each key. `now` returns seconds on a clock that only goes forward."""

    def __init__(self, most: int, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._seconds = seconds
        self._now = now
        self._times: OrderedDict[object, list[float]] = OrderedDict()

    def wait(self, key: object) -> float:
        """Returns the seconds until `key` may be used again; 0: now."""
        times = self._fresh(key)
        return times[0] + self._seconds - self._now() if len(times) >= self._most else 0.0

    def use(self, key: object) -> None:
        """Counts one use."""
        times = self._fresh(key)
        times.append(self._now())
        self._times[key] = times
        self._times.move_to_end(key)
        while len(self._times) > MOST_KEYS:
            self._times.popitem(last=False)

    def _fresh(self, key: object) -> list[float]:
        since = self._now() - self._seconds
        return [used for used in self._times.get(key, []) if used > since]


class SeenBefore:
    """Remembers the last ids: after a resume, Discord may send an event twice."""

    def __init__(self, most: int = 10_000) -> None:
        self._ids: OrderedDict[int, None] = OrderedDict()
        self._most = most

    def add(self, event_id: int) -> bool:
        """Returns True if this id is new."""
        if event_id in self._ids:
            return False
        self._ids[event_id] = None
        if len(self._ids) > self._most:
            self._ids.popitem(last=False)
        return True
