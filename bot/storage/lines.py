"""A PostgreSQL database as lines of JSON: one object a row. Needs no other program, and can be put back only into the
schema that it was taken from."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Date, LargeBinary, Table, delete, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.engine import reading, writing
from bot.storage.faults import BackupFault
from bot.storage.migrating import newest_revision
from bot.storage.schema import Instant, metadata

FORMAT = "rsvno-backup-1"
"""The first line says it."""


async def dump(engine: AsyncEngine, file: Path) -> None:
    """Writes all rows, seen at one moment. Raises DatabaseUnavailable, or OSError."""
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


async def load(engine: AsyncEngine, file: Path) -> None:
    """Puts the rows in the place of those there, in one transaction; the schema is there. Raises BackupFault."""
    try:
        lines = _lines(file)
        revision = next(lines).get("revision")
        if revision != newest_revision():
            raise BackupFault(f"{file} has schema {revision}, and this program {newest_revision()}")
        async with writing(engine) as connection:
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


def _to_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


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
