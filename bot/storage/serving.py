"""Which bot has a database: on a SQLite file only one may work, and under none may the database be replaced."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.engine import reading
from bot.storage.faults import DatabaseInUse
from bot.storage.files import PRIVATE

RUNNING = "rsvno run"
"""How the connections of a running bot to PostgreSQL are named, which all who may restore can see."""


def take(file: Path) -> FileLock:
    """Takes a SQLite file as the one bot that works on it, until the lock is released or the process ends, however it
    ends. Makes its folder. Raises DatabaseInUse, and OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(file.with_name(file.name + ".lock"), timeout=0, mode=PRIVATE, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise DatabaseInUse(
            f"a bot is running on {file} already: stop it first, or give this one a database.url of its own"
        ) from None
    return lock


@contextmanager
def taken(file: Path) -> Iterator[None]:
    """Holds a SQLite file so for the time of a block. Raises as `take`."""
    # not the lock's own `with`, which would take it a second time
    lock = take(file)
    try:
        yield
    finally:
        lock.release()


async def refuse_beside_a_bot(engine: AsyncEngine) -> None:
    """Raises DatabaseInUse if a running bot is connected to this PostgreSQL database."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = :name"
    async with reading(engine) as connection:
        if await connection.scalar(text(asked), {"name": RUNNING}):
            raise DatabaseInUse("a bot is running on that database: stop it first")
