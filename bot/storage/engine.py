"""Connections: transactions that mean what they say on two engines, and errors in clear words."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar
from weakref import WeakSet

import aiosqlite
from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.engine import Connection as SyncConnection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.storage.addresses import connect_arguments, file_of
from bot.storage.faults import DatabaseUnavailable, StorageFault
from bot.storage.files import make_private

BUSY_SECONDS = 5.0
"""How long a locked SQLite file is waited for."""


class Connection(aiosqlite.Connection):
    """aiosqlite's, which can be stopped twice.

    A cancelled statement stops the connection's thread while SQLAlchemy is closing it; aiosqlite 0.22 then waits for an
    answer from a thread that has ended, and the event loop never closes.
    """

    alive: ClassVar[WeakSet[Connection]] = WeakSet()
    _stopped: asyncio.Future[object] | None = None

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        # nobody waits for a thread of the driver at the very end
        self._thread.daemon = True
        self.alive.add(self)

    def stop(self) -> asyncio.Future[object] | None:
        """Ends the thread; returns what is done when it has ended, the same for every call."""
        if self._stopped is None:
            self._stopped = super().stop()
        return self._stopped

    @classmethod
    async def all_stopped(cls) -> None:
        """Waits until the threads of this loop's connections that were told to stop have ended."""
        loop = asyncio.get_running_loop()
        stopping = [each._stopped for each in cls.alive if each._stopped is not None]
        waited = [future for future in stopping if future.get_loop() is loop and not future.done()]
        if waited:
            await asyncio.wait(waited)


def _connector(url: URL, file: Path, busy_seconds: float) -> Callable[[], Connection]:
    found = url.get_dialect()().create_connect_args(url)
    arguments: Sequence[Any] = found[0]
    options: Mapping[str, Any] = {**found[1], "timeout": busy_seconds}

    def connect() -> Connection:
        # a file that SQLite makes could be read by every user of the machine; its log takes after it
        make_private(file)
        return Connection(lambda: sqlite3.connect(*arguments, **options))

    return connect


def make_engine(url: URL, busy_seconds: float = BUSY_SECONDS, name: str = "rsvno") -> AsyncEngine:
    """Returns an engine. SQLite: write-ahead log, foreign keys, every commit on the disk before it is told, and what is
    deleted written over. PostgreSQL: its connections bear the `name`."""
    file = file_of(url)
    if file is None:
        url, arguments = connect_arguments(url, name)
        return create_async_engine(
            url, pool_size=5, max_overflow=5, pool_pre_ping=True, pool_timeout=BUSY_SECONDS, connect_args=arguments
        )
    engine = create_async_engine(url, async_creator=_connector(url, file, busy_seconds))

    @event.listens_for(engine.sync_engine, "connect")
    def _connected(connection: Any, record: Any) -> None:
        # transactions are begun below, not by the driver
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        record.info["file"] = _identity(file)

    @event.listens_for(engine.sync_engine, "begin")
    def _begun(connection: SyncConnection) -> None:
        # what is written to a file that has lost its name is acknowledged, and gone
        if connection.info["file"] != _identity(file):
            raise DatabaseUnavailable(
                f"the database file {file} was removed or replaced while in use: put it back, or restart on a backup"
            )
        # a writer takes its lock at once: two readers that both want to write would wait for each other
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


async def dispose(engine: AsyncEngine) -> None:
    """Closes an engine's connections, those too that were given up in the middle of a statement."""
    await engine.dispose()
    await Connection.all_stopped()


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction that only reads. Raises DatabaseUnavailable."""
    async with clear_faults(), engine.connect() as connection:
        yield connection


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction that is committed at the end of the block, or wholly undone. Raises DatabaseUnavailable."""
    async with clear_faults(), engine.connect() as connection:
        connection = await connection.execution_options(writes=True)
        async with connection.begin():
            yield connection


async def scrub(engine: AsyncEngine, *, whole: bool = False) -> None:
    """Takes what was deleted out of a SQLite file's log, where it stood beside the file that was written over.

    `whole`: out of the file, too, where an earlier version or another program left it. Raises DatabaseUnavailable.
    """
    if engine.dialect.name != "sqlite":
        return
    async with clear_faults(), engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        if whole:
            await driver.execute_fetchall("VACUUM")
        await driver.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")


async def scrub_later(engine: AsyncEngine) -> None:
    """The same after a commit: where it cannot be done now, the hourly purge does it, for what was done is done."""
    with suppress(StorageFault):
        await scrub(engine)


@asynccontextmanager
async def clear_faults() -> AsyncIterator[None]:
    """Turns what the drivers raise into one clear line without addresses, statements or values."""
    try:
        yield
    except StorageFault:
        raise
    except (TimeoutError, SQLAlchemyError, OSError, sqlite3.Error) as error:
        raise DatabaseUnavailable(_reason(error)) from None


def _reason(error: BaseException) -> str:
    original = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    text = str(original).lower()
    for sign, reason in (
        ("locked", "the database is locked by another program"),
        ("full", "the disk of the database is full"),
        ("readonly", "the database can't be written to"),
        ("unable to open", "the database file can't be opened"),
        ("not a database", "the database file is no SQLite database"),
        ("malformed", "the database file is damaged: restore a backup"),
        ("rejected ssl", "the database speaks no TLS, which sslmode asks for"),
        ("certificate", "the database's TLS certificate is not accepted: see sslmode and sslrootcert"),
        ("password", "the database refuses the user or the password"),
        ("does not exist", "the database does not exist on that server"),
    ):
        if sign in text:
            return reason
    if isinstance(original, OSError):
        return f"the database can't be reached: {original.strerror or type(original).__name__}"
    return f"the database does not answer as it should ({type(original).__name__})"
