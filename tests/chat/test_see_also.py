"""An answer names the other questions that its entry refers to, on both cards."""

from __future__ import annotations

import io

from rich.console import Console

from bot.advice.advisor import Advisor
from bot.chat.advice.card import MAX_RELATED, answer_card
from bot.guidance.models import Entry, Library
from bot.terminal.cards import print_advice


def referring(library: Library) -> Entry:
    return next(entry for entry in library.entries if entry.see_also)


def test_on_discord(advisor: Advisor, library: Library) -> None:
    entry = referring(library)
    (field,) = [
        field for field in answer_card(advisor.explain(entry), library=library).fields if field.name == "See also"
    ]
    expected = [f"• {library.by_id[each].question}" for each in entry.see_also[:MAX_RELATED]]
    assert (field.value or "").split("\n") == expected
    alone = next(each for each in library.entries if not each.see_also)
    assert all(field.name != "See also" for field in answer_card(advisor.explain(alone), library=library).fields)


def test_in_the_terminal(advisor: Advisor, library: Library) -> None:
    shown = io.StringIO()
    entry = referring(library)
    print_advice(Console(file=shown, width=100), advisor.explain(entry), library)
    assert "See also:" in shown.getvalue()
    assert library.by_id[entry.see_also[0]].question[:40] in shown.getvalue()


def test_what_is_not_there_is_left_out(advisor: Advisor, library: Library) -> None:
    entry = referring(library).model_copy(update={"see_also": ("own-gone",)})
    assert all(field.name != "See also" for field in answer_card(advisor.explain(entry), library=library).fields)
