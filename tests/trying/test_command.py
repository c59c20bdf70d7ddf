"""`python -m bot try` from the terminal: starting, ending, and what is in its way."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import aiohttp
import pytest

from bot.advice.advisor import Advisor
from bot.storage import Database
from bot.trying import make_up_stats


async def start(folder: Path, *arguments: str) -> Process:
    """Starts the program."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "try", "--no-open", *arguments,
        env={**os.environ, "RSVNO_DATA_FOLDER": str(folder)}, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip


async def address(process: Process) -> str:
    """Waits for the page's address."""
    assert process.stdout is not None
    async for line in process.stdout:
        found = re.search(rb"http://127\.0\.0\.1:\d+/app/", line)
        if found is not None:
            return found[0].decode()
    raise AssertionError("no address was printed")


@pytest.fixture
def folder(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of the test's own that already has the encoder, so that it need not be converted again."""
    shared = tmp_path_factory.getbasetemp().parent / "rsvno-data" / "matching"
    if shared.is_dir():
        (tmp_path / "matching").symlink_to(shared)
    return tmp_path


async def test_it_starts_serves_and_ends_cleanly_and_no_second_one_beside_it(folder: Path) -> None:
    process = await start(folder, "--port", "0")
    page = await address(process)
    async with aiohttp.ClientSession() as session, session.get(page) as response:
        assert response.status == 200
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    second = await start(folder, "--port", "0")
    _, said = await second.communicate()
    assert second.returncode == 2
    assert b"another 'try' is running" in said
    assert said.count(b"\n") == 1
    process.send_signal(signal.SIGINT)
    _, said = await process.communicate()
    assert process.returncode == 0
    assert said == b""
    again = await start(folder, "--port", "0", "--fresh")
    await address(again)
    again.send_signal(signal.SIGTERM)
    await again.communicate()
    assert again.returncode == 0


async def test_a_port_in_use_and_a_folder_that_cannot_be_written_are_one_clear_line(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = await start(folder, "--port", str(taken.getsockname()[1]))
        _, said = await process.communicate()
    assert process.returncode == 2
    assert said.startswith(b"--port: this port can't be used")
    assert said.count(b"\n") == 1
    file = folder / "file"
    file.write_text("no folder")
    process = await start(file / "inside", "--port", "0")
    _, said = await process.communicate()
    assert process.returncode == 2
    assert b"RSVNO_DATA_FOLDER" in said
    assert b"Traceback" not in said


async def test_another_sites_page_is_refused(folder: Path) -> None:
    process = await start(folder, "--port", "0")
    page = await address(process)
    async with aiohttp.ClientSession() as session:
        foreign = {"Origin": "https://example.com"}
        async with session.get(f"{page}state", headers=foreign) as response:
            assert response.status == 403
        async with session.get(f"{page}state", headers={"Host": "example.com"}) as response:
            assert response.status == 403
        async with session.post(f"{page}act", data="{}", headers={"Content-Type": "text/plain"}) as response:
            assert response.status == 415
    process.send_signal(signal.SIGTERM)
    await process.communicate()


async def test_made_up_stats_fill_half_a_year(tmp_path: Path, advisor: Advisor) -> None:
    import random

    database = await Database.open(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    count = await make_up_stats(database, 7, advisor.library, random.Random(1))
    today = await database.server(7).counters.today()
    rows = await database.server(7).counters.between(today.replace(year=today.year - 1), today)
    await database.close()
    assert sum(row.questions for row in rows) == count > 1000
    assert len({row.day for row in rows}) > 170
