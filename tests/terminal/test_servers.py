"""The operator's terminal for servers' data: guidance, stats, the database's life."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from bot.storage import Database

GUIDANCE = """\
entries:
  - id: own-promo
    question: Do we follow back in promo?
    examples: |
      must i follow back in promo
    verdict: 'yes'
    advice: Yes, here we do.
"""


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a database of the test's own, set in the environment."""
    url = f"sqlite:///{tmp_path / 'servers.sqlite3'}"
    monkeypatch.setenv("DATABASE_URL", url)
    return url


def rsvno(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the program as an operator does."""
    return subprocess.run([sys.executable, "-m", "bot", *arguments], capture_output=True, text=True, check=False)


def test_guidance_goes_in_and_comes_out_the_same(url: str, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(GUIDANCE)
    assert rsvno("guidance", "--server", "5", "add", str(file)).stdout.startswith("1 added, 0 changed")
    assert "1 the same" in rsvno("guidance", "--server", "5", "add", str(file)).stdout
    assert rsvno("guidance", "--server", "5", "list").stdout == "own-promo: Do we follow back in promo?\n"
    assert rsvno("guidance", "--server", "5", "export").stdout == GUIDANCE
    assert "no entries" in rsvno("guidance", "--server", "6", "list").stdout


def test_a_faulty_file_is_refused_with_its_line(url: str, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(GUIDANCE.replace("'yes'", "perhaps"))
    refused = rsvno("guidance", "--server", "5", "add", str(file))
    assert refused.returncode == 2
    assert "own.yaml:6" in refused.stderr
    assert "no entries" in rsvno("guidance", "--server", "5", "list").stdout


def test_stats_as_lines_a_table_and_a_picture(url: str, tmp_path: Path) -> None:
    async def fill() -> None:
        database = await Database.open(url)
        for server in (5, 6):
            for _ in range(3):
                await database.server(server).counters.count(
                    route="command", outcome="answer", topic="unfollow", entry="e"
                )
        await database.close()

    asyncio.run(fill())
    one = rsvno("stats", "--server", "5")
    assert "questions: 3" in one.stdout
    assert "Unfollowing" in one.stdout or "unfollow" in one.stdout.lower()
    table, picture = tmp_path / "a.csv", tmp_path / "a.png"
    everybody = rsvno("stats", "--csv", str(table), "--chart", str(picture))
    assert "2 servers" in everybody.stdout
    assert "questions: 6" in everybody.stdout
    assert table.read_text().count("\n") == 3
    assert picture.read_bytes().startswith(b"\x89PNG")
    nothing = rsvno("stats", "--server", "7", "--chart", str(picture))
    assert nothing.returncode == 2
    assert "nothing to draw" in nothing.stderr


def test_backup_and_restore(url: str, tmp_path: Path) -> None:
    file, copy = tmp_path / "own.yaml", tmp_path / "copy.bak"
    file.write_text(GUIDANCE)
    rsvno("guidance", "--server", "5", "add", str(file))
    assert rsvno("db", "backup", str(copy)).returncode == 0
    assert rsvno("db", "backup", str(copy)).returncode == 2
    refused = rsvno("db", "restore", str(copy))
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    assert rsvno("db", "restore", str(copy), "--force").returncode == 0
    assert rsvno("guidance", "--server", "5", "export").stdout == GUIDANCE
    assert rsvno("db", "upgrade").stdout.startswith("schema ")
