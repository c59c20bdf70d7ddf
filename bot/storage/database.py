"""The database: opened once, and then reached only for one server at a time, but for the operator's few sums."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from pathlib import Path

from filelock import FileLock
from sqlalchemy import BigInteger, bindparam, delete, func, literal, or_, select, update

from bot.storage.addresses import file_of, parse_url
from bot.storage.core import Core, CountRow, utc_now
from bot.storage.counting import BATCH, CountKey, Delta, add_counts, judgement, upsert
from bot.storage.engine import BUSY_SECONDS, clear_faults, dispose, make_engine, reading, scrub_later, writing
from bot.storage.migrating import migrate
from bot.storage.purging import PURGE_SECONDS, Purge
from bot.storage.schema import Instant, counts, entry_versions, notes, servers, votes
from bot.storage.server import ServerStore
from bot.storage.serving import RUNNING, take


class Database:
    """All stored data. `server(id)` is the only way to a server's rows."""

    def __init__(self, core: Core, lock: FileLock | None = None) -> None:
        self.core = core
        self._lock = lock
        self._unnoted: dict[int, bool] = {}
        """Servers that we joined (True) or left, where that could not be noted yet."""
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

    def server(self, guild_id: int, committed: Callable[[], None] = lambda: None) -> ServerStore:
        """Returns the object through which this server's rows, and no other's, are read and written.

        `committed` is called whenever something of it was changed for good.
        """
        return ServerStore(self.core, guild_id, committed)

    # ------------------------------------------------------ over all servers

    async def server_ids(self) -> frozenset[int]:
        """Returns the servers of which anything is kept."""
        async with reading(self.engine) as connection:
            return frozenset(await connection.scalars(select(servers.c.guild_id)))

    async def survey(self) -> list[int]:
        """Finds out which servers listen to what nobody asked (see `listens`); returns those with their own guidance.

        At start, with one query, so that no server is looked up by itself. Raises DatabaseUnavailable.
        """
        return await self.core.survey()

    def listens(self, guild_id: int) -> bool:
        """Returns whether a server may listen to what nobody asked, from memory; True before `survey`."""
        return self.core.listens(guild_id)

    async def stats_of_all(self, since: date, until: date) -> list[CountRow]:
        """Returns all servers' counters of these days, both included: for the operator's terminal only."""
        wanted = select(counts).where(counts.c.day.between(since, until)).order_by(counts.c.day)
        async with reading(self.engine) as connection:
            return [CountRow(**row) for row in (await connection.execute(wanted)).mappings()]

    async def joined(self, guild_id: int) -> None:
        """Notes that we are in a server: what is kept of it stays. What can't be noted now is with the next one."""
        await self._note_presence({guild_id: True})

    async def left(self, guild_id: int) -> None:
        """Notes that we are in a server no more: in 30 days all that is kept of it goes. As `joined`."""
        await self._note_presence({guild_id: False})

    async def still_in(
        self,
        guild_ids: Collection[int],
        *,
        application: int | None = None,
        served: Callable[[int], bool] = lambda _: True,
    ) -> list[int]:
        """Compares what is kept with the servers we are in, at start; returns those newly found to be left.

        `application`: our bot's id; what another bot was in last is not ours to call left. `served`: whether a server
        would be among `guild_ids` if we were in it, where several processes share the servers.
        """
        if application is not None:
            self.core.application = application
        ours, there = (None, self.core.application), frozenset(guild_ids)
        async with reading(self.engine) as connection:
            known = (
                await connection.execute(select(servers.c.guild_id, servers.c.left_at, servers.c.application))
            ).all()
        changes: dict[int, bool] = {}
        for row in known:
            if row.guild_id in there:
                if row.left_at is not None or row.application != self.core.application:
                    changes[row.guild_id] = True
            elif row.left_at is None and row.application in ours and served(row.guild_id):
                changes[row.guild_id] = False
        await self._note_presence(changes)
        return sorted(guild_id for guild_id, present in changes.items() if not present)

    async def _note_presence(self, changes: Mapping[int, bool]) -> None:
        """Notes where we are and where no more, with all that could not be noted before. Raises DatabaseUnavailable."""
        self._unnoted.update(changes)
        pending = dict(self._unnoted)
        if not pending:
            return
        one = update(servers).where(servers.c.guild_id == bindparam("guild"))
        came = one.values(
            left_at=None, application=func.coalesce(literal(self.core.application, BigInteger), servers.c.application)
        )
        # what another bot was in last is not ours to call left
        ours = or_(servers.c.application.is_(None), literal(self.core.application, BigInteger) == servers.c.application)
        went = one.where(ours).values(left_at=func.coalesce(servers.c.left_at, literal(self.now(), Instant)))
        async with writing(self.engine) as connection:
            for statement, present in ((came, True), (went, False)):
                rows = [{"guild": guild_id} for guild_id, there in sorted(pending.items()) if there == present]
                for start in range(0, len(rows), BATCH):
                    await connection.execute(statement, rows[start : start + BATCH])
        for guild_id, present in pending.items():
            self.core.forget(guild_id)
            if self._unnoted.get(guild_id) == present:
                del self._unnoted[guild_id]

    async def purge(
        self, *, present: Callable[[int], bool | None] = lambda _: False, seconds: float = PURGE_SECONDS
    ) -> dict[str, int]:
        """Deletes what is past its days; returns how many rows of what: see `storage.purging`.

        `present`: whether we are in a server that was noted as left; None: that is not known now, and it is kept. After
        so many `seconds` the rest waits for the next time: `waiting` is how many kinds it is of. Raises
        DatabaseUnavailable, after all that could be done.
        """
        await self._note_presence({})
        return await Purge(self.core, present, self.server).run(seconds)

    async def forget_person(self, user_id: int) -> int:
        """Deletes what hangs on a person, in all servers: their votes, which are taken back from the counters (or else
        they could vote again and again), and their name in histories. Returns the rows touched."""
        voter = await self.core.voter_hash(user_id)
        async with writing(self.engine) as connection:
            # whoever presses twice at once must not be taken back twice
            cast = (await connection.execute(select(votes).where(votes.c.voter == voter).with_for_update())).all()
            await connection.execute(delete(votes).where(votes.c.voter == voter))
            back: dict[CountKey, Delta] = {}
            for row in cast:
                back |= judgement(row.guild_id, row.day, row.topic, row.entry, row.helpful, -1)
            await add_counts(connection, back)
            blanked = await connection.execute(
                update(entry_versions).where(entry_versions.c.editor == user_id).values(editor=None)
            )
        await scrub_later(self.engine)
        return len(cast) + blanked.rowcount

    def note_unreadable(self, guild_id: int, kind: str, names: Iterable[str]) -> None:
        """Counts what of a server's data could not be read, and says it in the log, once for each."""
        self.core.note_unreadable(guild_id, kind, names)

    def unreadable(self, kind: str) -> int:
        """Returns how many settings or entries (`storage.UNREADABLE`) were noted so."""
        return self.core.unreadable[kind]

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
