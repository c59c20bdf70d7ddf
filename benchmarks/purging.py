"""How long `purge` takes where very many servers keep something, and with which plans.

`python -m benchmarks.purging [--servers 100000] [--url sqlite:///FILE]`: each server has settings, some counters, two
questions in its inbox and a vote; of each kind one in a hundred is past its days, one server in a thousand was left,
and the counters of some servers are older than what is kept by day. Shows the first purges,
the one with which all is done, and one with nothing to do.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert

from bot.storage import Database
from bot.storage.engine import writing
from bot.storage.schema import counts, servers, unanswered, votes

NOW = datetime(2026, 5, 17, 12, tzinfo=UTC)
BATCH = 20_000
SHOWN = 3
BEAT = 0.005


def rows(number: int, chance: random.Random) -> Iterator[tuple[Table, dict[str, Any]]]:
    """Yields what each server keeps."""
    for server in range(1, number + 1):
        left = NOW - timedelta(days=40) if server % 1000 == 0 else None
        days = {"inbox": True, "inbox_days": 7} if server % 10 == 0 else {"inbox": True}
        yield (
            servers,
            {"guild_id": server, "settings": days, "entries_version": 0, "left_at": left, "application": None},
        )
        for question in range(2):
            past = chance.random() < 0.01
            yield unanswered, {
                "guild_id": server, "id": question, "question": "may i leave the party early " * 3, "reason": "none",
                "at": NOW - timedelta(days=3), "expires_at": NOW + timedelta(days=-1 if past else 20),
            }  # fmt: skip
        past = chance.random() < 0.01
        yield votes, {
            "guild_id": server, "voter": chance.randbytes(32), "entry": "e", "helpful": True, "topic": "t",
            "day": NOW.date(), "at": NOW - timedelta(days=31 if past else 5),
        }  # fmt: skip
        for back in range(10):
            old = date(2025, 3, 1) + timedelta(days=back) if server % 20 == 0 else NOW.date() - timedelta(days=back)
            yield counts, {
                "guild_id": server, "day": old, "route": "command", "outcome": "answer", "topic": "t", "entry": "e",
                "verdict": "no", "questions": 3, "helpful": 0, "unhelpful": 0,
            }  # fmt: skip


async def fill(database: Database, number: int) -> None:
    """Writes what all servers keep."""
    waiting: dict[Table, list[dict[str, Any]]] = {}

    async def write(table: Table, batch: Sequence[dict[str, Any]]) -> None:
        async with writing(database.engine) as connection:
            await connection.execute(insert(table), batch)

    for table, row in rows(number, random.Random(5)):
        waiting.setdefault(table, []).append(row)
        if len(waiting[table]) >= BATCH:
            await write(table, waiting.pop(table))
    for table, batch in waiting.items():
        await write(table, batch)


async def longest_stop(task: asyncio.Task[Any]) -> float:
    """Returns for how many seconds at most the event loop did nothing else until a task was done."""
    longest = 0.0
    while not task.done():
        before = time.perf_counter()
        await asyncio.sleep(BEAT)
        longest = max(longest, time.perf_counter() - before - BEAT)
    return longest


async def measure(url: str, number: int) -> None:
    """Fills a database and purges it again and again, until nothing is past its days."""
    database = await Database.open(url, now=lambda: NOW)
    started = time.perf_counter()
    await fill(database, number)
    print(f"{number:,} servers, filled in {time.perf_counter() - started:.0f} s")
    for turn in range(1, 10_000):
        before, cpu = time.perf_counter(), time.process_time()
        purging = asyncio.create_task(database.purge())
        stood_still = await longest_stop(purging)
        deleted = purging.result()
        spent, cpu = time.perf_counter() - before, time.process_time() - cpu
        if turn <= SHOWN or not deleted["waiting"]:
            figures = f"{spent:.2f} s, {cpu:.2f} s of CPU, the loop stood still for {stood_still:.3f} s at most"
            print(f"  purge {turn}: {figures}; {deleted}")
        if not any(deleted.values()):
            break
    await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", type=int, default=100_000)
    parser.add_argument("--url")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(chosen.url or f"sqlite:///{Path(folder) / 'bench.sqlite3'}", chosen.servers))


if __name__ == "__main__":
    main()
