"""Faults to order: what this Discord should do wrong, on which call, and how often."""

from __future__ import annotations

import asyncio
import fnmatch
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["status", "rate_limit", "ban", "hang", "abort", "garbage"]


@dataclass(slots=True)
class RestFault:
    """One order: the next `times` calls that match get this instead of their answer (None: until it is taken back)."""

    kind: Kind
    method: str
    path: str
    times: int | None
    status: int = 500
    code: int = 0
    message: str = ""
    retry_after: float = 0.0
    scope: Literal["user", "shared", "global"] = "user"
    after: bool = False
    """True: the call is carried out first, and only its answer is lost."""
    half: bool = False
    """Of garbage: True for the first half of the right answer, False for a page that somebody put in between."""
    released: asyncio.Event = field(default_factory=asyncio.Event)
    struck: int = 0
    """How many calls it has hit so far."""

    def matches(self, method: str, path: str) -> bool:
        """Returns whether this fault is meant for such a call; `path` is without the `/api/v10`."""
        return self.method in ("*", method) and fnmatch.fnmatch(path, self.path)


class RestFaults:
    """The orders for REST calls. A path is a shell pattern (`/channels/*/messages`), a method may be `*`."""

    def __init__(self) -> None:
        self._orders: list[RestFault] = []

    def take(self, method: str, path: str) -> RestFault | None:
        """Returns the fault that this call shall meet, used up by one; None if it may go on."""
        for order in self._orders:
            if order.matches(method, path):
                order.struck += 1
                if order.times is not None and order.struck >= order.times:
                    self._orders.remove(order)
                return order
        return None

    def _order(self, fault: RestFault) -> RestFault:
        self._orders.append(fault)
        return fault

    def status(
        self,
        status: int,
        method: str = "*",
        path: str = "*",
        *,
        times: int | None = 1,
        code: int = 0,
        message: str = "",
    ) -> RestFault:
        """Orders an answer with this HTTP status and, optionally, a JSON error code; returns the order."""
        return self._order(RestFault("status", method, path, times, status=status, code=code, message=message))

    def rate_limit(
        self,
        retry_after: float,
        method: str = "*",
        path: str = "*",
        *,
        times: int | None = 1,
        scope: Literal["user", "shared", "global"] = "user",
    ) -> RestFault:
        """Orders a 429 that asks to wait `retry_after` seconds: for the route (`user`, `shared`) or all (`global`)."""
        return self._order(RestFault("rate_limit", method, path, times, retry_after=retry_after, scope=scope))

    def ban(self, method: str = "*", path: str = "*", *, times: int | None = 1) -> RestFault:
        """Orders the answer of the wall before Discord: a 429 in HTML without `Via`, which means 'go away'."""
        return self._order(RestFault("ban", method, path, times))

    def hang(self, method: str = "*", path: str = "*", *, times: int | None = 1) -> RestFault:
        """Orders silence: the call hangs until `order.released.set()`, and is then carried out."""
        return self._order(RestFault("hang", method, path, times))

    def abort(self, method: str = "*", path: str = "*", *, times: int | None = 1, after: bool = False) -> RestFault:
        """Orders the TCP connection cut, before the call is carried out or (`after=True`) after it."""
        return self._order(RestFault("abort", method, path, times, after=after))

    def garbage(self, method: str = "*", path: str = "*", *, times: int | None = 1, half: bool = False) -> RestFault:
        """Orders a call carried out, but answered with a page of HTML, or with `half` of its JSON."""
        return self._order(RestFault("garbage", method, path, times, after=True, half=half))

    def take_back(self, order: RestFault | None = None) -> None:
        """Takes back one order, or all, and lets go what hangs."""
        for fault in list(self._orders) if order is None else [order]:
            fault.released.set()
            if fault in self._orders:
                self._orders.remove(fault)
