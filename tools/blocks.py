"""The code blocks of the papers, as a reader's own hands would find them.

A block that must not be run in a test has a comment above it that nobody sees on the page, and that says why:

    <!-- not run: needs a token -->
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[1]
WIDTH = 88
"""The columns of the terminal in which the examples were run."""
_NOT_RUN = re.compile(r"<!-- not run: (?P<reason>.+?) -->")
_PERCENT = re.compile(r"\d+%")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. `first` and `end` are the lines of its content, from 0; `not_run` says why it is left alone."""

    paper: str
    first: int
    end: int
    language: str
    text: str
    not_run: str | None

    def __str__(self) -> str:
        return f"{self.paper}:{self.first}"


def blocks(paper: str) -> list[Block]:
    """The fenced blocks of a paper, which is named by its path in the project."""
    return list(_blocks(paper, (ROOT / paper).read_text(encoding="utf-8")))


def _blocks(paper: str, text: str) -> Iterator[Block]:
    tokens = MarkdownIt().parse(text)
    for before, token in pairwise([None, *tokens]):
        if token is None or token.type != "fence" or token.map is None:
            continue
        marked = _NOT_RUN.search(before.content) if before is not None and before.type == "html_block" else None
        first, end = token.map[0] + 1, token.map[1] - 1
        yield Block(paper, first, end, token.info.strip(), token.content, marked["reason"] if marked else None)


def shell(commands: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs commands in bash, in `folder`, with `rsvno` and the tools of this environment; ends at the first failure."""
    return _run(["bash", "-euo", "pipefail", "-c", commands], folder)


def python(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs Python in a process of its own, in `folder`."""
    return _run([sys.executable, "-c", code], folder)


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
        "COLUMNS": str(WIDTH),
    }
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def session(text: str, folder: Path) -> str:
    """A `console` block as it comes out today: each line that begins with `$ `, and what it prints.

    Raises `CalledProcessError` for a command that fails.
    """
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            done = shell(line[2:], folder)
            done.check_returncode()
            lines += [line, *done.stdout.splitlines()]
    return "\n".join(lines) + "\n"


def alike(one: str, other: str) -> bool:
    """Whether two outputs say the same, but for percentages: their last figure depends on the processor."""
    return _PERCENT.sub("%", one) == _PERCENT.sub("%", other)
