"""Where near entries differ in one fact, that is asked for: every shipped fact leads where it says, and tells apart."""

from __future__ import annotations

import io
from itertools import combinations

from rich.console import Console

from bot.advice.advisor import Advisor
from bot.advice.asking import fact_to_ask
from bot.guidance.facts import MAX_ASK, MAX_LABEL, Fact
from bot.guidance.models import Library
from bot.matching.policies import MAX_CHOICES, Outcome
from bot.matching.ranking import Match
from bot.terminal.cards import print_advice


def near(library: Library, *names: str, step: float = 0.01) -> list[Match]:
    """Those entries as matches, the first the best, each by `step` less sure than the one before."""
    return [Match(library.by_id[name], 0.2 - step * at) for at, name in enumerate(names)]


def test_every_shipped_fact_leads_to_entries_and_fits_a_button(library: Library) -> None:
    assert len(library.facts) >= 60
    for fact in library.facts:
        assert len(fact.ask) <= MAX_ASK
        assert len(fact.answers) >= 2
        assert len(fact.answer_of) == sum(len(names) for names in fact.answers.values())
        for label, _, name in fact.named():
            assert len(label) <= MAX_LABEL
            assert name in library.by_id
            assert not library.by_id[name].safety


def test_every_shipped_fact_tells_the_entries_of_two_answers_apart(library: Library) -> None:
    for fact in library.facts:
        for (label, names), (other, others) in combinations(fact.answers.items(), 2):
            for name, another in ((names[0], others[-1]), (others[0], names[-1])):
                asked = fact_to_ask((fact,), near(library, name, another))
                assert asked is not None
                assert asked.question == fact.ask
                assert [each for each, _ in asked.answers] == [label, other]
                assert [match.entry.id for match in asked.choices] == [name, another]
        for names in fact.answers.values():
            assert fact_to_ask((fact,), near(library, *names[:MAX_CHOICES])) is None


def test_who_unfollowed_whom_is_asked(library: Library) -> None:
    asked = fact_to_ask(library.facts, near(library, "may-i-unfollow", "they-unfollowed-me"))
    assert asked is not None
    assert asked.question == "Did they unfollow you, or is it you who unfollows?"
    assert [(label, match.entry.id) for label, match in asked.answers] == [
        ("They unfollowed me", "they-unfollowed-me"),
        ("I'd like to unfollow", "may-i-unfollow"),
    ]


def test_of_entries_under_one_answer_the_nearest_is_offered_and_further_ones_fill_up(library: Library) -> None:
    fact = Fact(ask="?", answers={"a": ("birthday-party", "kids-party"), "b": ("skip-an-event",), "c": ("work-party",)})
    asked = fact_to_ask(
        (fact,),
        near(library, "skip-an-event", "birthday-party", "kids-party", step=0.05),
        # danger takes nobody's place
        near(library, *[entry.id for entry in library.entries if entry.safety][:6], "work-party"),
    )
    assert asked is not None
    assert [(label, match.entry.id) for label, match in asked.answers] == [
        ("a", "birthday-party"), ("b", "skip-an-event"), ("c", "work-party")
    ]  # fmt: skip


def test_nothing_is_asked_where_the_answers_would_leave_out_too_much_of_what_is_near(library: Library) -> None:
    fact = Fact(ask="?", answers={"a": ("birthday-party", "kids-party"), "b": ("skip-an-event",)})
    assert fact_to_ask((fact,), near(library, "birthday-party", "kids-party", "skip-an-event")) is None
    # the second could be what was meant, and is in no answer
    assert fact_to_ask((fact,), near(library, "birthday-party", "may-i-unfollow", "skip-an-event")) is None


def test_the_most_particular_of_several_facts_is_asked_for(library: Library) -> None:
    wide = Fact(ask="wide", answers={"a": ("birthday-party", "kids-party"), "b": ("skip-an-event",)})
    narrow = Fact(ask="narrow", answers={"a": ("birthday-party",), "b": ("skip-an-event",)})
    for facts in ((wide, narrow), (narrow, wide)):
        asked = fact_to_ask(facts, near(library, "birthday-party", "skip-an-event"))
        assert asked is not None
        assert asked.question == "narrow"


def test_a_servers_own_entry_is_no_answer_though_its_id_is_known(library: Library) -> None:
    fact = Fact(ask="?", answers={"a": ("birthday-party",), "b": ("skip-an-event",)})
    own = Match(library.by_id["birthday-party"], 0.9, own=True)
    assert fact_to_ask((fact,), [own, *near(library, "skip-an-event")]) is None


def test_json_and_the_terminal_show_the_question_and_its_answers(advisor: Advisor) -> None:
    advice = advisor.alternatives("they unfollowed me, or should i unfollow them first?", ())
    assert advice.outcome is Outcome.CHOICES
    assert advice.asked is not None
    shown = advice.as_json()
    assert shown["ask"] == advice.asked.question
    labels = {match.entry.id: label for label, match in advice.asked.answers}
    assert {choice["entry"]: choice["answer"] for choice in shown["choices"]} == labels
    text = io.StringIO()
    print_advice(Console(file=text, width=100), advice, advisor.library)
    assert f"? {advice.asked.question}" in text.getvalue()
    for number, (label, match) in enumerate(advice.asked.answers, start=1):
        assert f"{number}. {label}" in text.getvalue()
        assert match.entry.question[:40] in text.getvalue()


def test_without_a_fact_titles_are_listed(advisor: Advisor) -> None:
    advice = advisor.alternatives("they unfollowed me, or should i unfollow them first?", (), asking=False)
    assert advice.asked is None
    assert advice.as_json()["ask"] is None
    assert {choice["answer"] for choice in advice.as_json()["choices"]} == {None}
    text = io.StringIO()
    print_advice(Console(file=text, width=100), advice, advisor.library)
    assert "? Which of these is it?" in text.getvalue()
    assert f"1. {advice.choices[0].entry.question[:40]}" in text.getvalue()
