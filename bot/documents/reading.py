"""Files that are read whole, and never more of them than there is room for."""

from __future__ import annotations

import stat
from pathlib import Path

from bot.documents.faults import Fault, UnusableFile


def read_whole(path: Path, most: int, name: str | None = None) -> bytes:
    """Returns the bytes of a file, a pipe or a device; `name` is what faults call it (default: the path as given).

    Raises `UnusableFile` when it can't be read, or has more than `most` bytes: it is not read on then.
    """
    shown = name or str(path)
    try:
        found = path.stat()
        # only a file has a size: a device has no end, and a folder is told by trying to open it
        size = found.st_size if stat.S_ISREG(found.st_mode) else 0
        if size <= most:
            with path.open("rb") as stream:
                raw = stream.read(most + 1)
            if len(raw) <= most:
                return raw
            size = max(size, most + 1)
    except OSError as error:
        raise UnusableFile([Fault(shown, 0, f"can't be read: {error.strerror or error}")]) from None
    except ValueError as error:
        # a name that no file can have, such as one with a NUL
        raise UnusableFile([Fault(shown, 0, f"can't be read: {error}")]) from None
    raise UnusableFile([Fault(shown, 0, f"too large: {size:,} bytes, at most {most:,} are read")])
