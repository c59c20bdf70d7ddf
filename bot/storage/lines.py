"""A PostgreSQL database as lines of JSON: one object a row, and at the end how many there are of each table, without
which a file that was cut could not be told from a whole one. Needs no other program, and can be put back only into the
schema that it was taken from."""

from __future__ import annotations

import base64
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import Date, LargeBinary, Table, delete, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.counting import BATCH
from bot.storage.engine import reading, writing
from bot.storage.faults import BackupFault
from bot.storage.migrating import newest_revision
from bot.storage.schema import Instant, metadata

FORMAT = "rsvno-backup-1"
"""The first line says it."""
END = "end"
"""The last line's key: of each table, how many rows there are."""


async def dump(engine: AsyncEngine, file: Path) -> None:
    """Writes all rows, seen at one moment. Raises DatabaseUnavailable, or OSError."""
    async with reading(engine) as connection:
        # one moment for all tables
        await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        revision = await connection.scalar(text("SELECT version_num FROM alembic_version"))
        with file.open("w", encoding="utf-8") as lines:
            lines.write(json.dumps({"format": FORMAT, "revision": revision}) + "\n")
            written: Counter[str] = Counter()
            for table in metadata.sorted_tables:
                rows = await connection.stream(select(table))
                async for row in rows.mappings():
                    values = {name: _to_json(value) for name, value in row.items()}
                    lines.write(json.dumps({"table": table.name, "row": values}, ensure_ascii=False) + "\n")
                    written[table.name] += 1
            lines.write(json.dumps({END: {table.name: written[table.name] for table in metadata.sorted_tables}}) + "\n")
            lines.flush()
            os.fsync(lines.fileno())


def check(file: Path) -> None:
    """Reads a whole file as `load` does, and changes nothing. Raises BackupFault for the first line that can't be."""
    for _ in _rows(file):
        pass


async def load(engine: AsyncEngine, file: Path) -> None:
    """Puts the rows in the place of those there, in one transaction; the schema is there. Raises BackupFault."""
    async with writing(engine) as connection:
        for table in reversed(metadata.sorted_tables):
            await connection.execute(delete(table))
        for table, rows in groupby(_rows(file), key=itemgetter(0)):
            for batch in _batches(row for _, row in rows):
                await connection.execute(table.insert(), batch)


def _rows(file: Path) -> Iterator[tuple[Table, dict[str, Any]]]:
    """Yields each row and its table. Raises BackupFault: for what is none, and at the end if there are fewer."""
    number, read = 0, Counter[str]()
    end: Any = None
    try:
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                said = json.loads(line)
                if number == 1:
                    _check_head(said, file)
                elif end is not None:
                    raise ValueError("after the end")
                elif END in said:
                    end = said[END]
                else:
                    table = metadata.tables[said["table"]]
                    row = {column.name: _from_json(table, column.name, said["row"][column.name]) for column in table.c}
                    read[table.name] += 1
                    yield table, row
    except OSError as error:
        raise BackupFault(f"{file} can't be read: {error.strerror}") from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BackupFault(f"{file}:{number} is damaged ({type(error).__name__}): nothing was restored") from None
    if end is None:
        raise BackupFault(f"{file} is cut: its last line, with the number of rows, is missing; nothing was restored")
    if end != {table.name: read[table.name] for table in metadata.sorted_tables}:
        raise BackupFault(f"{file} is not whole: it has other rows than its last line says; nothing was restored")


def _check_head(said: Any, file: Path) -> None:
    if said["format"] != FORMAT:
        raise ValueError
    if said["revision"] != newest_revision():
        raise BackupFault(f"{file} has schema {said['revision']}, and this program {newest_revision()}")


def _to_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    waiting = iter(rows)
    while batch := list(islice(waiting, BATCH)):
        yield batch


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
