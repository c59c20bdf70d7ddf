"""The schema's version: brought up to date at start, after a copy of a SQLite file was put aside."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, select
from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.addresses import file_of
from bot.storage.copying import BEFORE_UPGRADE, copy_sqlite
from bot.storage.engine import clear_faults, scrub, writing
from bot.storage.faults import DatabaseTooNew

_LOCK = 0x52_53_56_4E
"""PostgreSQL's number for the migration, which all processes agree on."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "bot.storage:migrations")
    return config


def newest_revision() -> str:
    """Returns the schema's version that this program works with."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None
    return revision


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def check_known(revision: str) -> None:
    """Raises DatabaseTooNew for a schema's version that this program does not know."""
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if revision not in known:
        raise DatabaseTooNew(
            f"the database has schema {revision}, which this program does not know (it knows {newest_revision()}): "
            "update the program, or restore a backup made before"
        )


async def migrate(engine: AsyncEngine, url: URL, *, backup: bool) -> None:
    """Brings the schema up to date. `backup`: first copy a SQLite file whose schema is old.

    Raises DatabaseTooNew for a version that this program does not know, and DatabaseUnavailable.
    """
    async with clear_faults():
        file = file_of(url)
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
        async with engine.connect() as connection:
            revision = await connection.run_sync(_revision)
        newest = newest_revision()
        if revision == newest:
            return
        if revision is not None:
            check_known(revision)
        if backup and revision is not None and file is not None:
            await asyncio.to_thread(put_aside, file, revision)
        async with writing(engine) as connection:
            if file is None:
                # of several that start at once one makes the tables; the others then find them
                await connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            await connection.run_sync(_upgrade)
        if revision is not None:
            # earlier versions did not write over what they deleted
            await scrub(engine, whole=True)


def put_aside(file: Path, revision: str) -> Path:
    """Copies a SQLite file, live as it may be, to `FILE.schema-REVISION.bak`; returns the copy's path."""
    copy = file.with_name(f"{file.name}{BEFORE_UPGRADE}{revision}.bak")
    copy_sqlite(file, copy)
    return copy
