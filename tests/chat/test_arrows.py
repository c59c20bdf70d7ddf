"""The features of chat: each a folder on the kit, which knows none of them."""

from __future__ import annotations

import ast
from pathlib import Path

import bot.chat

FOLDER = Path(bot.chat.__file__).parent
FEATURES = ("advice", "guidance", "settings", "stats")


def imported(folder: str) -> set[tuple[str, str]]:
    """What a folder of chat imports of others: (folder, module)."""
    found: set[tuple[str, str]] = set()
    for path in (FOLDER / folder).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bot.chat."):
                parts = [*str(node.module).split(".")[2:], *(name.name for name in node.names)]
                if parts[0] != folder:
                    found.add((parts[0], parts[1]))
    return found


def test_the_kit_knows_no_feature() -> None:
    assert imported("kit") == set()


def test_a_feature_knows_the_kit_and_no_other_feature() -> None:
    others = {(feature, *arrow) for feature in FEATURES for arrow in imported(feature) if arrow[0] != "kit"}
    assert others == set()
