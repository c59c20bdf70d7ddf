"""Writes a second, and what a million counted questions over 1,000 servers take on the disk.

`python -m benchmarks.storage [--questions 1000000] [--url sqlite:///FILE]`: 2,000 people ask at once, again and again;
each waits until their question is on the disk.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.guidance.loading import load_library, shipped_knowledge
from bot.storage import Database
from bot.storage.addresses import file_of

AT_ONCE = 2000
DAYS = 90


async def measure(url: str, questions: int, servers: int) -> None:
    entries = load_library([shipped_knowledge()]).entries
    chance = random.Random(5)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    database = await Database.open(url, now=lambda: moment)
    started = time.perf_counter()
    spent = 0.0
    for batch in range(questions // AT_ONCE):
        moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=batch * DAYS * AT_ONCE / questions)
        calls = []
        for _ in range(AT_ONCE):
            entry = chance.choice(entries)
            calls.append(
                database.server(1000 + chance.randrange(servers)).counters.count(
                    route=chance.choice(("command", "mention")), outcome="answer", topic=entry.topic or "",
                    entry=entry.id, verdict=str(entry.verdict),
                )
            )  # fmt: skip
        before = time.perf_counter()
        await asyncio.gather(*calls)
        spent += time.perf_counter() - before
    print(f"{questions:,} questions over {servers:,} servers and {DAYS} days in {time.perf_counter() - started:.0f} s")
    print(f"  {questions / spent:,.0f} counted a second, {AT_ONCE} waiting at once")
    alone = time.perf_counter()
    for number in range(300):
        await database.server(1000).counters.count(route="command", outcome="answer", entry=f"e{number % 7}")
    print(
        f"  one after the other: {300 / (time.perf_counter() - alone):,.0f} a second, each on the disk before the next"
    )
    rows = await database.stats_of_all(datetime(2025, 1, 1).date(), datetime(2027, 1, 1).date())
    await database.close()
    file = file_of(database.core.url)
    if file is not None:
        size = sum(path.stat().st_size for path in file.parent.glob(f"{file.name}*"))
        print(f"  {len(rows):,} rows, {size / 1e6:.0f} MB, {size / questions:.0f} bytes a question")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=1_000_000)
    parser.add_argument("--servers", type=int, default=1000)
    parser.add_argument("--url")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = chosen.url or f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
        asyncio.run(measure(url, chosen.questions, chosen.servers))


if __name__ == "__main__":
    main()
