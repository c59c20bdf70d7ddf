"""What is past its days goes: in batches, found by indexes, so that it never holds up the bot, however much is kept.

| what | when it goes |
| --- | --- |
| all of a server | 30 days after the bot left it, unless the bot is there after all |
| votes | 30 days after they were cast; the counters stay |
| the inbox | after the days that its server chose, 30 at most |
| what waits for a press | after a day |
| removed entries, with their history | 90 days after they were removed |
| counters by day and entry | become one a month, of all entries together, after 13 months |
| copies that a restore or an upgrade put aside | after 30 days |
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.addresses import file_of
from bot.storage.copying import BEFORE_RESTORE, BEFORE_UPGRADE
from bot.storage.core import Core
from bot.storage.counting import upsert
from bot.storage.engine import reading, scrub, writing
from bot.storage.faults import StorageFault
from bot.storage.schema import counts, entries, entry_versions, notes, pending, servers, unanswered, votes
from bot.storage.server import ServerStore

log = logging.getLogger(__name__)

KEPT_AFTER_LEAVING = timedelta(days=30)
VOTES_KEPT = timedelta(days=30)
REMOVED_KEPT = timedelta(days=90)
COPIES_KEPT = timedelta(days=30)
MONTHS_BY_DAY = 13
"""So many whole months the counters are kept by day."""

PURGE_SECONDS = 0.5
"""What is left after so long waits for the next time."""
ROWS = 1000
"""Rows that one transaction deletes."""
SERVERS = 50
"""Servers, or removed entries, that go in one turn."""
ROLLED_AT_ONCE = 500
"""Servers whose counters one transaction rolls up."""
ROLLED = "counters rolled up"
"""The note of what was rolled up: the first month that was not, and the last server of which it was."""

Stage = Callable[[], Awaitable[tuple[int, bool]]]
"""One transaction of one kind: returns how many rows it deleted, and whether there may be more."""


class Purge:
    """One time of going through all that may be past its days."""

    def __init__(self, core: Core, present: Callable[[int], bool | None], server: Callable[[int], ServerStore]) -> None:
        self._core = core
        self._present = present
        self._server = server
        self._now = core.now()
        self._until = 0.0
        self._looked_at = 0
        """Servers left, in the order of their ids: up to this one."""

    async def run(self, seconds: float) -> dict[str, int]:
        """Goes on in turns until all is done, or the time is over; each kind has one turn at least.

        Returns how many rows of what went, and as `waiting` how many kinds there may be more of. Raises the first
        StorageFault, once all other kinds had their turns.
        """
        clock = asyncio.get_running_loop().time
        self._until = until = clock() + seconds
        waiting: dict[str, Stage] = {
            "servers": self._servers,
            "votes": lambda: self._aged(votes, votes.c.at < self._now - VOTES_KEPT),
            "unanswered": lambda: self._aged(unanswered, unanswered.c.expires_at <= self._now),
            "pending": lambda: self._aged(pending, pending.c.expires_at <= self._now),
            "entries": self._removed_entries,
            "counts": self._old_counters,
        }
        deleted = dict.fromkeys(waiting, 0)
        fault: StorageFault | None = None
        first = True
        while waiting and (first or clock() < until):
            for name, stage in list(waiting.items()):
                try:
                    number, more = await stage()
                except StorageFault as error:
                    fault, more, number = fault or error, False, 0
                deleted[name] += number
                if not more:
                    del waiting[name]
            first = False
        self._old_copies()
        # what was dismissed, edited or forgotten since is in the log, too
        await scrub(self._core.engine)
        if fault is not None:
            raise fault
        return {**deleted, "waiting": len(waiting)}

    async def _servers(self) -> tuple[int, bool]:
        """Forgets servers that were left, one transaction a server."""
        ours: ColumnElement[bool] = servers.c.application.is_(None)
        if self._core.application is not None:
            ours = or_(ours, servers.c.application == self._core.application)
        past = servers.c.left_at < self._now - KEPT_AFTER_LEAVING
        wanted = select(servers.c.guild_id).where(past, ours, servers.c.guild_id > self._looked_at)
        async with reading(self._core.engine) as connection:
            gone = list(await connection.scalars(wanted.order_by(servers.c.guild_id).limit(SERVERS)))
        forgotten, clock = 0, asyncio.get_running_loop().time
        for guild_id in gone:
            if forgotten and clock() >= self._until:
                return forgotten, True
            self._looked_at = guild_id
            there = self._present(guild_id)
            try:
                if there is False:
                    await self._server(guild_id).delete()
                    forgotten += 1
                elif there:
                    async with writing(self._core.engine) as connection:
                        await self._core.touch(connection, [guild_id])
                    self._core.forget(guild_id)
            except StorageFault as fault:
                # the others are not kept because of it
                log.warning("what is kept of a server that was left could not be deleted: %s", fault)
        return forgotten, len(gone) == SERVERS

    async def _aged(self, table: Table, past: ColumnElement[bool]) -> tuple[int, bool]:
        """Deletes rows of one table."""
        these = select(*table.primary_key.columns).where(past).limit(ROWS)
        async with writing(self._core.engine) as connection:
            found = [dict(row) for row in (await connection.execute(these)).mappings()]
            await _delete(connection, table, found)
        return len(found), len(found) == ROWS

    async def _removed_entries(self) -> tuple[int, bool]:
        """Deletes entries that were removed long ago, with all their versions."""
        past = entries.c.removed_at < self._now - REMOVED_KEPT
        these = select(entries.c.guild_id, entries.c.entry_id).where(past).limit(SERVERS)
        async with writing(self._core.engine) as connection:
            found = [dict(row) for row in (await connection.execute(these)).mappings()]
            for table in (entry_versions, entries):
                await _delete(connection, table, found)
        return len(found), len(found) == SERVERS

    # ---------------------------------------------------------------- counters

    async def _old_counters(self) -> tuple[int, bool]:
        """Makes one row a month of some servers' counters of old days."""
        until = month_before(self._now.date(), MONTHS_BY_DAY)
        async with writing(self._core.engine) as connection:
            said = await connection.scalar(select(notes.c.value).where(notes.c.name == ROLLED)) or "0001-01-01 0"
            since, last = date.fromisoformat(said.split()[0]), int(said.split()[1])
            if since >= until:
                return 0, False
            next_ones = select(servers.c.guild_id).where(servers.c.guild_id > last).order_by(servers.c.guild_id)
            chosen = list(await connection.scalars(next_ones.limit(ROLLED_AT_ONCE)))
            gone = await self._roll_up(connection, chosen, since, until) if chosen else 0
            more = len(chosen) == ROLLED_AT_ONCE
            value = f"{since} {chosen[-1]}" if more else f"{until} 0"
            insert = upsert(connection, notes)
            statement = insert.on_conflict_do_update(index_elements=["name"], set_={"value": insert.excluded.value})
            await connection.execute(statement, {"name": ROLLED, "value": value})
        return gone, more

    async def _roll_up(self, connection: AsyncConnection, guild_ids: list[int], since: date, until: date) -> int:
        old = and_(counts.c.guild_id.in_(guild_ids), counts.c.day >= since, counts.c.day < until)
        first, last = (
            await connection.execute(select(func.min(counts.c.day), func.max(counts.c.day)).where(old))
        ).one()
        gone = 0
        while first is not None and first <= last:
            first = first.replace(day=1)
            following = (first + timedelta(days=31)).replace(day=1)
            month = and_(counts.c.guild_id.in_(guild_ids), counts.c.day >= first, counts.c.day < following)
            kept = (counts.c.guild_id, counts.c.route, counts.c.outcome, counts.c.topic, counts.c.verdict)
            figures = (counts.c.questions, counts.c.helpful, counts.c.unhelpful)
            as_month = (literal(first, counts.c.day.type), literal("", counts.c.entry.type))
            sums = select(*kept, *as_month, *(func.sum(each) for each in figures)).where(month).group_by(*kept)
            insert = upsert(connection, counts).from_select(
                [*(column.name for column in kept), "day", "entry", *(column.name for column in figures)], sums
            )
            # a row of the month's first day without an entry was summed up with the others
            merged = insert.on_conflict_do_update(
                index_elements=[column.name for column in counts.primary_key],
                set_={column.name: getattr(insert.excluded, column.name) for column in figures},
            )
            await connection.execute(merged)
            single = or_(counts.c.day > first, counts.c.entry != "")
            gone += (await connection.execute(delete(counts).where(month, single))).rowcount
            first = following
        return gone

    # ------------------------------------------------------------------ copies

    def _old_copies(self) -> None:
        """Removes the copies of the database that were put aside long ago: they hold what is deleted here."""
        file = file_of(self._core.url)
        if file is None:
            return
        past = (self._now - COPIES_KEPT).timestamp()
        for kind in (BEFORE_RESTORE, BEFORE_UPGRADE):
            for copy in file.parent.glob(f"{_literally(file.name)}{kind}*"):
                with contextlib.suppress(OSError):
                    if copy.stat().st_mtime < past:
                        copy.unlink()


async def _delete(connection: AsyncConnection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Deletes rows by their keys, or by what their keys begin with. In order, so that two processes that delete the
    same ones never wait crosswise."""
    if not rows:
        return
    by_key = and_(*(table.c[name] == bindparam(f"that_{name}") for name in rows[0]))
    ordered = sorted(tuple(row.values()) for row in rows)
    keys = [{f"that_{name}": value for name, value in zip(rows[0], row, strict=True)} for row in ordered]
    await connection.execute(delete(table).where(by_key), keys)


def _literally(name: str) -> str:
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in name)


def month_before(day: date, months: int) -> date:
    """Returns the first day of the month so many months before a day's."""
    month = day.year * 12 + day.month - 1 - months
    return date(month // 12, month % 12 + 1, 1)
