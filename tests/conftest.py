"""What many tests share: the shipped library and an advisor on it, opened once a process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.advice.advisor import Advisor
from bot.chat.kit import desk, errors, thinking
from bot.configuration import Settings
from bot.guidance.loading import load_library, shipped_knowledge
from bot.guidance.models import Library
from bot.local.world import World

SLOWER = 20.0
"""So much slower may this machine be than the one that people are served by."""


@pytest.fixture(scope="session")
def library() -> Library:
    """The shipped knowledge base."""
    return load_library([shipped_knowledge()])


@pytest.fixture(scope="session")
def advisor(tmp_path_factory: pytest.TempPathFactory) -> Advisor:
    """An advisor on the shipped knowledge base, with a data folder of its own for this test run."""
    # the parent is shared by the workers of one run, so that the encoder is converted once a run and not once a worker
    folder = tmp_path_factory.getbasetemp().parent / "rsvno-data"
    return Advisor.open(Settings(data_folder=folder))


@pytest.fixture
def encoded(advisor: Advisor, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that are encoded from now on, in their order."""
    texts: list[str] = []
    kind = type(advisor.base.reader.encoder)
    encode = kind.encode

    def counting(self: Any, text: str) -> Any:
        texts.append(text)
        return encode(self, text)

    monkeypatch.setattr(kind, "encode", counting)
    return texts


@pytest.fixture(autouse=True)
def _no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Discord and the bot wait so long that a busy machine keeps their deadlines, too."""
    monkeypatch.setattr(World, "pace", 1 / SLOWER)
    monkeypatch.setattr(errors, "TOO_OLD", errors.TOO_OLD * SLOWER)
    monkeypatch.setattr(desk, "PATIENCE", desk.PATIENCE * SLOWER)
    monkeypatch.setattr(thinking, "THINKING_SECONDS", thinking.THINKING_SECONDS * SLOWER)


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the data folder or the configuration of whoever runs it."""
    folder: Path = tmp_path_factory.getbasetemp().parent / "rsvno-data"
    monkeypatch.setenv("RSVNO_DATA_FOLDER", str(folder))
