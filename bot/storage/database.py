"""The database: opened once, and then reached only for one server at a time, but for the operator's few sums."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from pathlib import Path

from filelock import FileLock
from sqlalchemy import delete, func, select, update

from bot.storage.addresses import file_of, parse_url
from bot.storage.core import Core, CountRow, utc_now
from bot.storage.counting import upsert
from bot.storage.engine import BUSY_SECONDS, clear_faults, dispose, make_engine, reading, writing
from bot.storage.migrating import migrate
from bot.storage.schema import OF_SERVERS, counts, entry_versions, notes, servers, unanswered, votes
from bot.storage.server import ServerStore
from bot.storage.serving import RUNNING, take
from bot.storage.settings import MOST_DAYS, ServerSettings

KEPT_AFTER_LEAVING = timedelta(days=30)
VOTES_KEPT = timedelta(days=30)


class Database:
    """All stored data. `server(id)` is the only way to a server's rows."""

    def __init__(self, core: Core, lock: FileLock | None = None) -> None:
        self.core = core
        self._lock = lock
        self.engine = core.engine
        self.now = core.now
        self.counting = core.counting

    @classmethod
    async def open(
        cls,
        url: str | Path,
        *,
        serving: bool = False,
        backup: bool = True,
        now: Callable[[], datetime] = utc_now,
        busy_seconds: float = BUSY_SECONDS,
    ) -> Database:
        """Opens `sqlite:///FILE`, a path or `postgresql://...` and brings its schema up to date.

        `serving`: as the bot that answers on Discord, of which a SQLite file has one. `backup`: first copy a SQLite
        file whose schema is old. `busy_seconds`: how long a locked file is waited for.
        Raises DatabaseInUse, DatabaseTooNew or DatabaseUnavailable, in one clear line without the password.
        """
        parsed = parse_url(url)
        async with clear_faults():
            file = file_of(parsed)
            lock = take(file) if serving and file is not None else None
        engine = make_engine(parsed, busy_seconds, RUNNING if serving else "rsvno")
        try:
            await migrate(engine, parsed, backup=backup)
        except BaseException:
            await dispose(engine)
            if lock is not None:
                lock.release()
            raise
        return cls(Core(engine, parsed, now), lock)

    async def close(self) -> None:
        """Writes what waits to be written, and lets go of the database."""
        await self.counting.close()
        await dispose(self.engine)
        if self._lock is not None:
            self._lock.release()

    def server(self, guild_id: int) -> ServerStore:
        """Returns the object through which this server's rows, and no other's, are read and written."""
        return ServerStore(self.core, guild_id)

    # ------------------------------------------------------ over all servers

    async def server_ids(self) -> frozenset[int]:
        """Returns the servers of which anything is kept."""
        async with reading(self.engine) as connection:
            found = [await connection.scalars(select(table.c.guild_id).distinct()) for table in OF_SERVERS]
            return frozenset(guild_id for rows in found for guild_id in rows)

    async def stats_of_all(self, since: date, until: date) -> list[CountRow]:
        """Returns all servers' counters of these days, both included: for the operator's terminal only."""
        wanted = select(counts).where(counts.c.day.between(since, until)).order_by(counts.c.day)
        async with reading(self.engine) as connection:
            return [CountRow(**row) for row in (await connection.execute(wanted)).mappings()]

    async def joined(self, guild_id: int) -> None:
        """Notes that we are in a server: what is kept of it stays."""
        async with writing(self.engine) as connection:
            await connection.execute(update(servers).where(servers.c.guild_id == guild_id).values(left_at=None))

    async def left(self, guild_id: int) -> None:
        """Notes that we are in a server no more: in 30 days all that is kept of it goes."""
        await self._mark_left([guild_id])

    async def still_in(self, guild_ids: Collection[int]) -> list[int]:
        """Compares what is kept with the servers we are in, at start; returns those newly found to be left."""
        there = frozenset(guild_ids)
        known = await self.server_ids()
        async with reading(self.engine) as connection:
            rows = await connection.execute(select(servers.c.guild_id).where(servers.c.left_at.is_not(None)))
            marked = frozenset(rows.scalars())
        for guild_id in marked & there:
            await self.joined(guild_id)
        gone = sorted(known - there - marked)
        await self._mark_left(gone)
        return gone

    async def _mark_left(self, guild_ids: Collection[int]) -> None:
        if not guild_ids:
            return
        async with writing(self.engine) as connection:
            insert = upsert(connection, servers)
            statement = insert.on_conflict_do_update(
                index_elements=["guild_id"], set_={"left_at": func.coalesce(servers.c.left_at, insert.excluded.left_at)}
            )
            rows = [
                {"guild_id": guild_id, "settings": {}, "entries_version": 0, "left_at": self.now()}
                for guild_id in guild_ids
            ]
            await connection.execute(statement, rows)

    async def purge(self) -> dict[str, int]:
        """Deletes what is past its days; returns how many rows of what: servers left, unanswered, votes."""
        now = self.now()
        async with reading(self.engine) as connection:
            rows = await connection.execute(
                select(servers.c.guild_id).where(servers.c.left_at < now - KEPT_AFTER_LEAVING)
            )
            gone = list(rows.scalars())
            chosen_by = await connection.execute(select(servers.c.guild_id, servers.c.settings))
            settings = {row.guild_id: row.settings for row in chosen_by}
        for guild_id in gone:
            await self.server(guild_id).forget()
        deleted = {"servers": len(gone), "unanswered": 0, "votes": 0}
        async with writing(self.engine) as connection:
            aged = await connection.execute(delete(votes).where(votes.c.at < now - VOTES_KEPT))
            deleted["votes"] = aged.rowcount
            oldest = await connection.execute(
                delete(unanswered).where(unanswered.c.at < now - timedelta(days=MOST_DAYS))
            )
            deleted["unanswered"] = oldest.rowcount
            for guild_id, chosen in settings.items():
                days = ServerSettings.model_validate(chosen or {}).inbox_days
                if days < MOST_DAYS:
                    aged = await connection.execute(
                        delete(unanswered).where(
                            unanswered.c.guild_id == guild_id, unanswered.c.at < now - timedelta(days=days)
                        )
                    )
                    deleted["unanswered"] += aged.rowcount
        return deleted

    async def forget_person(self, user_id: int) -> int:
        """Deletes what hangs on a person, in all servers: votes, and their name in histories. Returns the rows touched.

        The counters that a vote changed stay: they say nothing of who.
        """
        voter = await self.core.voter_hash(user_id)
        async with writing(self.engine) as connection:
            gone = await connection.execute(delete(votes).where(votes.c.voter == voter))
            blanked = await connection.execute(
                update(entry_versions).where(entry_versions.c.editor == user_id).values(editor=None)
            )
            return gone.rowcount + blanked.rowcount

    # ----------------------------------------------------------------- notes

    async def note(self, name: str) -> str | None:
        """Returns a small fact that was kept, or None."""
        async with reading(self.engine) as connection:
            found = await connection.execute(select(notes.c.value).where(notes.c.name == name))
            value: str | None = found.scalar_one_or_none()
            return value

    async def keep_note(self, name: str, value: str) -> None:
        """Keeps a small fact."""
        async with writing(self.engine) as connection:
            insert = upsert(connection, notes)
            statement = insert.on_conflict_do_update(index_elements=["name"], set_={"value": insert.excluded.value})
            await connection.execute(statement, {"name": name, "value": value})
