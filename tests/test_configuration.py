"""The operator's settings: file, environment, and every fault with its place and no secret in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.configuration import load_settings
from bot.documents.faults import UnusableFile

SECRET = "MTIz.very-secret.token"


def write(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text)
    return path


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "token: from-file\nshards:\n  count: 2\n  ids: [0]\n")
    settings = load_settings(path, {"RSVNO_TOKEN": SECRET, "DATABASE_URL": "sqlite:///x", "RSVNO_SHARDS__COUNT": "4"})
    assert settings.secret_token() == SECRET
    assert settings.shards.count == 4
    assert settings.database.url is not None
    assert settings.database.url.get_secret_value() == "sqlite:///x"


def test_a_secret_is_read_from_a_file_and_never_shown(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET + "\n")
    settings = load_settings(write(tmp_path, f"token_file: {tmp_path / 'secret'}\n"), {})
    assert settings.secret_token() == SECRET
    assert SECRET not in repr(load_settings(None, {"RSVNO_TOKEN": SECRET}))


@pytest.mark.parametrize(
    ("text", "environment", "says"),
    [
        ("tokne: x\n", {}, "config.yaml:1: unknown key 'tokne' (did you mean 'token'?)"),
        ("database:\n  ulr: x\n", {}, "config.yaml:2: unknown key 'database.ulr' (did you mean 'url'?)"),
        ("shards:\n  ids: [0]\n", {}, "config.yaml:1: 'shards': 'ids' needs 'count'"),
        ("shards:\n  count: many\n", {}, "config.yaml:2: 'shards.count':"),
        ("knowledge: []\n", {"RSVNO_SHARDS__COUNT": "0"}, "RSVNO_SHARDS__COUNT: 'shards.count':"),
        ("knowledge: []\n", {"RSVNO_COLOR": "red"}, "RSVNO_COLOR: unknown key 'color'"),
    ],
)
def test_faults_name_their_place(tmp_path: Path, text: str, environment: dict[str, str], says: str) -> None:
    with pytest.raises(UnusableFile) as caught:
        load_settings(write(tmp_path, text), environment)
    assert any(says in str(fault) for fault in caught.value.faults), [str(f) for f in caught.value.faults]


def test_a_faulty_secret_is_not_echoed(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile) as caught:
        load_settings(write(tmp_path, f"token: [{SECRET}]\n"), {})
    assert SECRET not in str(caught.value)
