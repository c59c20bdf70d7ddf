"""PostgreSQL's own archives: written by `pg_dump`, put back by `pg_restore` and `psql`, whole or not at all.

They can be read without this program, are compressed, and hold the schema: one of an older version of this program is
put back and then brought up to date. The programs must be of the server's own major version: `pg_dump` refuses a newer
server, and what it writes for a newer one an older server may not understand.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from sqlalchemy.engine import URL

from bot.storage.addresses import environment
from bot.storage.faults import BackupFault
from bot.storage.migrating import check_known
from bot.storage.schema import metadata

MAGIC = b"PGDMP"
"""An archive begins with it."""
_PROGRAMS = ("pg_dump", "pg_restore", "psql")
_TABLES = ("alembic_version", *(table.name for table in metadata.sorted_tables))


def programs_of(major: int) -> Path | None:
    """Returns the folder of PostgreSQL's programs of this major version: the first on PATH, or where Debian's and Red
    Hat's packages put them. None: they are not on this machine."""
    on_path = shutil.which("pg_dump")
    folders = [Path(on_path).parent] if on_path else []
    folders += [Path(f"/usr/lib/postgresql/{major}/bin"), Path(f"/usr/pgsql-{major}/bin")]
    for folder in folders:
        if all(shutil.which(name, path=str(folder)) for name in _PROGRAMS) and _major_of(folder / "pg_dump") == major:
            return folder
    return None


def _major_of(program: Path) -> int | None:
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"\) (\d+)", said)
    return int(found[1]) if found else None


async def dump(programs: Path, url: URL, file: Path) -> None:
    """Writes this program's tables, as they are at one moment, into an archive. Raises BackupFault."""
    tables = [f"--table=public.{name}" for name in _TABLES]
    await _run(
        programs / "pg_dump", "--format=custom", "--no-owner", "--no-privileges", *tables, f"--file={file}", url=url
    )


async def load(programs: Path, url: URL, file: Path) -> None:
    """Puts an archive in the place of this program's tables, in one transaction.

    Raises BackupFault for what is no archive of this program's, and DatabaseTooNew.
    """
    listed = await _run(programs / "pg_restore", "--list", str(file))
    if not all(f" TABLE public {name} " in listed for name in ("servers", "counts", "alembic_version")):
        raise BackupFault(f"{file} is an archive of PostgreSQL, but none of this program's")
    revision = await _run(programs / "pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(file))
    found = re.search(r"^COPY public\.alembic_version .*\n(\S+)$", revision, re.MULTILINE)
    if found is None:
        raise BackupFault(f"{file} is damaged: it does not tell its schema")
    check_known(found[1])
    with tempfile.TemporaryDirectory() as folder:
        # first whole into a file: a damaged archive must be found out before the first table goes
        script = Path(folder) / "restore.sql"
        await _run(programs / "pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(file))
        clear = f"DROP TABLE IF EXISTS {', '.join(f'public.{name}' for name in _TABLES)}"
        await _run(
            programs / "psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
            f"--command={clear}", f"--file={script}", url=url,
        )  # fmt: skip


async def _run(program: Path, *arguments: str, url: URL | None = None) -> str:
    """Runs a program, on a database if there is a `url`, and returns what it printed. Raises BackupFault."""
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        *([] if url is None else ["--no-password"]),
        env={**os.environ, **({} if url is None else environment(url)), "LC_ALL": "C"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await process.communicate()
    if process.returncode:
        lines = [line for line in errors.decode(errors="replace").splitlines() if "error" in line.lower()]
        raise BackupFault(f"{program.name} failed: {lines[0][:200] if lines else process.returncode}")
    return out.decode(errors="replace")
