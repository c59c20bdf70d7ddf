"""What is printed acts on no terminal, and reaches a console of any encoding."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.configuration import MOST_TOKEN, Settings, load_settings
from bot.documents.faults import UnusableEnvironment
from bot.storage import Database
from bot.terminal.output import SIGNS
from bot.trying import _empty

ESCAPES = "\x1b]0;owned\x07\x9b31m"


def rsvno(*arguments: str, encoding: str = "utf-8", stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Runs the program with a console of an encoding."""
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments], input=stdin, capture_output=True, check=False, env=environment
    )


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a database of the test's own, set in the environment."""
    url = f"sqlite:///{tmp_path / 'servers.sqlite3'}"
    monkeypatch.setenv("DATABASE_URL", url)
    return url


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1", "cp437", "shift_jis", "utf-16"])
def test_a_card_has_the_signs_that_the_console_has(encoding: str) -> None:
    done = rsvno("ask", "do i have to follow back a coworker", encoding=encoding)
    assert done.returncode == 0, done.stderr.decode(encoding)
    card = done.stdout.decode(encoding)
    assert "It depends" in card or "No obligation" in card
    assert "?" not in card.splitlines()[0].replace("back?", "").replace("coworker?", "").split(":")[0]


def test_json_stays_json_on_any_console() -> None:
    asked = "do i follow back zoë 😀 \x9b\x7f\u202e"
    for encoding in ("ascii", "cp1252", "utf-8"):
        done = rsvno("ask", "--json", asked, encoding=encoding)
        assert done.returncode == 0
        assert json.loads(done.stdout.decode(encoding))["question"] == asked
        assert not {0x7F, 0x9B} & set(map(ord, done.stdout.decode(encoding)))
    lines = rsvno("ask", "--stdin", encoding="ascii", stdin=f"{asked}\n".encode()).stdout
    assert json.loads(lines)["question"] == asked


def test_every_sign_of_ours_has_one_in_its_place() -> None:
    assert all(stand_in.isascii() and stand_in.isprintable() for stand_in in SIGNS.values())


def test_what_a_servers_admin_wrote_acts_on_no_terminal(url: str, tmp_path: Path) -> None:
    async def stored() -> None:
        database = await Database.open(url)
        document = {"id": "own-x", "question": f"Q{ESCAPES}\nown-y: forged", "verdict": "no", "advice": f"A{ESCAPES}"}
        await database.server(7).entries.add(document, editor=None)
        await database.close()

    asyncio.run(stored())
    for arguments in (
        ("guidance", "--server", "7", "list"), ("guidance", "--server", "7", "export"),
        ("ask", "--server", "7", "Q own-y: forged"), ("test", "--server", "7", "Q own-y: forged"),
    ):  # fmt: skip
        done = rsvno(*arguments)
        assert done.returncode == 0, done.stderr
        assert not {0x1B, 0x07, 0x9B} & set(map(ord, done.stdout.decode())), arguments
    assert rsvno("guidance", "--server", "7", "list").stdout.count(b"\n") == 1
    exported = tmp_path / "own.yaml"
    exported.write_bytes(rsvno("guidance", "--server", "7", "export", encoding="cp1252").stdout)
    again = rsvno("guidance", "--server", "7", "add", str(exported))
    assert again.stdout == b"0 added, 0 changed, 1 the same already\n"


def test_a_file_is_checked_without_acting_on_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "a\x1b[31m.yaml"
    file.write_text('entries:\n  - "\\e[31mkey": x\n')
    done = rsvno("check", str(file))
    assert done.returncode == 1
    assert b"\x1b" not in done.stdout + done.stderr
    assert b"control character U+001B" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "/dev/zero"), b"too large"),
        (("guidance", "--server", "7", "add", "/dev/zero"), b"too large"),
        (("--config", "/dev/zero", "ask", "x"), b"too large"),
        (("guidance", "--server", "9" * 30, "list"), b"--server"),
    ],
)
def test_bad_input_is_told_in_one_clear_line(url: str, arguments: tuple[str, ...], said: bytes) -> None:
    done = rsvno(*arguments)
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("token", ["a\nb", "a b", "ä.b.c", "a\x00b", "x" * MOST_TOKEN])
def test_what_can_be_no_token_is_refused_at_once(token: str, tmp_path: Path) -> None:
    file = tmp_path / "token.txt"
    file.write_text(token)
    for settings in (Settings(token=token), Settings(token_file=file)):  # type: ignore[arg-type]  # a text will do
        with pytest.raises(UnusableEnvironment, match="no token"):
            settings.secret_token()


def test_spaces_around_a_token_are_no_part_of_it(tmp_path: Path) -> None:
    assert load_settings(None, {"RSVNO_TOKEN": " a.b.c\r\n"}).secret_token() == "a.b.c"
    file = tmp_path / "token.txt"
    file.write_text("\ufeffa.b.c\n")
    assert Settings(token_file=file).secret_token() == "a.b.c"
    assert load_settings(None, {"RSVNO_TOKEN": " \n"}).secret_token() is None
    with pytest.raises(UnusableEnvironment, match="no token"):
        Settings(token_file=Path("/dev/zero")).secret_token()


def test_a_folder_that_is_a_link_is_emptied_and_stays_a_link(tmp_path: Path) -> None:
    real, elsewhere = tmp_path / "real", tmp_path / "elsewhere"
    (real / "inner").mkdir(parents=True)
    elsewhere.mkdir()
    (elsewhere / "kept.txt").write_text("kept")
    (real / "file").write_text("x")
    (real / "linked").symlink_to(elsewhere)
    link = tmp_path / "try"
    link.symlink_to(real)
    _empty(link)
    assert link.is_symlink()
    assert list(real.iterdir()) == []
    assert (elsewhere / "kept.txt").read_text() == "kept"
