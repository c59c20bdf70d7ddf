"""The terminal's card: the verdict in its edge, the entry's question whole, the source in words, and help in danger."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from bot.advice.advisor import Advice, Advisor
from bot.advice.asking import Asked
from bot.guidance.models import Library
from bot.matching.policies import Outcome
from bot.matching.ranking import Match
from bot.terminal.cards import print_advice, source_in_words


def printed(advice: Advice, library: Library, width: int = 100) -> list[str]:
    """The lines of a card at a console so wide."""
    shown = io.StringIO()
    print_advice(Console(file=shown, width=width), advice, library)
    return shown.getvalue().splitlines()


def inside(lines: list[str]) -> str:
    """The words between a card's edges."""
    return " ".join(" ".join(line.strip("│") for line in lines[1:-1]).split())


@pytest.mark.parametrize("width", [40, 100])
def test_the_question_of_the_entry_is_never_cut(advisor: Advisor, library: Library, width: int) -> None:
    for entry in sorted(library.entries, key=lambda each: -len(each.question))[:5]:
        lines = printed(advisor.explain(entry), library, width)
        assert inside(lines).startswith(entry.question)
        assert "─" in lines[0]
        assert max(map(len, lines)) <= width


def test_a_title_that_is_cut_ends_with_an_ellipsis_and_stands_whole_inside(library: Library) -> None:
    first, second = library.entries[:2]
    question = "Is it somebody from work, from your family, or from a group that you are in?"
    asked = Asked(question, (("Work", Match(first, 0.3)), ("A group", Match(second, 0.2))))
    lines = printed(Advice("", Outcome.CHOICES, None, 0.3, choices=asked.choices, asked=asked), library, 40)
    assert lines[0].rstrip("─╮ ").endswith("…")
    assert inside(lines).startswith(f"? {question}")
    assert "…" not in printed(Advice("", Outcome.CHOICES, None, 0.3, choices=asked.choices, asked=asked), library)[0]


def test_the_source_is_said_in_words(advisor: Advisor, library: Library) -> None:
    assert source_in_words(["comment:7"]) == "The Art Of No, comment 7"
    assert source_in_words(["essay:10", "comment:7", "essay:1", "essay:13"]) == (
        "The Art Of No, paragraphs 1, 10 and 13, comment 7"
    )
    assert source_in_words(["spirit"]) == "in the spirit of The Art Of No"
    entry = library.by_id["no-debt-in-a-follow"]
    assert "essay:" not in inside(printed(advisor.explain(entry), library))


def test_danger_says_what_to_do_and_where_help_is(advisor: Advisor, library: Library) -> None:
    advice = advisor.ask("is it rude to decline him, he threatens to post my address if i do")
    assert advice.help is not None
    card = inside(printed(advice, library))
    for line in advice.help.lines:
        assert line in card
    for link in advice.help.links:
        assert link.address in card
