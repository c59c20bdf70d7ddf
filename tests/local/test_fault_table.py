"""`bot/local/FAULTS.md` holds what can be ordered, and names tests that are there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from bot.local import LocalDiscord
from bot.local.faults import RestFaults
from bot.local.gateway import Gateway
from tools.blocks import ROOT

TABLE = Path("bot/local/FAULTS.md")
HEAD = ["fault", "ordered with", "what the bot does", "test"]
NO_FAULTS = {
    RestFaults: {"take", "take_back"},
    Gateway: {"handle", "ready_shards", "base", "sessions", "identified", "resumed", "refused", "changed"},
}
"""What is public and orders nothing."""


def rows() -> list[list[str]]:
    """The cells of all rows."""
    lines = (ROOT / TABLE).read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("|")]
    return [row for row in cells if [each.strip() for each in row] != HEAD and "---" not in row[0]]


@cache
def known(file: str) -> tuple[frozenset[str], frozenset[str]]:
    """The functions of a file of tests, and what its tests may be called by: its texts and functions."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    functions = {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}
    texts = {each.value for each in ast.walk(tree) if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    return frozenset(functions), frozenset(texts | {name.replace("_", " ") for name in functions})


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_each_row_is_whole_and_its_test_is_there(row: list[str]) -> None:
    assert len(row) == len(HEAD)
    assert all(row)
    found = re.fullmatch(r"`(tests/\S+\.py)::(test_\w+)(?:\[(.+)\])?`", row[-1])
    assert found is not None
    functions, names = known(found[1])
    assert found[2] in functions
    assert found[3] is None or found[3] in names


def test_all_that_can_be_ordered_stands_in_the_table() -> None:
    discord = LocalDiscord()
    orders = " ".join(row[1] for row in rows())
    for part, name in ((discord.faults, "faults"), (discord.gateway, "gateway")):
        kind = type(part)
        public = {each for each in (*vars(part), *vars(kind)) if not each.startswith("_")} - NO_FAULTS[kind]
        named = set(re.findall(rf"discord\.{name}\.(\w+)", orders))
        assert named == public
