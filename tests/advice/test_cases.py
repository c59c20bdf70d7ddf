"""Questions that were once answered wrongly, with the right answer."""

from __future__ import annotations

import re

import pytest

from bot.advice.advisor import Advisor
from bot.guidance.models import Library
from bot.matching.policies import Outcome


@pytest.mark.parametrize(
    ("question", "topics"),
    [
        ("do i have to go to a baby shower", {"decline_invitation"}),
        ("can i say no to being a bridesmaid", {"decline_invitation"}),
        ("may i turn the dinner down without saying why", {"decline_invitation"}),
        ("does the person find out if i press ignore on their linkedin invite", {"friend_request", "unfollow"}),
        ("if i deny somebody on discord do they get told", {"friend_request", "unfollow"}),
        ("is following back still good manners in 2024 or old fashioned", {"follow_back"}),
        ("linkedin: total stranger, default text, no idea why. accept?", {"friend_request"}),
        ("my weird uncle wants to be facebook friends", {"friend_request"}),
    ],
)
def test_it_is_answered_by_the_right_topic(advisor: Advisor, question: str, topics: set[str]) -> None:
    advice = advisor.ask(question)
    assert advice.outcome is not Outcome.NONE
    first = advice.entry or advice.choices[0].entry
    assert first.topic in topics, first.id


def test_no_advice_opens_with_a_bare_yes_or_no(library: Library) -> None:
    bare = re.compile(r"^(?:yes|no|yep|nope)\b(?! one\b)[\s.,;:!—-]", re.IGNORECASE)
    assert [entry.id for entry in library.entries if bare.match(entry.advice)] == []
