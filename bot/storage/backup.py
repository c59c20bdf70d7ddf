"""Copies of a database: taken while the bot runs, and put back whole or not at all."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Date, LargeBinary, Table, delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.engine import clear_faults, file_of, make_engine, parse_url, reading, writing
from bot.storage.faults import StorageFault
from bot.storage.migrating import migrate, newest_revision
from bot.storage.schema import Instant, metadata

FORMAT = "rsvno-backup-1"
_SQLITE = b"SQLite format 3\x00"


class BackupFault(StorageFault):
    """A backup could not be written, or what should be put back is none, or would overwrite what is there."""


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

    SQLite: a SQLite file. PostgreSQL: one JSON object a row, seen at one moment.
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
            await asyncio.to_thread(_copy_sqlite, source, half)
        else:
            await _dump(url, half)
        os.replace(half, file)
    except (OSError, sqlite3.Error) as error:
        raise BackupFault(f"the backup could not be written: {error}") from None
    finally:
        half.unlink(missing_ok=True)


def _copy_sqlite(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        # a backup is one file: nothing of it may wait in a log beside it
        new.execute("PRAGMA journal_mode=DELETE")


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
        if FORMAT.encode() not in head:
            raise BackupFault(f"{file} is no backup of a PostgreSQL database")
        await _load(url, file, force=force)
    await upgrade(url)


def _restore_sqlite(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(target.name + ".part")
    try:
        _copy_sqlite(file, half)
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


# ----------------------------------------------------------------- PostgreSQL


async def _dump(url: str, file: Path) -> None:
    engine = make_engine(parse_url(url))
    try:
        async with reading(engine) as connection:
            # one moment for all tables
            await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            revision = await connection.scalar(text("SELECT version_num FROM alembic_version"))
            with file.open("w", encoding="utf-8") as lines:
                lines.write(json.dumps({"format": FORMAT, "revision": revision}) + "\n")
                for table in metadata.sorted_tables:
                    rows = await connection.stream(select(table))
                    async for row in rows.mappings():
                        values = {name: _to_json(value) for name, value in row.items()}
                        lines.write(json.dumps({"table": table.name, "row": values}, ensure_ascii=False) + "\n")
                lines.flush()
                os.fsync(lines.fileno())
    finally:
        await engine.dispose()


def _to_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


async def _load(url: str, file: Path, *, force: bool) -> None:
    engine = make_engine(parse_url(url))
    try:
        async with clear_faults():
            lines = _lines(file)
            revision = next(lines).get("revision")
            if revision != newest_revision():
                raise BackupFault(f"{file} has schema {revision}, and this program {newest_revision()}")
            await migrate(engine, parse_url(url), backup=False)
            async with writing(engine) as connection:
                if not force and await _holds_anything(connection):
                    raise BackupFault("that database holds data already: --force overwrites it")
                for table in reversed(metadata.sorted_tables):
                    await connection.execute(delete(table))
                batch: list[dict[str, Any]] = []
                current: Table | None = None
                for line in lines:
                    table = metadata.tables[line["table"]]
                    if current is not None and (table is not current or len(batch) >= 500):
                        await connection.execute(current.insert(), batch)
                        batch = []
                    current = table
                    batch.append({name: _from_json(table, name, value) for name, value in line["row"].items()})
                if current is not None and batch:
                    await connection.execute(current.insert(), batch)
    except (ValueError, KeyError, StopIteration) as error:
        raise BackupFault(f"{file} is damaged ({type(error).__name__})") from None
    finally:
        await engine.dispose()


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _from_json(table: Table, name: str, value: Any) -> Any:
    kind = table.c[name].type
    if value is None:
        return None
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value)
    if isinstance(kind, Instant):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    return value


async def _holds_anything(connection: AsyncConnection) -> bool:
    for table in metadata.sorted_tables:
        if await connection.scalar(select(func.count()).select_from(table)):
            return True
    return False
