"""The papers' code blocks do what they say: each is run, but for those that say why they cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.advice.advisor import Advisor
from tools.blocks import ROOT, Block, alike, blocks, python, session, shell

PAPERS = ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md")
RUN = {"sh", "console", "python"}
SHOWN = {"text"}
"""Pictures made of letters, and the like."""

ALL = [block for paper in PAPERS for block in blocks(paper)]


@pytest.fixture
def folder(tmp_path: Path, advisor: Advisor) -> Path:
    """The project as somebody finds it who has just got it, without the settings of whoever runs the tests.

    The encoder is converted already.
    """
    for path in ROOT.iterdir():
        if path.name != "config.yaml":
            (tmp_path / path.name).symlink_to(path)
    return tmp_path


def test_every_block_says_what_it_is() -> None:
    assert {str(block): block.language for block in ALL if block.language not in RUN | SHOWN} == {}


@pytest.mark.parametrize("block", [block for block in ALL if block.language in RUN], ids=str)
def test_a_block_runs(block: Block, folder: Path) -> None:
    if block.not_run is not None:
        pytest.skip(f"{block} is not run: {block.not_run}")
    match block.language:
        case "console":
            printed = session(block.text, folder)
            assert alike(printed, block.text), f"it prints, and `nox -s docs` would write:\n{printed}"
        case "sh":
            done = shell(block.text, folder)
            assert done.returncode == 0, done.stderr
        case "python":
            done = python(block.text, folder)
            assert done.returncode == 0, done.stderr
