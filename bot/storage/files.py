"""Files that hold people's words: for this user's eyes alone, and on the disk when they are said to be."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

PRIVATE = 0o600
_OTHERS = 0o007


def make_private(file: Path) -> None:
    """Makes an empty file that only this user may read; one that is there is taken from all others' eyes, while what
    its group may do stays as it was chosen, if others could do nothing. Raises OSError."""
    os.close(os.open(file, os.O_CREAT | os.O_WRONLY, PRIVATE))
    for each in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))):
        # somebody else's file, which we may read, stays as that user has it
        with contextlib.suppress(FileNotFoundError, PermissionError):
            if each.stat().st_mode & _OTHERS:
                each.chmod(PRIVATE)


def on_disk(path: Path) -> None:
    """Waits until a file's contents, or a folder's names, are on the disk. Raises OSError."""
    if path.is_dir() and os.name == "nt":
        # Windows opens no folders; it keeps their names by itself
        return
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
