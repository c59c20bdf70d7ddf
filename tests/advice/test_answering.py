"""A message that somebody got is read as what was said to them."""

from __future__ import annotations

import pytest

from bot.advice.advisor import Advisor
from bot.advice.answering import answer_message
from bot.matching.policies import Outcome


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("i followed you, will you follow me back please?", "asked-for-a-follow-back"),
        ("why did you unfollow me??", "why-did-you-unfollow-me"),
        ("can you lend me 200 bucks", "asked-for-a-loan"),
        ("do you want to go out with me sometime?", "turn-down-a-date"),
        ("would you be my bridesmaid?", "bridesmaid-or-best-man"),
    ],
)
def test_what_was_said_is_not_taken_for_the_asker_s_own(advisor: Advisor, text: str, entry: str) -> None:
    advice = answer_message(advisor, text)
    assert advice.entry is not None
    assert advice.entry.id == entry
    assert advice.question == text


def test_danger_and_nothing(advisor: Advisor) -> None:
    threat = answer_message(advisor, "send me 500 or everyone you know gets your nudes")
    assert threat.entry is not None
    assert threat.entry.safety
    for text in ("", "   ", "🍕"):
        assert answer_message(advisor, text).outcome is Outcome.NONE
