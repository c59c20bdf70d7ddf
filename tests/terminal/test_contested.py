"""Examples that another entry wins are found, and at their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.advice.advisor import Advisor
from bot.guidance.loading import load_placed, shipped_knowledge
from bot.matching.base import open_base
from bot.terminal.contested import contested, hints_at_examples, nearer_elsewhere

PLANTED = "someone follows me, do i have to follow them back"
FILE = f"""\
topic: follow_back
title: Following back
entries:
  - id: follow
    question: Do I have to follow back?
    examples: |
      do i need to follow back when somebody follows me
      she follows me, must i follow her back
      a stranger follows me, should i follow back
      is following back a must
    verdict: no_obligation
    advice: You needn't.
  - id: party
    question: May I skip a birthday party?
    examples: |
      may i stay home from the birthday party
      do i have to go to the party at work
      {PLANTED}
      skipping my cousin's party, okay?
    verdict: no_obligation
    advice: You may.
"""


def test_an_example_in_the_wrong_entry_is_found(tmp_path: Path, advisor: Advisor) -> None:
    path = tmp_path / "f.yaml"
    path.write_text(FILE)
    library, placed = load_placed([tmp_path])
    base = open_base(library, advisor.base.reader.encoder, shipped_knowledge() / "fitted")
    rows = nearer_elsewhere(base)
    assert PLANTED in [base.data.texts[row] for row in rows]
    hints, summary = hints_at_examples(base, placed)
    assert len(hints) == len(list(contested(base, rows)))
    assert summary.startswith(f"of {base.data.ours} wordings another entry wins {len(hints)}; {len(rows)} have")
    assert [(hint.line, "'follow' wins this" in hint.message) for hint in hints] == [
        (FILE.split(PLANTED)[0].count("\n") + 1, True)
    ]


@pytest.mark.parametrize("row", [0, 100])
def test_a_wording_of_its_own_entry_is_not(advisor: Advisor, row: int) -> None:
    import numpy as np

    assert list(contested(advisor.base, np.array([row]))) == []
