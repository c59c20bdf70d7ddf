"""What is past its days goes, all of it and nothing else; and what is deleted is gone."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, insert, select, text, update

from bot.storage import CountKey, CountRow, Database, DatabaseUnavailable, Delta
from bot.storage.backup import backup
from bot.storage.engine import reading, writing
from bot.storage.purging import ROWS, month_before
from bot.storage.schema import entry_versions, servers, unanswered, votes
from tests.storage.conftest import Clock

DOCUMENT = {"id": "own-a", "question": "A?", "verdict": "no", "advice": "No."}
BOT, ANOTHER = 1001, 1002


async def with_something(database: Database, *server_ids: int) -> None:
    """Lets something be kept of servers."""
    for server_id in server_ids:
        await database.server(server_id).settings.change(inbox=True)


# ------------------------------------------------------------- servers that were left


async def test_a_bot_that_looks_in_leaves_what_another_serves(database: Database, url: str, clock: Clock) -> None:
    """As when somebody starts a test bot, with a token of its own, once on the database in use."""
    assert await database.still_in([7, 8], application=BOT) == []
    await with_something(database, 7, 8)
    visitor = await Database.open(url, now=clock)
    assert await visitor.still_in([8, 9], application=ANOTHER) == []
    await visitor.left(7)
    await visitor.close()
    clock.advance(40)
    await database.purge(present=lambda _: None)
    assert await database.server_ids() == {7, 8}


async def test_what_was_called_left_by_mistake_is_kept_by_whoever_is_there(database: Database, clock: Clock) -> None:
    await database.still_in([7, 8, 9], application=BOT)
    await with_something(database, 7, 8, 9)
    for server_id in (7, 8, 9):
        await database.left(server_id)
    clock.advance(31)
    asked: list[int] = []

    def present(server_id: int) -> bool | None:
        asked.append(server_id)
        return {7: True, 8: None, 9: False}[server_id]

    assert (await database.purge(present=present))["servers"] == 1
    assert await database.server_ids() == {7, 8}
    assert (await database.purge(present=present))["servers"] == 0
    # the one that we are in is not asked about any more
    assert asked == [7, 8, 9, 8]


@pytest.mark.parametrize("what", ["setting", "entry", "count", "vote", "inbox", "hidden"])
async def test_whatever_is_written_for_a_server_keeps_it(database: Database, clock: Clock, what: str) -> None:
    await database.still_in([7], application=BOT)
    store = database.server(7)
    await store.settings.change(inbox=True)
    await database.left(7)
    clock.advance(29)
    match what:
        case "setting":
            await store.settings.change(greeted=True)
        case "entry":
            await store.entries.add(DOCUMENT, editor=1)
        case "count":
            await store.counters.count(route="command", outcome="none")
        case "vote":
            await store.counters.judge(person=1, entry="e", topic="t", helpful=True)
        case "inbox":
            await store.inbox.keep("what now", "none")
        case "hidden":
            await store.entries.hide("x")
    clock.advance(29)
    assert (await database.purge())["servers"] == 0
    assert await database.server_ids() == {7}


async def test_a_server_is_left_by_those_who_would_know(database: Database, clock: Clock) -> None:
    """Of several processes each knows the servers of its own shards."""
    await with_something(database, 4, 5, 6, 7)
    assert await database.still_in([4], application=BOT, served=lambda server_id: server_id % 2 == 0) == [6]
    assert await database.still_in([5], application=BOT, served=lambda server_id: server_id % 2 == 1) == [7]


async def test_what_could_not_be_noted_is_noted_later(database: Database, clock: Clock) -> None:
    await with_something(database, 7, 8)
    await database.left(7)
    with broken(database, "UPDATE servers"):
        for attempt in (database.joined(7), database.left(8)):
            with pytest.raises(DatabaseUnavailable):
                await attempt
    clock.advance(1)
    await database.purge()
    clock.advance(31)
    await database.purge()
    assert await database.server_ids() == {7}


@contextmanager
def broken(database: Database, words: str) -> Iterator[None]:
    """Lets statements fail that begin with these words."""

    def fail(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(words):
            raise OSError(5, "broken")

    event.listen(database.engine.sync_engine, "before_cursor_execute", fail)
    yield
    event.remove(database.engine.sync_engine, "before_cursor_execute", fail)


# --------------------------------------------------------------- one bad row, one fault


async def test_a_setting_that_cannot_be_read_harms_nobody(database: Database, clock: Clock) -> None:
    for server_id in (7, 8):
        store = database.server(server_id)
        await store.settings.change(inbox=True, inbox_days=7, greeted=True)
        await store.inbox.keep("what now", "none")
    bad = {"inbox": True, "greeted": True, "inbox_days": "many", "time_zone": "Moon/Base", "of_a_newer_version": [1]}
    async with writing(database.engine) as connection:
        await connection.execute(update(servers).where(servers.c.guild_id == 7).values(settings=bad))
    database.core.forget(7)
    settings = await database.server(7).settings.get()
    assert (settings.inbox, settings.greeted, settings.inbox_days, settings.time_zone) == (True, True, 30, "UTC")
    await database.server(7).counters.count(route="command", outcome="none")
    database.core.forget(7)
    await database.server(7).settings.get()
    assert database.unreadable("setting") == 3
    clock.advance(8)
    assert (await database.purge())["unanswered"] == 2
    # and what another version can read stays for it
    await database.server(7).settings.change(time_zone="Asia/Tokyo", greeted=False)
    async with reading(database.engine) as connection:
        stored = await connection.scalar(select(servers.c.settings).where(servers.c.guild_id == 7))
    assert stored == {"inbox": True, "inbox_days": "many", "time_zone": "Asia/Tokyo", "of_a_newer_version": [1]}


@pytest.mark.parametrize("stored", ["[]", "7", '"x"', "null", '{"inbox": {"a": []}, "": 1}'])
async def test_settings_of_any_shape_are_the_defaults(database: Database, stored: str) -> None:
    await with_something(database, 7)
    async with writing(database.engine) as connection:
        cast = "CAST(:it AS JSON)" if database.engine.dialect.name == "postgresql" else ":it"
        await connection.execute(text(f"UPDATE servers SET settings = {cast}"), {"it": stored})
    database.core.forget(7)
    assert not (await database.server(7).settings.get()).inbox
    await database.server(7).settings.change(greeted=True)
    assert (await database.server(7).settings.get()).greeted


async def test_a_fault_of_one_kind_or_server_stops_no_other(database: Database, clock: Clock) -> None:
    await with_something(database, 7, 8, 9)
    await database.server(9).inbox.keep("what now", "none")
    await database.server(9).counters.judge(person=1, entry="e", topic="t", helpful=True)
    for server_id in (7, 8):
        await database.left(server_id)
    clock.advance(31)
    failed: list[int] = []

    def fail_once(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("DELETE FROM counts") and not failed:
            failed.append(1)
            raise OSError(5, "broken")

    event.listen(database.engine.sync_engine, "before_cursor_execute", fail_once)
    with broken(database, "SELECT votes.guild_id"), pytest.raises(DatabaseUnavailable):
        await database.purge()
    assert await database.server_ids() == {7, 9}
    assert await database.server(9).inbox.all() == []
    deleted = await database.purge()
    assert (deleted["servers"], deleted["votes"]) == (1, 1)


# ------------------------------------------------------------------------- the inbox


async def test_another_number_of_days_holds_for_what_is_there(database: Database, clock: Clock) -> None:
    store = database.server(7)
    await store.settings.change(inbox=True)
    await store.inbox.keep("older", "none")
    clock.advance(10)
    await store.inbox.keep("newer", "none")
    await store.settings.change(inbox_days=7)
    assert [each.question for each in await store.inbox.all()] == ["newer"]
    await store.settings.change(inbox_days=14)
    assert [each.question for each in await store.inbox.all()] == ["newer", "older"]
    clock.advance(5)
    assert (await database.purge())["unanswered"] == 1
    assert [each.question for each in await store.inbox.all()] == ["newer"]


# -------------------------------------------------------------------------- counters


def figures(rows: list[CountRow]) -> dict[tuple[Any, ...], tuple[int, int, int]]:
    """Counters by what is counted apart."""
    return {
        (row.day, row.route, row.outcome, row.topic, row.entry, row.verdict): (
            row.questions,
            row.helpful,
            row.unhelpful,
        )
        for row in rows
    }


def test_months() -> None:
    assert month_before(date(2026, 5, 17), 13) == date(2025, 4, 1)
    assert month_before(date(2026, 1, 31), 1) == date(2025, 12, 1)
    assert month_before(date(2026, 12, 31), 13) == date(2025, 11, 1)


async def test_old_counters_become_one_a_month(database: Database, clock: Clock) -> None:
    day = date(2025, 4, 1)
    before: dict[int, int] = {}
    for server_id in (7, 8):
        counters = database.server(server_id).counters
        deltas = {}
        for back in range(-40, 40):
            for entry in ("e1", "e2", ""):
                when = day + timedelta(days=back)
                key = counters.key(
                    when, route="command", outcome="answer", topic="t", entry=entry, verdict="no" if entry else ""
                )
                deltas[key] = Delta(1 + server_id)
                deltas[counters.key(when, outcome="judged", topic="t", entry=entry)] = Delta(helpful=1, unhelpful=2)
        await counters.add(deltas)
        before[server_id] = 80 * 3 * (1 + server_id)
    assert (await database.purge())["counts"] > 0
    rows = await database.server(7).counters.between(date(2024, 1, 1), date(2026, 12, 31))
    assert sum(row.questions for row in rows) == before[7]
    assert (sum(row.helpful for row in rows), sum(row.unhelpful for row in rows)) == (240, 480)
    old = figures([row for row in rows if row.day < day])
    assert old == {
        (date(2025, 2, 1), "command", "answer", "t", "", "no"): (2 * 9 * 8, 0, 0),
        (date(2025, 2, 1), "command", "answer", "t", "", ""): (9 * 8, 0, 0),
        (date(2025, 2, 1), "", "judged", "t", "", ""): (0, 27, 54),
        (date(2025, 3, 1), "command", "answer", "t", "", "no"): (2 * 31 * 8, 0, 0),
        (date(2025, 3, 1), "command", "answer", "t", "", ""): (31 * 8, 0, 0),
        (date(2025, 3, 1), "", "judged", "t", "", ""): (0, 93, 186),
    }
    assert len([row for row in rows if row.day >= day]) == 40 * 6
    # nothing is summed up twice, and the next month joins the others
    assert (await database.purge())["counts"] == 0
    assert figures(await database.server(7).counters.between(date(2024, 1, 1), date(2026, 12, 31))) == figures(rows)
    clock.advance(31)
    await database.purge()
    later = await database.server(7).counters.between(date(2024, 1, 1), date(2026, 12, 31))
    assert figures([row for row in later if row.day < day]) == old
    assert {row.day for row in later if date(2025, 4, 1) <= row.day < date(2025, 5, 1)} == {date(2025, 4, 1)}
    assert sum(row.questions for row in later) == before[7]
    # each server by itself
    others = await database.server(8).counters.between(date(2024, 1, 1), date(2026, 12, 31))
    assert sum(row.questions for row in others) == before[8]


async def test_many_servers_are_worked_off_over_several_times(database: Database, clock: Clock) -> None:
    async with writing(database.engine) as connection:
        await database.core.touch(connection, range(1, 1251))
    old = date(2024, 3, 5)
    for server_id in (1, 500, 501, 1000, 1250):
        counters = database.server(server_id).counters
        await counters.add({counters.key(old, route="r", outcome="answer", entry="e"): Delta(1)})
    # no time at all: one turn each
    turns = 0
    while (await database.purge(seconds=0))["waiting"]:
        turns += 1
    rows = await database.stats_of_all(date(2024, 1, 1), date(2024, 12, 31))
    assert {(row.guild_id, row.day) for row in rows} == {(each, date(2024, 3, 1)) for each in (1, 500, 501, 1000, 1250)}
    # five hundred at a time
    assert turns == 2


# ------------------------------------------------------------------- plans and batches


async def test_no_plan_reads_a_whole_table(database: Database, clock: Clock) -> None:
    """Of each statement that `purge` carries out, where something of each kind is past its days."""
    await database.still_in([], application=BOT)
    await with_something(database, 7, 8)
    store = database.server(7)
    await store.entries.add(DOCUMENT, editor=1)
    await store.entries.remove("own-a", editor=1)
    await store.waiting.keep("draft", {})
    await store.inbox.keep("what now", "none")
    await store.counters.judge(person=1, entry="e", topic="t", helpful=True)
    await database.left(8)
    clock.advance(500)
    statements: list[tuple[str, Any]] = []

    def keep(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if not statement.startswith(("PRAGMA", "EXPLAIN", "SET")):
            statements.append((statement, parameters))

    event.listen(database.engine.sync_engine, "before_cursor_execute", keep)
    deleted = await database.purge()
    event.remove(database.engine.sync_engine, "before_cursor_execute", keep)
    assert deleted.pop("waiting") == 0
    assert all(deleted.values()), deleted
    assert len(statements) > 15
    sqlite = database.engine.dialect.name == "sqlite"
    for statement, given in statements:
        parameters = given[0] if isinstance(given, list) else given
        if statement.startswith("INSERT") and "SELECT" not in statement:
            continue
        async with database.engine.connect() as connection:
            if sqlite:
                plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                lines = [str(row["detail"]) for row in plan.mappings()]
                # what is scanned is what another step has found
                found = [line for line in lines if line.startswith("SCAN") and "SUBQUERY" not in line]
            else:
                await connection.exec_driver_sql("SET enable_seqscan = off")
                await connection.exec_driver_sql("SET plan_cache_mode = force_generic_plan")
                plan = await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
                lines = [str(row[0]) for row in plan]
                found = [line for line in lines if "Seq Scan" in line]
        assert found == [], (statement, lines)


async def test_more_than_one_batch_goes_in_one_time(database: Database, clock: Clock) -> None:
    await with_something(database, 7)
    row = {"guild_id": 7, "question": "q", "reason": "none", "at": clock(), "expires_at": clock()}
    vote = {"guild_id": 7, "entry": "e", "helpful": True, "topic": "t", "day": clock().date(), "at": clock()}
    number = 2 * ROWS + 5
    async with writing(database.engine) as connection:
        await connection.execute(insert(unanswered), [{**row, "id": each} for each in range(number)])
        await connection.execute(insert(votes), [{**vote, "voter": each.to_bytes(32, "big")} for each in range(number)])
    clock.advance(31)
    deleted = await database.purge(seconds=60)
    assert (deleted["unanswered"], deleted["votes"]) == (number, number)
    async with reading(database.engine) as connection:
        for table in (unanswered, votes):
            assert await connection.scalar(select(func.count()).select_from(table)) == 0


# --------------------------------------------------------------------- gone is gone

SECRET = "quagmire"


def found_in(folder: Path) -> dict[str, int]:
    """How often the word stands in the bytes of each file."""
    word = SECRET.encode()
    return {each.name: number for each in folder.iterdir() if (number := each.read_bytes().count(word))}


@pytest.mark.parametrize("how", ["purge", "forget", "dismiss", "remove", "person"])
async def test_what_is_deleted_is_in_no_file_any_more(tmp_path: Path, clock: Clock, how: str) -> None:
    file = tmp_path / "servers.sqlite3"
    database = await Database.open(file, now=clock)
    store = database.server(7)
    await store.settings.change(inbox=True)
    for number in range(300):
        await store.inbox.keep(f"{SECRET} {number} " + "x" * 200, "none")
    await store.entries.add({**DOCUMENT, "advice": SECRET * 2000}, editor=1)
    await store.entries.edit("own-a", {**DOCUMENT, "advice": SECRET * 3000}, editor=1)
    assert found_in(tmp_path)
    match how:
        case "purge":
            await store.entries.remove("own-a", editor=1)
            clock.advance(91)
            await database.purge()
        case "forget":
            await store.forget()
        case "dismiss":
            await store.inbox.dismiss([each.id for each in await store.inbox.all()])
            await store.entries.remove("own-a", editor=1)
            clock.advance(91)
            await database.purge()
        case "remove":
            await store.forget()
            await store.entries.add(DOCUMENT, editor=1)
        case "person":
            await store.inbox.dismiss([each.id for each in await store.inbox.all()])
            await store.forget()
            await database.forget_person(1)
    assert found_in(tmp_path) == {}
    await backup(file, tmp_path / "copy")
    await database.close()
    assert found_in(tmp_path) == {}


async def test_what_an_earlier_version_left_in_the_file_goes_with_the_upgrade(tmp_path: Path) -> None:
    file = tmp_path / "old.sqlite3"
    with closing(sqlite3.connect(file)) as old:
        old.execute("PRAGMA secure_delete=OFF")
        old.executescript((Path(__file__).parent / "schemas" / "0001.sql").read_text())
        rows = [(7, each, f"{SECRET} {each}" + "x" * 200, "none", "2026-05-01 10:00:00") for each in range(300)]
        old.executemany("INSERT INTO unanswered VALUES (?, ?, ?, ?, ?)", rows)
        old.commit()
        old.execute("DELETE FROM unanswered")
        old.commit()
    assert found_in(tmp_path)
    database = await Database.open(file)
    assert {each.name for each in tmp_path.iterdir()} >= {"old.sqlite3", "old.sqlite3.schema-0001.bak"}
    assert found_in(tmp_path) == {}
    await database.close()


async def test_copies_that_were_put_aside_go_after_thirty_days(tmp_path: Path, clock: Clock) -> None:
    file = tmp_path / "servers[1]*.sqlite3"
    database = await Database.open(file, now=clock)
    names = [f"{file.name}{end}" for end in (".schema-0001.bak", ".before-restore", ".before-restore-2")]
    others = ["servers1.sqlite3.before-restore", f"{file.name}.of-mine", "copy"]
    for name in names + others:
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (clock().timestamp(), clock().timestamp()))
    clock.advance(29)
    await database.purge()
    assert {each.name for each in tmp_path.iterdir()} >= {*names, *others}
    clock.advance(2)
    await database.purge()
    left = {each.name for each in tmp_path.iterdir()}
    assert not left & set(names)
    assert left >= set(others)
    await database.close()


# ------------------------------------------------------------------------- two at once


async def test_several_processes_may_delete_at_once(database: Database, url: str, clock: Clock) -> None:
    await with_something(database, *range(1, 31))
    for server_id in range(1, 31):
        counters = database.server(server_id).counters
        await counters.add({CountKey(server_id, date(2024, 3, 5), "r", "answer", "t", "e", "no"): Delta(3)})
        await database.server(server_id).inbox.keep("what now", "none")
        if server_id > 20:
            await database.left(server_id)
    clock.advance(31)
    others = [await Database.open(url, now=clock) for _ in range(3)]
    deleted = await asyncio.gather(*(each.purge(seconds=60) for each in (database, *others)))
    for each in others:
        await each.close()
    assert sum(each["unanswered"] for each in deleted) >= 20
    assert await database.server_ids() == set(range(1, 21))
    rows = await database.stats_of_all(date(2024, 1, 1), date(2024, 12, 31))
    assert [(row.day, row.questions) for row in rows] == [(date(2024, 3, 1), 3)] * 20
    async with reading(database.engine) as connection:
        assert await connection.scalar(select(func.count()).select_from(entry_versions)) == 0
