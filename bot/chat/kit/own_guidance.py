"""Servers' own guidance, ready to be matched: loaded when first needed, made anew when it changed."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterable

from bot.advice.advisor import Advisor, ServerGuidance
from bot.guidance.models import Entry
from bot.storage import Database, StorageFault

log = logging.getLogger(__name__)

MOST_SERVERS = 2000
"""So many servers' guidance is kept in memory; the one that was not asked for longest goes first."""


class Shelf:
    """Keeps each server's guidance at hand. A new wording costs some milliseconds, off the event loop."""

    def __init__(self, advisor: Advisor, database: Database) -> None:
        self._advisor = advisor
        self._database = database
        self._ready: OrderedDict[int, tuple[int, ServerGuidance | None]] = OrderedDict()
        self._locks: dict[int, asyncio.Lock] = {}

    async def warm(self, servers: Iterable[int]) -> None:
        """Makes these servers' guidance ready, one after the other, so that the first question need not wait for it."""
        for server in servers:
            try:
                await self.of(server)
            except StorageFault as fault:
                log.warning("a server's own guidance is not ready yet: %s", fault)
                return

    async def of(self, server: int) -> ServerGuidance | None:
        """Returns a server's guidance as it is now, None if it has none. Raises StorageFault."""
        store = self._database.server(server)
        version = await store.entries.revision()
        known = self._ready.get(server)
        if known is not None and known[0] == version:
            self._ready.move_to_end(server)
            return known[1]
        async with self._locks.setdefault(server, asyncio.Lock()):
            known = self._ready.get(server)
            if known is not None and known[0] == version:
                return known[1]
            made: ServerGuidance | None = None
            if version:
                stored, hidden = await store.entries.all(), await store.entries.hidden()
                entries = [Entry.model_validate(dict(each.document)) for each in stored]
                if entries or hidden:
                    earlier = known[1] if known is not None else None
                    made = await asyncio.to_thread(self._advisor.server_guidance, entries, hidden, earlier)
            self._ready[server] = (version, made)
            self._ready.move_to_end(server)
            while len(self._ready) > MOST_SERVERS:
                oldest, _ = self._ready.popitem(last=False)
                self._locks.pop(oldest, None)
            return made
