"""An answer leads to what people ask next: with a button each on Discord, by title in the terminal."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from bot.advice.advisor import Advisor
from bot.chat.advice.card import LINE, MOST_NEXT, answer_card
from bot.chat.advice.shown import Shown
from bot.chat.kit.layout import walk
from bot.guidance.models import Entry, Library
from bot.terminal.cards import print_advice
from tests.chat.cards import read_components


def referring(library: Library) -> Entry:
    return next(entry for entry in library.entries if len(entry.see_also) > MOST_NEXT)


def offered(advisor: Advisor, entry: Entry) -> dict[str, str]:
    """What the entry's card leads to: ids by label."""
    card = answer_card(advisor.explain(entry), advisor, Shown(entry.id))
    return read_components(list(walk(card.to_components()))).leading_to("next")


def test_on_discord(advisor: Advisor, library: Library) -> None:
    entry = referring(library)
    leads = [library.by_id[each] for each in entry.see_also[:MOST_NEXT]]
    assert offered(advisor, entry) == {each.asked_next: each.id for each in leads}
    danger = next(each for each in library.entries if each.safety and not each.see_also)
    assert offered(advisor, danger) == {}


def test_what_nothing_is_referred_to_leads_to_what_happens_next(advisor: Advisor, library: Library) -> None:
    entry = library.by_id["must-i-accept"].model_copy(update={"see_also": ()})
    found = offered(advisor, entry)
    assert len(found) >= 2
    assert sum(map(len, found)) <= LINE
    assert set(found) <= {each.label for each in library.follow_ups}
    # those that were written for its topic go first
    assert all(entry.topic in library.follow_up_answers[name].to for name in found.values())
    # and what is referred to goes before them, once
    some = library.by_id[referring(library).see_also[0]]
    first, *others = offered(advisor, entry.model_copy(update={"see_also": (some.id,)}))
    assert first == some.asked_next
    assert len({first, *others}) == 1 + len(others) <= MOST_NEXT


def test_what_is_referred_to_says_itself_shortly(library: Library) -> None:
    named = {each for entry in library.entries for each in entry.see_also}
    assert [name for name in named if library.by_id[name].asked_next is None] == []
    for entry in library.entries:
        labels = [library.by_id[each].asked_next for each in entry.see_also]
        assert len(set(labels)) == len(labels), entry.id


def test_in_the_terminal(advisor: Advisor, library: Library) -> None:
    shown = io.StringIO()
    entry = referring(library)
    print_advice(Console(file=shown, width=100), advisor.explain(entry), library)
    assert "See also:" in shown.getvalue()
    assert library.by_id[entry.see_also[0]].question[:40] in shown.getvalue()


def test_what_is_not_there_or_hidden_is_left_out(advisor: Advisor, library: Library) -> None:
    entry = referring(library)
    gone = entry.model_copy(update={"see_also": ("own-gone",)})
    assert "own-gone" not in offered(advisor, gone).values()
    without = replace(advisor, hidden=frozenset({entry.see_also[0]}))
    assert entry.see_also[0] not in offered(without, entry).values()


def test_an_entry_without_a_short_form_is_named_by_its_question(advisor: Advisor, library: Library) -> None:
    plain = next(each for each in library.entries if each.asked_next is None)
    entry = referring(library).model_copy(update={"see_also": (plain.id,)})
    label, *_ = offered(advisor, entry)
    assert plain.question.startswith(label.removesuffix("…").rstrip())
