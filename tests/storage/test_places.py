"""Where a database lies, who may read it, and what an operator may write as its address."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from bot.configuration import Settings
from bot.storage import Database, DatabaseUnavailable
from bot.storage.addresses import environment, parse_url
from bot.storage.backup import backup, restore
from bot.storage.engine import reading

NAMES = ["a#b", "a?b", "a%41b", "a b", "Geräte", "a?b=c", "100%", "a;b&c", "file:x"]


def private(file: Path) -> bool:
    """Whether nobody but this user may do anything with a file."""
    return stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", NAMES)
async def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    settings = Settings(data_folder=tmp_path / name)
    database = await Database.open(settings.database_url())
    await database.server(7).settings.change(inbox=True)
    copy = tmp_path / name / "copy.bak"
    await backup(settings.database_url(), copy)
    await database.server(7).settings.change(inbox=False)
    await database.close()
    assert [each.name for each in tmp_path.iterdir()] == [name]
    aside = await restore(settings.database_url(), copy, force=True)
    database = await Database.open(settings.database_url())
    assert (await database.server(7).settings.get()).inbox
    await database.close()
    assert aside is not None
    assert {each.name for each in (tmp_path / name).iterdir()} == {
        "rsvno.sqlite3", "rsvno.sqlite3.before-restore", "rsvno.sqlite3.lock", "copy.bak",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["a#b", "a?b", "a%41b", "a b", "Geräte"])
async def test_an_address_names_its_file_as_it_is(tmp_path: Path, name: str) -> None:
    database = await Database.open(f"sqlite:///{tmp_path / name}")
    await database.close()
    assert [each.name for each in tmp_path.iterdir()] == [name]


async def test_what_people_wrote_is_for_nobody_else_on_the_machine(tmp_path: Path) -> None:
    file = tmp_path / "servers.sqlite3"
    before = os.umask(0o022)
    try:
        # as an earlier version left it
        with closing(sqlite3.connect(file)) as old:
            old.execute("PRAGMA journal_mode=WAL")
            old.execute("CREATE TABLE notes_of_old (x)")
        assert not private(file)
        database = await Database.open(file, serving=True)
        await database.server(7).settings.change(inbox=True)
        await backup(file, tmp_path / "copy")
        assert {each.name for each in tmp_path.iterdir()} > {"servers.sqlite3-wal", "servers.sqlite3-shm"}
        assert [each.name for each in tmp_path.iterdir() if not private(each)] == []
        await database.close()
        await restore(file, tmp_path / "copy", force=True)
        assert [each.name for each in tmp_path.iterdir() if not private(each)] == []
    finally:
        os.umask(before)


async def test_a_group_that_was_let_in_stays_in(tmp_path: Path) -> None:
    file = tmp_path / "servers.sqlite3"
    file.touch(0o640)
    database = await Database.open(file)
    await database.close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


@pytest.mark.parametrize("address", ["postgresql://me:a@b:secret@host/name", "postgresql://me:secret@host:x/name"])
def test_an_address_that_cannot_be_read_says_how_to_write_it(address: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="%40") as fault:
        parse_url(address)
    assert "secret" not in str(fault.value)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ("sslmod=require", "'?sslmod=' is not known (did you mean 'sslmode'?)"),
        ("frobnicate=1", "'?frobnicate=' is not known: leave it out (known are host, "),
        ("channel_binding=require", "'?channel_binding=' is not known"),
        ("sslmode=on", "'sslmode' must be one of disable, allow, prefer, require"),
        ("sslmode=require&sslmode=disable", "'sslmode' is there more than once"),
        ("sslrootcert=/no/such/file", "'sslrootcert': there is no file /no/such/file"),
        ("sslmode", "'sslmode' has no value"),
        ("sslmode=", "'sslmode' has no value"),
        ("connect_timeout=5&sslrootcert=&sslmode=require", "'sslrootcert' has no value"),
        ("ssl=maybe", "'sslmode' must be one of"),
        ("connect_timeout=soon", "'connect_timeout' must be a whole number"),
    ],
)
def test_a_part_of_an_address_that_cannot_be_is_named(parts: str, words: str) -> None:
    with pytest.raises(DatabaseUnavailable) as fault:
        parse_url(f"postgresql://me:secret@host/name?{parts}")
    assert words in str(fault.value)
    assert "secret" not in str(fault.value)


def test_sqlite_takes_no_parts() -> None:
    with pytest.raises(DatabaseUnavailable, match=r"no '\?mode='"):
        parse_url("sqlite:///x.sqlite3?mode=ro")


async def test_the_parts_of_an_address_reach_postgresql(postgresql: str) -> None:
    parts = {"connect_timeout": "5", "application_name": "mine", "options": "-c statement_timeout=4321"}
    address = make_url(postgresql).update_query_dict(parts).render_as_string(hide_password=False)
    database = await Database.open(address)
    async with reading(database.engine) as connection:
        assert await connection.scalar(text("SHOW statement_timeout")) == "4321ms"
        assert await connection.scalar(text("SHOW application_name")) == "mine"
    await database.close()


@pytest.mark.parametrize(
    ("part", "tls"),
    [
        ("sslmode=require", True),
        ("ssl=require", True),
        ("ssl=true", True),
        ("ssl=1", True),
        ("sslmode=disable", False),
        ("ssl=false", False),
    ],
)
async def test_tls_is_asked_for_as_the_address_says(part: str, tls: bool) -> None:
    first: list[bytes] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first.append(await reader.readexactly(8))
        writer.write(b"N")
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(DatabaseUnavailable, match="speaks no TLS" if tls else "."):
        await Database.open(f"postgresql://me:secret@127.0.0.1:{port}/name?{part}")
    server.close()
    asked_for_tls = bytes.fromhex("0000000804d2162f")
    assert (first[0] == asked_for_tls) is tls


def test_the_programs_of_postgresql_get_the_same_parts(tmp_path: Path) -> None:
    certificate = tmp_path / "root.crt"
    certificate.touch()
    address = f"postgresql://me:p%40ss@host:5433/name?sslmode=verify-full&sslrootcert={certificate}&connect_timeout=9"
    assert environment(parse_url(address)) == {
        "PGHOST": "host", "PGPORT": "5433", "PGUSER": "me", "PGPASSWORD": "p@ss", "PGDATABASE": "name",
        "PGSSLMODE": "verify-full", "PGSSLROOTCERT": str(certificate), "PGCONNECT_TIMEOUT": "9",
    }  # fmt: skip
