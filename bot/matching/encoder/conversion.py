"""Makes an encoder's weights small and fast for this machine: once, in a process of its own so that its memory is
given back, and kept in a folder.

`python -m bot.matching.encoder.conversion MODULE FOLDER` runs `convert(FOLDER)` of an encoder's module.
"""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from bot.matching.encoder.encoder import EncoderUnavailable

Convert = Callable[[Path], None]
Busy = Callable[[str], AbstractContextManager[object]]
"""Shows, while the context lasts, that something is being done that takes seconds."""
SECONDS = 600
UNAVAILABLE = 3
"""The exit code for weights that are missing or not the right ones; the reason is on stderr."""


def converted(name: str, convert: Convert, cache: Path, busy: Busy | None = None) -> Path:
    """The folder of that name in `cache`, made by `convert` when it is not there yet, whole or not at all.

    Raises `EncoderUnavailable`, also when it can't be written or takes longer than any machine should.
    """
    target = cache / name
    if target.is_dir():
        return target
    command = [sys.executable, "-m", "bot.matching.encoder.conversion", convert.__module__]
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=f"{name}.", suffix=".part") as part:
            with busy("Making the encoder ready, once") if busy else nullcontext():
                done = subprocess.run([*command, part], check=False, capture_output=True, text=True, timeout=SECONDS)
            if done.returncode:
                raise EncoderUnavailable(done.stderr.strip().rsplit("\n", 1)[-1] or "the encoder can't be made ready")
            kept = Path(part) / "kept"
            if not target.is_dir():
                kept.rename(target)
    except subprocess.TimeoutExpired:
        raise EncoderUnavailable(f"the encoder could not be made ready within {SECONDS} seconds") from None
    except OSError as error:
        # two processes that start together may both have made it: either will do
        if not target.is_dir():
            raise EncoderUnavailable(f"the encoder can't be kept in {cache}: {error.strerror or error}") from None
    return target


def main(module: str, folder: Path) -> int:
    """Converts into `folder`/kept; returns the exit code."""
    part = folder / "making"
    part.mkdir()
    try:
        importlib.import_module(module).convert(part)
    except EncoderUnavailable as error:
        print(error, file=sys.stderr)
        return UNAVAILABLE
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        print(f"the encoder can't be made ready in {folder.parent}: {error.strerror or error}", file=sys.stderr)
        return UNAVAILABLE
    part.rename(folder / "kept")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
