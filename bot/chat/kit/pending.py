"""What waits for a press and is too long for a custom id: in memory, and only the last of it."""

from __future__ import annotations

import secrets
from typing import Annotated, Generic, TypeVar

from cachetools import LRUCache

Thing = TypeVar("Thing")

MAX_WAITING = 100

PendingName = Annotated[str, r"[0-9a-f]{16}"]
"""Of something that waits, in a custom id."""


class Pending(Generic[Thing]):
    """Things of servers that wait for a press, the last hundred. After a restart they are gone.

    Of all bots in this process: a name is random, and only its own server can use it.
    """

    def __init__(self, size: int = MAX_WAITING) -> None:
        self._waiting: LRUCache[str, tuple[int, Thing]] = LRUCache(size)

    def keep(self, server: int, thing: Thing) -> str:
        """Keeps something of a server and returns the name under which it can be had."""
        name = secrets.token_hex(8)
        self._waiting[name] = (server, thing)
        return name

    def get(self, server: int, name: str) -> Thing | None:
        """Returns what a server has under a name; None if that is gone."""
        found = self._waiting.get(name)
        return found[1] if found is not None and found[0] == server else None

    def take(self, server: int, name: str) -> Thing | None:
        """The same, once."""
        thing = self.get(server, name)
        if thing is not None:
            del self._waiting[name]
        return thing

    def put_back(self, server: int, name: str, thing: Thing) -> None:
        """Keeps what was taken under the same name again."""
        self._waiting[name] = (server, thing)
