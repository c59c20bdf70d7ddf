"""The changelog is built from `changes/`: no fragment is left out for its name."""

from __future__ import annotations

import subprocess
import sys

from tools.blocks import ROOT


def test_every_fragment_gets_into_the_changelog() -> None:
    command = [sys.executable, "-m", "towncrier", "build", "--draft", "--version", "next"]
    draft = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True).stdout
    fragments = {path.name: path.read_text(encoding="utf-8").strip() for path in (ROOT / "changes").glob("*.md")}
    assert all(fragments.values())
    assert [name for name, text in fragments.items() if text not in draft] == []
