"""Counted questions: many callers, one transaction a batch; each caller goes on only after the commit."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.engine import writing
from bot.storage.faults import DatabaseUnavailable, StorageFault
from bot.storage.schema import counts

BATCH = 500
"""Rows of one statement: SQLite takes 32,766 values in one."""
JUDGED = "judged"
"""The outcome under which judgements are counted: such rows have no questions."""


@dataclass(frozen=True, slots=True, order=True)
class CountKey:
    """What is counted apart: one server's day, the way, the outcome, and the answer."""

    guild_id: int
    day: date
    route: str
    outcome: str
    topic: str
    entry: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Delta:
    """What is added to a key's counters."""

    questions: int = 0
    helpful: int = 0
    unhelpful: int = 0


def judgement(guild_id: int, day: date, topic: str, entry: str, helpful: bool, number: int) -> dict[CountKey, Delta]:
    """Returns what so many judgements of an entry add to the counters; a negative number takes them back."""
    key = CountKey(guild_id, day, "", JUDGED, topic, entry, "")
    return {key: Delta(helpful=number) if helpful else Delta(unhelpful=number)}


async def add_counts(connection: AsyncConnection, deltas: Mapping[CountKey, Delta]) -> None:
    """Adds to counters, making rows where there are none. Keys are sorted, so that two writers never wait crosswise."""
    rows: list[dict[str, Any]] = [
        {
            "guild_id": key.guild_id, "day": key.day, "route": key.route, "outcome": key.outcome, "topic": key.topic,
            "entry": key.entry, "verdict": key.verdict, "questions": delta.questions, "helpful": delta.helpful,
            "unhelpful": delta.unhelpful,
        }
        for key, delta in sorted(deltas.items(), key=lambda item: item[0])
    ]  # fmt: skip
    insert = upsert(connection, counts)
    statement = insert.on_conflict_do_update(
        index_elements=[column.name for column in counts.primary_key],
        set_={
            name: getattr(counts.c, name) + getattr(insert.excluded, name)
            for name in ("questions", "helpful", "unhelpful")
        },
    )
    for start in range(0, len(rows), BATCH):
        await connection.execute(statement, rows[start : start + BATCH])


def upsert(connection: AsyncConnection, table: Table) -> Any:
    """Returns the engine's own INSERT, which knows ON CONFLICT."""
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)


Touch = Callable[[AsyncConnection, Iterable[int]], Awaitable[None]]


class CountingDesk:
    """Gathers what is counted while a transaction is under way into the next one.

    `touch` notes within a transaction that we are in servers, and `noted` is told of each after the commit.
    """

    def __init__(self, engine: AsyncEngine, touch: Touch, noted: Callable[[int], None]) -> None:
        self._engine = engine
        self._touch = touch
        self._noted = noted
        self._waiting: list[tuple[CountKey, asyncio.Future[None]]] = []
        self._new: set[int] = set()
        self._writer: asyncio.Task[None] | None = None

    async def count(self, key: CountKey, *, new: bool = False) -> None:
        """Counts one question; returns after the commit. Raises DatabaseUnavailable: then it was not counted.

        `new`: nothing is known to be kept of its server yet; that we are there is noted with it.
        """
        if new:
            self._new.add(key.guild_id)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await done

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            new, self._new = self._new, set()
            deltas = {key: Delta(questions=number) for key, number in Counter(key for key, _ in batch).items()}
            fault: StorageFault | None = None
            try:
                async with writing(self._engine) as connection:
                    await self._touch(connection, sorted(new))
                    await add_counts(connection, deltas)
                for guild_id in new:
                    self._noted(guild_id)
            except StorageFault as error:
                fault = error
            except BaseException:
                fault = DatabaseUnavailable("counting was cut off")
                raise
            finally:
                for _, done in batch:
                    if done.done():
                        continue
                    if fault is None:
                        done.set_result(None)
                    else:
                        done.set_exception(fault)

    async def close(self) -> None:
        """Waits until all that waits is written."""
        while self._writer is not None and not self._writer.done():
            with contextlib.suppress(StorageFault):
                await self._writer
