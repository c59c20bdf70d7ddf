"""A backup is put back wholly or not at all, never under a running bot, and the old database is kept."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing, nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from bot.cli import main
from bot.storage import Database, DatabaseInUse, DatabaseTooNew, DatabaseUnavailable, copying, serving
from bot.storage.backup import backup, restore
from bot.storage.faults import BackupFault
from tests.storage.conftest import new_database

ENTRIES = 20


async def filled(url: str | Path, name: str = "own") -> Database:
    """A database with some entries."""
    database = await Database.open(url)
    entries = [{"id": f"{name}-{number}", "question": "Ä?"} for number in range(ENTRIES)]
    await database.server(7).entries.import_all(entries, [], editor=1)
    await database.server(7).settings.change(inbox=True)
    await database.server(7).inbox.keep("what now", "none")
    return database


async def names(url: str | Path) -> set[str]:
    """The kinds of entries that a database holds."""
    database = await Database.open(url)
    held = [each.entry_id for each in await database.server(7).entries.all()]
    await database.close()
    assert len(held) == ENTRIES
    return {each.split("-")[0] for each in held}


async def a_backup(folder: Path) -> Path:
    """A backup of another database, with entries called `other`."""
    folder.mkdir()
    database = await filled(folder / "other.sqlite3", "other")
    await database.close()
    await backup(folder / "other.sqlite3", folder / "backup")
    return folder / "backup"


async def with_a_log(folder: Path) -> Path:
    """A database as a program that was killed leaves it: what it wrote last is in the log alone."""
    folder.mkdir()
    database = await filled(folder / "live.sqlite3")
    file = folder / "servers.sqlite3"
    for end in ("", "-wal"):
        shutil.copy(folder / f"live.sqlite3{end}", f"{file}{end}")
    await database.close()
    assert file.with_name("servers.sqlite3-wal").stat().st_size
    return file


def sql(*statements: str) -> Callable[[Path], None]:
    """Something done to a SQLite file."""

    def run(file: Path) -> None:
        with closing(sqlite3.connect(file)) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    return run


def cut(file: Path) -> None:
    """Loses the second half of a file."""
    os.truncate(file, file.stat().st_size // 2)


def scratched(file: Path) -> None:
    """Writes over a part of a file."""
    with file.open("r+b") as opened:
        opened.seek(file.stat().st_size // 2)
        opened.write(bytes(range(256)) * 32)


DAMAGES = {
    "newer": (sql("UPDATE alembic_version SET version_num = '9999'"), DatabaseTooNew, "9999"),
    "no-entries": (sql("DROP TABLE entries"), BackupFault, "not whole"),
    "no-votes": (sql("DROP TABLE votes"), BackupFault, "not whole"),
    "no-column": (sql("ALTER TABLE unanswered DROP COLUMN reason"), BackupFault, "not whole"),
    "no-schema": (sql("DELETE FROM alembic_version"), BackupFault, "does not tell"),
    "trigger": (
        sql("CREATE TRIGGER later AFTER INSERT ON counts BEGIN DELETE FROM entries; END"), BackupFault, "a trigger",
    ),
    "view": (sql("CREATE VIEW seen AS SELECT * FROM entries"), BackupFault, "a view"),
    "no-json": (sql("UPDATE entries SET document = '{\"id\":'"), BackupFault, "damaged.*no JSON"),
    "no-text": (sql("UPDATE unanswered SET question = CAST(x'ff41' AS TEXT)"), BackupFault, "damaged"),
    "cut": (cut, BackupFault, "damaged"),
    "scratched": (scratched, BackupFault, "damaged"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
async def test_what_is_wrong_with_a_backup_is_found_before_anything_is_changed(tmp_path: Path, damage: str) -> None:
    do, kind, words = DAMAGES[damage]
    file = await with_a_log(tmp_path / "there")
    copy = await a_backup(tmp_path / "other")
    do(copy)
    before = {each.name: each.read_bytes() for each in file.parent.iterdir()}
    with pytest.raises(kind, match=words):
        await restore(file, copy, force=True)
    after = {each.name: each.read_bytes() for each in file.parent.iterdir() if not each.name.endswith(".lock")}
    assert after == before
    assert await names(file) == {"own"}


@pytest.mark.parametrize("damage", ["no-json", "no-text", "cut", "scratched"])
async def test_a_damaged_database_is_not_backed_up(
    tmp_path: Path, damage: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await a_backup(tmp_path / "other")
    DAMAGES[damage][0](file)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
    with pytest.raises(SystemExit) as ended:
        await asyncio.to_thread(main, ["db", "backup", str(tmp_path / "copy")])
    assert ended.value.code == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert f"{file} is damaged" in said[0]
    assert not list(tmp_path.glob("copy*"))


@pytest.mark.parametrize("moment", ["link", "unlink", "replace", "fsync"])
async def test_a_restore_that_is_cut_off_leaves_the_old_or_the_new(
    tmp_path: Path, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However far it came: each time it is ended one call later."""
    copy = await a_backup(tmp_path / "other")
    seen: list[set[str]] = []
    for number in range(12):
        file = await with_a_log(tmp_path / f"there{number}")
        left = number
        kind = os if moment != "unlink" else Path
        original: Callable[..., object] = getattr(kind, moment)

        def ending(*arguments: object, _original: Callable[..., object] = original, **options: object) -> object:
            nonlocal left
            left -= 1
            if left < 0:
                raise KeyboardInterrupt
            return _original(*arguments, **options)

        half = file.with_name("half")
        shutil.copy(copy, half)
        with monkeypatch.context() as patch:
            patch.setattr(kind, moment, ending)
            with suppress(KeyboardInterrupt):
                copying.put_in_place(half, file)
        seen.append(await names(file))
    assert seen[0] in ({"own"}, {"other"})
    assert seen[-1] == {"other"}
    assert all(one in ({"own"}, {"other"}) for one in seen)


async def test_a_restore_lets_go_of_the_file_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[FileLock] = []

    def take(*arguments: Any, **options: Any) -> FileLock:
        taken.append(FileLock(*arguments, **options))
        return taken[-1]

    monkeypatch.setattr(serving, "FileLock", take)
    copy = await a_backup(tmp_path / "other")
    for damaged in (False, True):
        if damaged:
            cut(copy)
        with pytest.raises(BackupFault) if damaged else nullcontext():
            await restore(tmp_path / "servers.sqlite3", copy, force=True)
    # not only when nobody holds the lock's object any more
    assert [each.is_locked for each in taken] == [False, False]


async def test_the_old_database_is_kept_each_time(tmp_path: Path) -> None:
    file = await with_a_log(tmp_path / "there")
    copy = await a_backup(tmp_path / "other")
    first = await restore(file, copy, force=True)
    assert await names(file) == {"other"}
    second = await restore(file, copy, force=True)
    assert first is not None
    assert second is not None
    assert first != second
    assert await names(first) == {"own"}
    assert await names(second) == {"other"}


async def test_a_database_that_is_beyond_reading_can_be_replaced(tmp_path: Path) -> None:
    copy = await a_backup(tmp_path / "other")
    file = tmp_path / "servers.sqlite3"
    shutil.copy(copy, file)
    cut(file)
    damaged = file.read_bytes()
    aside = await restore(file, copy, force=True)
    assert await names(file) == {"other"}
    assert aside is not None
    assert aside.read_bytes() == damaged


async def test_nothing_is_put_under_a_running_bot(url: str, tmp_path: Path) -> None:
    database = await filled(url)
    await backup(url, tmp_path / "copy")
    await database.close()
    running = await Database.open(url, serving=True)
    with pytest.raises(DatabaseInUse, match="a bot is running on"):
        await restore(url, tmp_path / "copy", force=True)
    await running.server(7).counters.count(route="command", outcome="none")
    await running.close()
    await restore(url, tmp_path / "copy", force=True)


async def test_nothing_is_put_under_a_program_that_has_the_file_open(tmp_path: Path) -> None:
    file = tmp_path / "servers.sqlite3"
    database = await filled(file)
    await backup(file, tmp_path / "copy")
    with pytest.raises(DatabaseInUse, match="in use by another program"):
        await restore(file, tmp_path / "copy", force=True)
    await database.server(7).entries.remove("own-0", editor=1)
    await database.close()
    database = await Database.open(file)
    assert len(await database.server(7).entries.all()) == ENTRIES - 1
    await database.close()


async def test_a_sqlite_file_has_one_bot_and_postgresql_any_number(url: str) -> None:
    first = await Database.open(url, serving=True)
    at_the_terminal = await Database.open(url)
    await at_the_terminal.close()
    again: Awaitable[Database] = Database.open(url, serving=True)
    if url.startswith("sqlite"):
        with pytest.raises(DatabaseInUse, match=r"a bot is running on .* already: stop it first"):
            await again
        await first.close()
        again = Database.open(url, serving=True)
        await (await again).close()
    else:
        await (await again).close()
        await first.close()


async def test_what_failed_to_open_holds_nothing(tmp_path: Path) -> None:
    file = tmp_path / "servers.sqlite3"
    file.write_bytes(b"no database " * 100)
    for _ in range(2):
        with pytest.raises(DatabaseUnavailable, match="no SQLite database"):
            await Database.open(file, serving=True)


@pytest.mark.parametrize("gone", ["removed", "replaced"])
async def test_a_file_that_goes_while_it_is_used_is_noticed(tmp_path: Path, gone: str) -> None:
    file = tmp_path / "servers.sqlite3"
    database = await filled(file)
    away = tmp_path / "away"
    file.rename(away)
    if gone == "replaced":
        shutil.copy(await a_backup(tmp_path / "other"), file)
    store = database.server(7)
    for attempt in (store.counters.count(route="command", outcome="none"), store.entries.all()):
        with pytest.raises(DatabaseUnavailable, match="removed or replaced"):
            await attempt
    # nothing was acknowledged that is not there, and it goes on with the file
    away.replace(file)
    await store.counters.count(route="command", outcome="none")
    today = await store.counters.today()
    assert [row.questions for row in await store.counters.between(today, today)] == [1]
    await database.close()


async def test_lines_that_are_not_all_there_change_nothing(
    postgresql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.storage.archive.programs_of", lambda _: None)
    url = await new_database(postgresql)
    await (await filled(url, "other")).close()
    whole = tmp_path / "whole"
    await backup(url, whole)
    there = await new_database(postgresql)
    await (await filled(there)).close()
    lines = whole.read_text().splitlines(keepends=True)
    wrong = tmp_path / "wrong"
    cases = ["".join(lines[:number]) for number in range(len(lines))]
    cases += ["".join(lines[:3] + lines[4:]), "".join([*lines, lines[3]]), "".join(lines) + "[]\n"]
    cases += [f"{lines[0]}{odd}\n{lines[-1]}" for odd in ("[]", "[1]", "7", "null", '"x"', '{"table": 1}', "{}", "[[")]
    row = json.loads(lines[3])
    for name in row["row"]:
        less = {**row, "row": {key: value for key, value in row["row"].items() if key != name}}
        cases.append("".join([*lines[:3], json.dumps(less) + "\n", *lines[4:]]))
    for case in cases:
        wrong.write_text(case)
        with pytest.raises(BackupFault) as fault:
            await restore(there, wrong, force=True)
        assert len(str(fault.value).splitlines()) == 1
    assert await names(there) == {"own"}
    await restore(there, whole, force=True)
    assert await names(there) == {"other"}
