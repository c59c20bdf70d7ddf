"""One way to copy a SQLite file, live as it may be."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def copy_sqlite(source: Path, target: Path) -> None:
    """Copies a SQLite file, as it is at one moment, over `target`. Raises sqlite3.Error or OSError."""
    target.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
        # a copy is one file: nothing of it may wait in a log beside it
        new.execute("PRAGMA journal_mode=DELETE")
