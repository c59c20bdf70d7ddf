"""What the database and each server's store stand on: the connections, the clock, the hashes, what is remembered."""

from __future__ import annotations

import hashlib
import hmac
import secrets as random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from cachetools import TTLCache
from sqlalchemy import select
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.counting import CountingDesk, upsert
from bot.storage.engine import reading, writing
from bot.storage.schema import secrets, servers
from bot.storage.settings import ServerSettings

FRESH_SECONDS = 10.0
"""So long a server's settings are believed without a look: another program may have changed them."""
MOST_REMEMBERED = 10_000
"""So many servers' settings are held in memory; those that were not asked for longest go first."""


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


class Core:
    """One open database, for the stores' own use. Its coroutines raise DatabaseUnavailable."""

    def __init__(self, engine: AsyncEngine, url: URL, now: Callable[[], datetime]) -> None:
        self.engine = engine
        self.url = url
        self.now = now
        self.counting = CountingDesk(engine)
        self.cache: TTLCache[int, Remembered] = TTLCache(MOST_REMEMBERED, FRESH_SECONDS)
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

    async def answer_hash(self, answer: int) -> bytes:
        """Returns HMAC-SHA256 of an answer's id."""
        return hmac.digest(await self.secret(), f"answer:{answer}".encode(), hashlib.sha256)

    # ----------------------------------------------------------------- cache

    async def server_row(self, guild_id: int) -> Remembered:
        """Returns a server's settings and the revision of its guidance, from memory while they are fresh."""
        found = self.cache.get(guild_id)
        if found is not None:
            return found
        before = self._forgotten
        async with reading(self.engine) as connection:
            wanted = select(servers.c.settings, servers.c.entries_version).where(servers.c.guild_id == guild_id)
            row: Any = (await connection.execute(wanted)).first()
        settings = ServerSettings.model_validate(row.settings or {}) if row is not None else ServerSettings()
        found = Remembered(settings, row.entries_version if row is not None else 0)
        # what was changed while we looked must not be remembered as it was
        if self._forgotten == before:
            self.cache[guild_id] = found
        return found

    def forget(self, guild_id: int) -> None:
        """Lets the next look at a server's row go to the database."""
        self._forgotten += 1
        self.cache.pop(guild_id, None)
