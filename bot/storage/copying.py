"""One way to copy a SQLite file, live as it may be, and one way to put a copy in its place."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.storage.faults import BackupFault, DatabaseInUse
from bot.storage.files import make_private, on_disk
from bot.storage.schema import Structure, Words, metadata

BEFORE_RESTORE, BEFORE_UPGRADE = ".before-restore", ".schema-"
"""What the names of the copies that are put aside go on with."""


def copy_sqlite(source: Path, target: Path) -> None:
    """Copies a SQLite file, as it is at one moment and without what was deleted from it, over `target`.

    The copy is on the disk when this returns. Raises BackupFault for a damaged file, sqlite3.Error, or OSError.
    """
    target.unlink(missing_ok=True)
    make_private(target)
    address = f"{source.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as old:
        _check_whole(old, source)
        # a copy page by page would hold what was deleted, and a copy of a file in use its log beside it
        old.execute("VACUUM INTO ?", (str(target.absolute()),))
    on_disk(target)


def _check_whole(connection: sqlite3.Connection, file: Path) -> None:
    """Reads all that a file holds. Raises BackupFault if it can't be read, or is not what it should be."""
    try:
        said = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if said == "ok":
            said = _unreadable(connection)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and "decode" not in str(error).lower():
            # it is locked, or its folder can't be read: nothing is wrong with the file
            raise
        said = str(error)
    if said:
        first = str(said).splitlines()[-1][:100]
        raise BackupFault(f"{file} is damaged ({first}): put back a copy made before, with 'db restore'")


def _unreadable(connection: sqlite3.Connection) -> str:
    """Returns what is wrong with a text: the structure of a file can be whole around it."""
    there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table in metadata.sorted_tables:
        if table.name not in there:
            continue
        columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table.name})")}
        for column in table.columns:
            if column.name in columns and isinstance(column.type, Structure | Words):
                if isinstance(column.type, Structure):
                    wrong = f"SELECT 1 FROM {table.name} WHERE NOT json_valid({column.name})"
                    if connection.execute(wrong).fetchone():
                        return f"{table.name}.{column.name} is no JSON"
                for _ in connection.execute(f"SELECT {column.name} FROM {table.name}"):
                    # Python refuses a text that is no UTF-8
                    pass
    return ""


def put_in_place(copy: Path, target: Path) -> Path | None:
    """Puts a copy in a database's place, and returns where the old one is kept; None if there was none.

    Whenever this is cut off, `target` is the old database or the new one, whole. Raises DatabaseInUse beside a program
    that has it open, and OSError.
    """
    on_disk(copy)
    aside = None
    if target.exists():
        _close_log(target)
        aside = _free_name(target.with_name(target.name + BEFORE_RESTORE))
        for end in ("", "-wal"):
            if target.with_name(target.name + end).exists():
                _keep(target.with_name(target.name + end), aside.with_name(aside.name + end))
    on_disk(target.parent)
    # a log that is left here (of a file too damaged to take it up) would be taken for the new file's
    for end in ("-wal", "-shm", "-journal"):
        target.with_name(target.name + end).unlink(missing_ok=True)
    os.replace(copy, target)
    on_disk(target.parent)
    return aside


def _close_log(file: Path) -> None:
    """Takes a database's log up into it, so that it is one file."""
    try:
        with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as old:
            # this needs the file for itself alone
            old.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise DatabaseInUse(f"{file} is in use by another program: stop the bot first") from None
        raise
    except sqlite3.DatabaseError:
        # damaged, which may be why it is to be replaced: it is kept as it is, with its log
        pass


def _keep(file: Path, other: Path) -> None:
    try:
        os.link(file, other)
    except OSError:
        # a file system without a second name for a file
        make_private(other)
        shutil.copyfile(file, other)
        on_disk(other)


def _free_name(path: Path) -> Path:
    number, found = 1, path
    while found.exists():
        number += 1
        found = path.with_name(f"{path.name}-{number}")
    return found
