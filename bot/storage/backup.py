"""Copies of a database: taken while the bot runs, and put back whole or not at all."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import func, inspect, select, text
from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage import archive, lines
from bot.storage.addresses import file_of, parse_url
from bot.storage.copying import copy_sqlite, put_in_place
from bot.storage.engine import dispose, make_engine, reading
from bot.storage.faults import BackupFault, DatabaseUnavailable
from bot.storage.files import make_private, on_disk
from bot.storage.migrating import check_known, migrate, newest_revision
from bot.storage.schema import metadata
from bot.storage.serving import refuse_beside_a_bot, taken

_SQLITE = b"SQLite format 3\x00"


async def upgrade(url: str | Path) -> str:
    """Brings a database's schema up to date, and returns its version. Raises StorageFault."""
    parsed = parse_url(url)
    engine = make_engine(parsed)
    try:
        await migrate(engine, parsed, backup=True)
    finally:
        await dispose(engine)
    return newest_revision()


async def backup(url: str | Path, file: Path) -> None:
    """Copies a database, live as it may be, into `file`, which must not be there yet. Raises BackupFault.

    SQLite: a SQLite file. PostgreSQL: an archive of `pg_dump`, where that program is there in the server's version;
    otherwise lines of JSON. Without it a backup must not fail: it is most often made unseen, and missed too late.
    """
    if file.exists():
        raise BackupFault(f"{file} is there already: choose another name")
    parsed = parse_url(url)
    source = file_of(parsed)
    half = file.with_name(file.name + ".part")
    try:
        if source is not None:
            if not source.is_file():
                raise BackupFault(f"there is no database at {source}")
            await asyncio.to_thread(copy_sqlite, source, half)
        else:
            half.unlink(missing_ok=True)
            make_private(half)
            await _dump_postgresql(parsed, half)
        os.replace(half, file)
        on_disk(file.absolute().parent)
    except (OSError, sqlite3.Error) as error:
        raise BackupFault(f"the backup could not be written: {error}") from None
    finally:
        half.unlink(missing_ok=True)


async def restore(url: str | Path, file: Path, *, force: bool = False) -> Path | None:
    """Puts a backup in the database's place, its schema up to date; returns where the old database is kept (SQLite).

    Everything is checked before anything is changed. Raises BackupFault, DatabaseTooNew, and DatabaseInUse beside a
    running bot. Refuses to overwrite a database that is there unless `force`.
    """
    parsed = parse_url(url)
    target = file_of(parsed)
    try:
        with file.open("rb") as opened:
            head = opened.read(64)
    except OSError as error:
        raise BackupFault(f"{file} can't be read: {error.strerror}") from None
    if target is None:
        if not (head.startswith(archive.MAGIC) or lines.FORMAT.encode() in head):
            raise BackupFault(f"{file} is no backup of a PostgreSQL database")
        await _restore_postgresql(parsed, file, archived=head.startswith(archive.MAGIC), force=force)
        await upgrade(url)
        return None
    if not head.startswith(_SQLITE):
        raise BackupFault(f"{file} is no backup of a SQLite database")
    if target.exists() and not force:
        raise BackupFault(f"there is a database at {target} already: --force overwrites it")
    half = target.with_name(target.name + ".part")
    try:
        with taken(target):
            try:
                await asyncio.to_thread(copy_sqlite, file, half)
                await asyncio.to_thread(_check_ours, half, file)
                await _upgrade_copy(half, file)
                return await asyncio.to_thread(put_in_place, half, target)
            finally:
                for end in ("", "-wal", "-shm", "-journal"):
                    half.with_name(half.name + end).unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as error:
        raise BackupFault(f"{file} can't be restored: {error}") from None


def _check_ours(copy: Path, file: Path) -> None:
    """Raises BackupFault for what is no database of this program's alone, and DatabaseTooNew."""
    with closing(sqlite3.connect(copy)) as connection:
        found = connection.execute("SELECT type, name FROM sqlite_master").fetchall()
        if ("table", "alembic_version") not in found:
            raise BackupFault(f"{file} is a SQLite file, but none of this program's")
        for kind, name in found:
            # a trigger would run later, with nobody looking
            if kind not in ("table", "index"):
                raise BackupFault(f"{file} is not of this program alone: it holds a {kind}, '{str(name)[:40]}'")
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if revision is None:
        raise BackupFault(f"{file} is damaged: it does not tell its schema")
    check_known(str(revision[0]))


async def _upgrade_copy(copy: Path, file: Path) -> None:
    """Brings a copy's schema up to date, and raises BackupFault unless it then is what the program works with."""
    url = parse_url(copy)
    engine = make_engine(url)
    try:
        try:
            await migrate(engine, url, backup=False)
        except DatabaseUnavailable as fault:
            raise BackupFault(f"{file} is not whole: its schema can't be brought up to date ({fault})") from None
        async with reading(engine) as connection:
            missing = await connection.run_sync(_missing)
        if missing:
            raise BackupFault(f"{file} is not whole: it lacks {missing}")
    finally:
        await dispose(engine)
    with closing(sqlite3.connect(copy)) as connection:
        # one file again, without a log beside it
        connection.execute("PRAGMA journal_mode=DELETE")


def _missing(connection: Connection) -> str:
    """Returns the first table or column that a database lacks, or an empty text."""
    inspector = inspect(connection)
    there = set(inspector.get_table_names())
    for table in metadata.sorted_tables:
        if table.name not in there:
            return table.name
        columns = {column["name"] for column in inspector.get_columns(table.name)}
        for column in table.columns:
            if column.name not in columns:
                return f"{table.name}.{column.name}"
    return ""


async def _dump_postgresql(url: URL, file: Path) -> None:
    engine = make_engine(url)
    try:
        programs = await asyncio.to_thread(archive.programs_of, await _major_of(engine))
        if programs is not None:
            await archive.dump(programs, url, file)
        else:
            await lines.dump(engine, file)
    finally:
        await dispose(engine)


async def _restore_postgresql(url: URL, file: Path, *, archived: bool, force: bool) -> None:
    engine = make_engine(url)
    try:
        major = await _major_of(engine)
        await refuse_beside_a_bot(engine)
        if not force and await _holds_anything(engine):
            raise BackupFault("that database holds data already: --force overwrites it")
        if not archived:
            await asyncio.to_thread(lines.check, file)
            await migrate(engine, url, backup=False)
            await lines.load(engine, file)
            return
        programs = await asyncio.to_thread(archive.programs_of, major)
        if programs is None:
            raise BackupFault(
                f"{file} is an archive of pg_dump, and pg_restore and psql {major} are not here: install PostgreSQL's "
                f"client programs of version {major}"
            )
        await archive.load(programs, url, file)
    finally:
        await dispose(engine)


async def _major_of(engine: AsyncEngine) -> int:
    async with reading(engine) as connection:
        return int(await connection.scalar(text("SHOW server_version_num"))) // 10_000


async def _holds_anything(engine: AsyncEngine) -> bool:
    async with reading(engine) as connection:
        there = set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))
        for table in metadata.sorted_tables:
            if table.name in there and await connection.scalar(select(func.count()).select_from(table)):
                return True
    return False
