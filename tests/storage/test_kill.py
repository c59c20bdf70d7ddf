"""`kill -9` at random moments: nothing that was acknowledged is lost, nothing is half-written, the database opens."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.storage import Database
from tests.storage.conftest import new_database


async def kill_and_look(url: str, rounds: int, seed: int) -> tuple[int, int]:
    """Kills so many writers, checks the database, and returns how many counts and entries were acknowledged."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.storage.killing", url, str(rounds), str(seed), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    said = json.loads(out)
    database = await Database.open(url)
    for server in (7, 8):
        store = database.server(server)
        today = await store.counters.today()
        counted = sum(row.questions for row in await store.counters.between(today - timedelta(days=1), today))
        done, begun = (said["counts"][kind][str(server)] for kind in ("done", "begun"))
        assert done <= counted <= begun
        held = {each.entry_id for each in await store.entries.all()}
        assert {entry for where, entry in said["entries"]["done"] if where == server} <= held
        assert held <= {entry for where, entry in said["entries"]["begun"] if where == server}
        for each in await store.entries.all():
            # an entry, its version and the server's number of changes go together
            assert [version.number for version in await store.entries.history(each.entry_id)] == [1]
        assert await store.entries.revision() == len(held)
    await database.close()
    return sum(said["counts"]["done"].values()), len(said["entries"]["done"])


@pytest.mark.parametrize("seed", [1, 2])
async def test_two_hundred_kills_of_a_writer_to_sqlite(tmp_path: Path, seed: int) -> None:
    file = tmp_path / "servers.sqlite3"
    database = await Database.open(f"sqlite:///{file}")
    await database.server(7).settings.change(entries_limit=100_000)
    await database.server(8).settings.change(entries_limit=100_000)
    await database.close()
    counts, entries = await kill_and_look(f"sqlite:///{file}", 100, seed)
    assert counts >= 50 * 4
    assert entries >= 50
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_kills_of_a_writer_to_postgresql(postgresql: str) -> None:
    url = await new_database(postgresql)
    database = await Database.open(url)
    await database.server(7).settings.change(entries_limit=100_000)
    await database.server(8).settings.change(entries_limit=100_000)
    await database.close()
    counts, _ = await kill_and_look(url, 40, 3)
    assert counts >= 20 * 4
