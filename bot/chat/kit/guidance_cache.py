"""Each server's advisor, ready to be asked: made when first needed, made anew when its own guidance changed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice

from cachetools import LRUCache, TTLCache

from bot.advice.advisor import Advisor
from bot.advice.editing import stored_entries
from bot.chat.kit.work import Crowded, Work
from bot.guidance.models import Entry
from bot.matching.encoder.encoder import Vectors
from bot.storage import Database, StorageFault, StoredEntry

log = logging.getLogger(__name__)

MOST_SERVERS = 2000
"""So many servers' guidance is kept in memory; the one that was not asked for longest goes first."""
MOST_TRIED, TRIED_SECONDS = 1000, 3600.0
"""Vectors of wordings that were tried and may be saved next: so many, of all servers, for so many seconds."""


class GuidanceCache:
    """Keeps each server's advisor at hand. A new wording costs some milliseconds, off the event loop."""

    def __init__(
        self, advisor: Advisor, database: Database, work: Work, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._advisor = advisor
        self._database = database
        self._line = work.matching
        self._ready: LRUCache[int, tuple[int, Advisor]] = LRUCache(MOST_SERVERS)
        self._locks: LRUCache[int, asyncio.Lock] = LRUCache(MOST_SERVERS)
        self._tried: TTLCache[str, Vectors] = TTLCache(MOST_TRIED, TRIED_SECONDS, timer=now)

    async def warm(self, servers: Iterable[int]) -> None:
        """Makes the guidance of servers that have some ready, one after the other, so that the first question need not
        wait for it; of no more servers than are kept."""
        for server in islice(servers, MOST_SERVERS):
            try:
                await self.of(server)
            except (StorageFault, Crowded) as fault:
                log.warning("a server's own guidance is not ready yet: %s", fault)
                return

    def ready(self, server: int, revision: int) -> Advisor | None:
        """Returns the advisor with a server's guidance of that revision, if it is at hand."""
        if not revision:
            return self._advisor
        known = self._ready.get(server)
        return known[1] if known is not None and known[0] == revision else None

    def last_known(self, server: int) -> Advisor | None:
        """Returns the advisor with a server's guidance as it last was at hand, or None."""
        known = self._ready.get(server)
        return known[1] if known is not None else None

    async def of(self, server: int) -> Advisor:
        """Returns the advisor with a server's guidance as it is now. Raises StorageFault, and Crowded."""
        store = self._database.server(server)
        revision = await store.entries.revision()
        advisor = self.ready(server, revision)
        if advisor is not None:
            return advisor
        async with self._locks.setdefault(server, asyncio.Lock()):
            advisor = self.ready(server, revision)
            if advisor is not None:
                return advisor
            advisor = self._advisor
            stored, hidden = await store.entries.all(), await store.entries.hidden()
            if stored or hidden:
                earlier = self.last_known(server) or advisor
                entries, refused = await self._line.submit(server, _as_entries, stored)
                self._database.note_unreadable(server, "entry", refused)
                encoded = await self._encode(server, earlier, entries)
                advisor = await self._line.submit(server, earlier.within, entries, hidden, encoded)
            self._ready[server] = (revision, advisor)
            return advisor

    async def try_out(self, server: int, advisor: Advisor, entries: Iterable[Entry]) -> Mapping[str, Vectors]:
        """Returns the vectors of entries' wordings, by their prepared form, and keeps them for when they are saved.

        Raises Crowded.
        """
        encoded = await self._encode(server, advisor, entries)
        self._tried.update(encoded)
        return encoded

    async def _encode(self, server: int, advisor: Advisor, entries: Iterable[Entry]) -> dict[str, Vectors]:
        wordings = dict.fromkeys(wording for entry in entries for wording in entry.wordings)
        read = partial(advisor.encode, known=dict(self._tried))
        encoded: dict[str, Vectors] = {}
        # some at a time, so that others have their turn
        for vectors in await self._line.each(server, read, wordings):
            encoded.update(vectors)
        return encoded


def _as_entries(stored: Sequence[StoredEntry]) -> tuple[list[Entry], list[str]]:
    return stored_entries(each.document for each in stored)
