"""How old is what Discord sends, whatever this machine's clock says; and whether that clock is right.

Discord's ids hold the instant at which something was made, by Discord's clock. What is the freshest when it arrives has
just been made; all else is as much older as it arrives later. So only time that passed is measured here, and a clock
that is wrong, or set right meanwhile, changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from types import SimpleNamespace

import aiohttp

from bot.chat.kit.logs import Seldom

KEPT_SECONDS = 300.0
"""So long, and at most twice as long, the freshest arrival counts: a machine that slept begins anew."""
WRONG_SECONDS = 2.0
"""By more than that, a clock is called wrong. `Date` names whole seconds."""

WRONG_CLOCK = Seldom(
    "this machine's clock is %.0f s %s Discord's: answers go by Discord's, but the log and the days of the "
    "stats do not; set the clock right (NTP)",
    seconds=86_400.0,
)


class DiscordTime:
    """Discord's clock, by what arrives. `passed`: seconds on a clock that only goes forward; `wall`: this machine's."""

    def __init__(self, passed: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time) -> None:
        self._passed = passed
        self._wall = wall
        self._began = -float("inf")
        self._freshest = self._freshest_before = -float("inf")

    def age(self, made: datetime) -> float:
        """Returns how many seconds ago something was made that is here now; what is the freshest so far: 0."""
        instant = made.timestamp()
        now = self._passed()
        if now - self._began > KEPT_SECONDS:
            fell_silent = now - self._began > 2 * KEPT_SECONDS
            self._freshest_before = -float("inf") if fell_silent else self._freshest
            self._began, self._freshest = now, -float("inf")
        self._freshest = max(self._freshest, instant - now)
        return now + max(self._freshest, self._freshest_before) - instant

    def watch(self, trace: aiohttp.TraceConfig) -> aiohttp.TraceConfig:
        """Lets `trace` compare the `Date` of each answer with this machine's clock; returns it."""

        async def began(
            _: aiohttp.ClientSession, context: SimpleNamespace, __: aiohttp.TraceRequestStartParams
        ) -> None:
            context.began = self._wall()

        async def ended(
            _: aiohttp.ClientSession, context: SimpleNamespace, params: aiohttp.TraceRequestEndParams
        ) -> None:
            self._compare(params.response.headers.get("Date", ""), getattr(context, "began", self._wall()))

        trace.on_request_start.append(began)
        trace.on_request_end.append(ended)
        return trace

    def _compare(self, date: str, asked: float) -> None:
        try:
            said = parsedate_to_datetime(date).timestamp()
        except (ValueError, TypeError, OverflowError):
            return
        # the answer was made at some instant of that second, after it was asked for and before now
        if asked - (said + 1.0) > WRONG_SECONDS:
            WRONG_CLOCK.warn(asked - said, "ahead of")
        elif said - self._wall() > WRONG_SECONDS:
            WRONG_CLOCK.warn(said - self._wall(), "behind")
