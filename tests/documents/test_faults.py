"""One tree of faults: whatever a person can mend is told in lines, each to be understood by itself."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import bot
from bot.documents.faults import Fault, RsvnoError, UnusableEnvironment, UnusableFile
from bot.storage import DatabaseUnavailable


def kinds(root: type[Exception]) -> set[type[Exception]]:
    return {root}.union(*(kinds(each) for each in root.__subclasses__()))


def test_every_fault_of_ours_is_in_the_tree() -> None:
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        # the local Discord is a product of its own; migrations and `python -m bot` act when they are imported
        if not module.name.startswith(("bot.local", "bot.storage.migrations", "bot.__main__")):
            importlib.import_module(module.name)
    ours = {kind for kind in kinds(Exception) if kind.__module__.startswith("bot.")}
    outside = {
        kind for kind in ours if not issubclass(kind, RsvnoError) and not kind.__module__.startswith("bot.local")
    }
    assert outside == set()
    assert len(ours) >= 10


@pytest.mark.parametrize(
    ("fault", "lines"),
    [
        (UnusableFile([Fault("b.yaml", 2, "two"), Fault("a.yaml", 0, "one")]), ("a.yaml: one", "b.yaml:2: two")),
        (UnusableEnvironment("--port", "is taken"), ("--port: is taken",)),
        (DatabaseUnavailable("the disk is full"), ("database: the disk is full",)),
    ],
)
def test_faults_are_told_in_lines(fault: RsvnoError, lines: tuple[str, ...]) -> None:
    assert fault.lines == lines
