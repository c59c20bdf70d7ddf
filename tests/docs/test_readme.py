"""README.md says of the terminal what `--help` says."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from PIL import Image

from tools.blocks import ROOT
from tools.pictures import MOST_BYTES, SCHEMES, SIZE, file_of
from tools.readme import README, commands, with_tables


def test_the_tables_are_what_help_says() -> None:
    text = README.read_text(encoding="utf-8")
    assert with_tables(text) == text, "to write README.md anew: python -m tools.readme"


def test_a_stale_table_is_noticed() -> None:
    text = README.read_text(encoding="utf-8")
    assert with_tables(text.replace("`--overhear`", "`--eavesdrop`")) == text
    with pytest.raises(ValueError, match="0 places for the table of options"):
        with_tables(text.replace("<!-- options -->", ""))


def test_every_command_that_help_lists_has_a_row() -> None:
    said = subprocess.run([sys.executable, "-m", "bot", "--help"], capture_output=True, text=True, check=True).stdout
    listed = {line.split()[0] for line in said.partition("Commands:\n")[2].splitlines() if line.strip()}
    assert listed == {row.name.split()[1] for row in commands() if row.usage}


def test_its_pictures_are_there_and_small() -> None:
    shown = set(re.findall(r'(?:src|srcset)="([^"]+)"', README.read_text(encoding="utf-8")))
    assert shown == {file_of(scheme).relative_to(ROOT).as_posix() for scheme in SCHEMES}, "python -m tools.pictures"
    for scheme in SCHEMES:
        assert file_of(scheme).stat().st_size <= MOST_BYTES
        with Image.open(file_of(scheme)) as picture:
            assert picture.size == SIZE
