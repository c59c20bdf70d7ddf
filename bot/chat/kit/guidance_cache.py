"""Each server's advisor, ready to be asked: made when first needed, made anew when its own guidance changed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from cachetools import LRUCache

from bot.advice.advisor import Advisor
from bot.guidance.models import Entry
from bot.storage import Database, StorageFault

log = logging.getLogger(__name__)

MOST_SERVERS = 2000
"""So many servers' guidance is kept in memory; the one that was not asked for longest goes first."""


class GuidanceCache:
    """Keeps each server's advisor at hand. A new wording costs some milliseconds, off the event loop."""

    def __init__(self, advisor: Advisor, database: Database) -> None:
        self._advisor = advisor
        self._database = database
        self._ready: LRUCache[int, tuple[int, Advisor]] = LRUCache(MOST_SERVERS)
        self._locks: LRUCache[int, asyncio.Lock] = LRUCache(MOST_SERVERS)

    async def warm(self, servers: Iterable[int]) -> None:
        """Makes these servers' guidance ready, one after the other, so that the first question need not wait for it."""
        for server in servers:
            try:
                await self.of(server)
            except StorageFault as fault:
                log.warning("a server's own guidance is not ready yet: %s", fault)
                return

    async def of(self, server: int) -> Advisor:
        """Returns the advisor with a server's guidance as it is now. Raises StorageFault."""
        store = self._database.server(server)
        revision = await store.entries.revision()
        known = self._ready.get(server)
        if known is not None and known[0] == revision:
            return known[1]
        async with self._locks.setdefault(server, asyncio.Lock()):
            known = self._ready.get(server)
            if known is not None and known[0] == revision:
                return known[1]
            advisor = self._advisor
            if revision:
                stored, hidden = await store.entries.all(), await store.entries.hidden()
                entries = [Entry.model_validate(dict(each.document)) for each in stored]
                if entries or hidden:
                    earlier = known[1] if known is not None else self._advisor
                    advisor = await asyncio.to_thread(earlier.within, entries, hidden)
            self._ready[server] = (revision, advisor)
            return advisor
