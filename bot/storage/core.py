"""What the database and each server's store stand on: the connections, the clock, the hashes, what is remembered."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import secrets as random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from cachetools import LRUCache, TTLCache
from sqlalchemy import JSON, func, or_, select, type_coerce
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.counting import BATCH, CountingDesk, upsert
from bot.storage.engine import reading, writing
from bot.storage.schema import secrets, servers
from bot.storage.settings import ServerSettings

log = logging.getLogger(__name__)

FRESH_SECONDS = 10.0
"""So long a server's settings are believed without a look: another program may have changed them."""
MOST_REMEMBERED = 10_000
"""So many servers' settings are held in memory; those that were not asked for longest go first."""
MOST_LAST_KNOWN = 100_000
"""So many servers' last known settings are held, for when the database is away; most are the defaults, held once."""

UNREADABLE = ("setting", "entry")
"""The kinds of what may be stored, but not be read."""


def utc_now() -> datetime:
    """Returns the present moment in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class CountRow:
    """One counter of one server."""

    guild_id: int
    day: date
    route: str
    outcome: str
    topic: str
    entry: str
    verdict: str
    questions: int
    helpful: int
    unhelpful: int


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is remembered of a server's row."""

    settings: ServerSettings
    entries_revision: int
    there: bool = False
    """Whether the row is there, and says that this bot is in the server."""


_NOTHING_KEPT = Remembered(ServerSettings(), 0)


class Core:
    """One open database, for the stores' own use. Its coroutines raise DatabaseUnavailable."""

    def __init__(self, engine: AsyncEngine, url: URL, now: Callable[[], datetime]) -> None:
        self.engine = engine
        self.url = url
        self.now = now
        self.counting = CountingDesk(engine, self.touch, self.forget)
        self.cache: TTLCache[int, Remembered] = TTLCache(MOST_REMEMBERED, FRESH_SECONDS)
        self._last_known: LRUCache[int, Remembered] = LRUCache(MOST_LAST_KNOWN)
        self._looking: dict[int, asyncio.Task[Remembered]] = {}
        self._listening: set[int] | None = None
        self._chosen_meanwhile: dict[int, bool] | None = None
        """What servers chose while a survey is under way."""
        self.application: int | None = None
        """The id of the bot that works with this database; None: none does, as at the terminal."""
        self.unreadable: Counter[str] = Counter()
        """How many settings and entries this version could not read, by kind; each is counted once."""
        self._told: set[tuple[int, str, str]] = set()
        self._forgotten = 0
        self._secret: bytes | None = None

    # ---------------------------------------------------------------- hashes

    async def secret(self) -> bytes:
        """Returns the key of the hashes, made once."""
        if self._secret is None:
            async with writing(self.engine) as connection:
                row = {"name": "votes", "key": random.token_bytes(32)}
                await connection.execute(upsert(connection, secrets).on_conflict_do_nothing(), row)
                found = await connection.execute(select(secrets.c.key).where(secrets.c.name == "votes"))
                self._secret = bytes(found.scalar_one())
        return self._secret

    async def voter_hash(self, user_id: int) -> bytes:
        """Returns HMAC-SHA256 of a person's id: the same each time, and nothing without the key."""
        return hmac.digest(await self.secret(), f"person:{user_id}".encode(), hashlib.sha256)

    # ----------------------------------------------------------------- cache

    async def server_row(self, guild_id: int) -> Remembered:
        """Returns a server's settings and the revision of its guidance, from memory while they are fresh.

        Many who wait for the same server wait for one look.
        """
        found = self.fresh(guild_id)
        if found is not None:
            return found
        looking = self._looking.get(guild_id)
        if looking is None or looking.done():
            looking = self._looking[guild_id] = asyncio.create_task(self._look(guild_id))
            looking.add_done_callback(partial(self._looked, guild_id))
        # whoever no longer waits takes nothing from the others
        return await asyncio.shield(looking)

    def fresh(self, guild_id: int) -> Remembered | None:
        """Returns the same where memory is fresh, without a look at the database; otherwise None."""
        return self.cache.get(guild_id)

    def last_known(self, guild_id: int) -> Remembered | None:
        """Returns what was last known of a server, however long ago; None where nothing was."""
        return self._last_known.get(guild_id)

    async def _look(self, guild_id: int) -> Remembered:
        before = self._forgotten
        async with reading(self.engine) as connection:
            row: Any = (await connection.execute(select(servers).where(servers.c.guild_id == guild_id))).first()
        found = _NOTHING_KEPT
        if row is not None:
            there = row.left_at is None and self.application in (None, row.application)
            found = Remembered(self.settings_of(guild_id, row.settings), row.entries_version, there)
        # what was changed while we looked must not be remembered as it was
        if self._forgotten == before:
            self.cache[guild_id] = self._last_known[guild_id] = found
            self._note_listening(guild_id, found.settings)
        return found

    def _looked(self, guild_id: int, looking: asyncio.Task[Remembered]) -> None:
        if self._looking.get(guild_id) is looking:
            del self._looking[guild_id]
        if not looking.cancelled():
            # read, also where nobody waits any more
            looking.exception()

    def forget(self, guild_id: int) -> None:
        """Lets the next look at a server's row go to the database."""
        self._forgotten += 1
        self.cache.pop(guild_id, None)
        self._looking.pop(guild_id, None)

    def chosen(self, guild_id: int, settings: ServerSettings | None) -> None:
        """Notes what a server has just chosen as the last known; None: nothing is kept of it any more."""
        known = self._last_known.pop(guild_id, _NOTHING_KEPT)
        if settings is not None:
            self._last_known[guild_id] = replace(known, settings=settings)
        self._note_listening(guild_id, settings or ServerSettings())

    # ------------------------------------------------------- all servers, at start

    async def survey(self) -> list[int]:
        """Finds out once, with one query, which servers listen to what nobody asked, and returns those with guidance
        of their own."""
        self._chosen_meanwhile = {}
        listens = type_coerce(servers.c.settings, JSON)["listening"].as_string() == "channels"
        guided = servers.c.entries_version > 0
        wanted = select(servers.c.guild_id, guided, listens).where(or_(guided, listens))
        async with reading(self.engine) as connection:
            rows = (await connection.execute(wanted)).all()
        self._listening = {guild_id for guild_id, _, does in rows if does}
        meanwhile, self._chosen_meanwhile = self._chosen_meanwhile, None
        for guild_id, does in meanwhile.items():
            self._set_listening(guild_id, does)
        return [guild_id for guild_id, has, _ in rows if has]

    def listens(self, guild_id: int) -> bool:
        """Returns whether a server may listen to what nobody asked: without a look at the database, for each message
        of every server. True before the survey, too."""
        return self._listening is None or guild_id in self._listening

    def _note_listening(self, guild_id: int, settings: ServerSettings) -> None:
        listens = settings.listening == "channels"
        if self._chosen_meanwhile is not None:
            self._chosen_meanwhile[guild_id] = listens
        self._set_listening(guild_id, listens)

    def _set_listening(self, guild_id: int, listens: bool) -> None:
        if self._listening is not None and listens:
            self._listening.add(guild_id)
        elif self._listening is not None:
            self._listening.discard(guild_id)

    # ---------------------------------------------------------------- presence

    async def touch(self, connection: AsyncConnection, guild_ids: Iterable[int]) -> None:
        """Notes, within a transaction that writes for servers, that this bot is in them: their data stays."""
        insert = upsert(connection, servers)
        statement = insert.on_conflict_do_update(
            index_elements=["guild_id"],
            set_={
                "left_at": None,
                "application": func.coalesce(insert.excluded.application, servers.c.application),
            },
        )
        row = {"settings": {}, "entries_version": 0, "left_at": None, "application": self.application}
        rows = [{"guild_id": guild_id, **row} for guild_id in guild_ids]
        for start in range(0, len(rows), BATCH):
            await connection.execute(statement, rows[start : start + BATCH])

    # -------------------------------------------------------------- what can't be read

    def settings_of(self, guild_id: int, stored: Any) -> ServerSettings:
        """Returns a server's stored settings, those that cannot be read at their defaults."""
        settings, unreadable = ServerSettings.read(stored or {})
        self.note_unreadable(guild_id, "setting", unreadable)
        return settings

    def note_unreadable(self, guild_id: int, kind: str, names: Iterable[str]) -> None:
        """Counts what this version cannot read of a server, and says it in the log, once for each."""
        for name in names:
            told = (guild_id, kind, name[:64])
            if told not in self._told and len(self._told) < MOST_REMEMBERED:
                self._told.add(told)
                self.unreadable[kind] += 1
                log.warning("server %d: the %s '%s' can't be read, and is left out", *told)
