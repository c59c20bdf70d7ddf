"""How often one person, or one channel, is answered: in memory, since it matters for minutes only."""

from __future__ import annotations

import time
from collections.abc import Callable

from cachetools import FIFOCache, TTLCache
from discord import app_commands

MAX_KEYS = 20_000
"""So many keys are remembered; the oldest are forgotten first."""


class Cooldowns:
    """At most `rate` times in `seconds`, for each key. `now` returns seconds on a clock that only goes forward."""

    def __init__(self, rate: int, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._seconds = seconds
        self._now = now
        self._kept: TTLCache[object, app_commands.Cooldown] = TTLCache(MAX_KEYS, ttl=seconds, timer=now)

    def wait(self, key: object) -> float:
        """Returns the seconds until `key` may be used again; 0: now."""
        cooldown = self._kept.get(key)
        return cooldown.get_retry_after(self._now()) if cooldown is not None else 0.0

    def use(self, key: object) -> None:
        """Counts one use."""
        cooldown = self._kept.get(key) or app_commands.Cooldown(self._rate, self._seconds)
        cooldown.update_rate_limit(self._now())
        self._kept[key] = cooldown

    def check(self, key: object) -> None:
        """Counts one use. Raises CommandOnCooldown if it is too soon."""
        wait = self.wait(key)
        if wait:
            raise app_commands.CommandOnCooldown(app_commands.Cooldown(self._rate, self._seconds), wait)
        self.use(key)


class SeenBefore:
    """Remembers the last ids: after a resume, Discord may send an event twice."""

    def __init__(self, size: int = 10_000) -> None:
        self._ids: FIFOCache[int, bool] = FIFOCache(size)

    def add(self, event_id: int) -> bool:
        """Returns True if this id is new."""
        if event_id in self._ids:
            return False
        self._ids[event_id] = True
        return True
