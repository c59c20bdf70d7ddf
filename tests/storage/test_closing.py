"""However a statement ends, the event loop does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import asyncio, sys
from bot.storage import Database

async def main(turns):
    database = await Database.open(f"sqlite:///{sys.argv[1]}")
    async def read():
        while True:
            await database.server(7).entries.all()
    readers = [asyncio.create_task(read()) for _ in range(3)]
    for _ in range(turns):
        await asyncio.sleep(0)
    # whoever gives up twice stops the connection's thread while it is being closed
    for _ in range(int(sys.argv[3])):
        for reader in readers:
            reader.cancel()
        await asyncio.sleep(0)
    if sys.argv[4] == "close":
        await database.close()

asyncio.run(main(int(sys.argv[2])))
print("ended")
"""


@pytest.mark.parametrize("ending", ["leave", "close"])
def test_statements_that_are_cancelled_anywhere_do_not_hold_up_the_end(tmp_path: Path, ending: str) -> None:
    for turns in (1, 2, 5, 13, 40):
        for cancels in (0, 1, 2, 3):
            command = [sys.executable, "-c", PROGRAM, str(tmp_path / "it.sqlite3"), str(turns), str(cancels), ending]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            assert done.stdout == "ended\n", f"{turns} turns, {cancels} cancels: {done.stderr}"
            assert "never awaited" not in done.stderr
