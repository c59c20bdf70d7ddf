"""Copies of a database: taken while the bot runs, and put back whole or not at all."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import func, inspect, select, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage import archive, lines
from bot.storage.copying import copy_sqlite
from bot.storage.engine import file_of, make_engine, parse_url, reading
from bot.storage.faults import BackupFault
from bot.storage.migrating import migrate, newest_revision
from bot.storage.schema import metadata

_SQLITE = b"SQLite format 3\x00"


async def upgrade(url: str) -> str:
    """Brings a database's schema up to date, and returns its version. Raises StorageFault."""
    parsed = parse_url(url)
    engine = make_engine(parsed)
    try:
        await migrate(engine, parsed, backup=True)
    finally:
        await engine.dispose()
    return newest_revision()


async def backup(url: str, file: Path) -> None:
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
            await _dump_postgresql(parsed, half)
        os.replace(half, file)
    except (OSError, sqlite3.Error) as error:
        raise BackupFault(f"the backup could not be written: {error}") from None
    finally:
        half.unlink(missing_ok=True)


async def restore(url: str, file: Path, *, force: bool = False) -> None:
    """Puts a backup in the database's place, and brings its schema up to date. Raises BackupFault, DatabaseTooNew.

    Refuses to overwrite a database that is there unless `force`. The bot must not be running on it.
    """
    parsed = parse_url(url)
    target = file_of(parsed)
    try:
        head = file.open("rb").read(64)
    except OSError as error:
        raise BackupFault(f"{file} can't be read: {error.strerror}") from None
    if target is not None:
        if not head.startswith(_SQLITE):
            raise BackupFault(f"{file} is no backup of a SQLite database")
        if target.exists() and not force:
            raise BackupFault(f"there is a database at {target} already: --force overwrites it")
        await asyncio.to_thread(_restore_sqlite, file, target)
    else:
        if not (head.startswith(archive.MAGIC) or lines.FORMAT.encode() in head):
            raise BackupFault(f"{file} is no backup of a PostgreSQL database")
        await _restore_postgresql(parsed, file, archived=head.startswith(archive.MAGIC), force=force)
    await upgrade(url)


def _restore_sqlite(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(target.name + ".part")
    try:
        copy_sqlite(file, half)
        with closing(sqlite3.connect(half)) as connection:
            if connection.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise BackupFault(f"{file} is damaged")
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not {"servers", "counts", "alembic_version"} <= tables:
            raise BackupFault(f"{file} is a SQLite file, but none of this program's")
        for leftover in ("-wal", "-shm"):
            target.with_name(target.name + leftover).unlink(missing_ok=True)
        os.replace(half, target)
    except sqlite3.Error as error:
        raise BackupFault(f"{file} can't be restored: {error}") from None
    finally:
        half.unlink(missing_ok=True)


async def _dump_postgresql(url: URL, file: Path) -> None:
    engine = make_engine(url)
    try:
        programs = await asyncio.to_thread(archive.programs_of, await _major_of(engine))
        if programs is not None:
            await archive.dump(programs, url, file)
        else:
            await lines.dump(engine, file)
    finally:
        await engine.dispose()


async def _restore_postgresql(url: URL, file: Path, *, archived: bool, force: bool) -> None:
    engine = make_engine(url)
    try:
        major = await _major_of(engine)
        if not force and await _holds_anything(engine):
            raise BackupFault("that database holds data already: --force overwrites it")
        if not archived:
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
        await engine.dispose()


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
