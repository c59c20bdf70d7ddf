"""Danger comes before manners: found in what else is asked, and answered with what to do."""

from __future__ import annotations

import pytest

from bot.advice.advisor import Advisor
from bot.guidance.models import Library
from bot.matching.policies import Outcome


@pytest.mark.parametrize(
    "question",
    [
        "my ex beat me and now wants to be friends on instagram",
        "is it rude to decline him, he threatens to post my address if i do",
        "someone with the name and picture of our mod sent me a friend request and says my steam was reported",
        "he waits outside my work since i stopped answering, should i unblock him to calm him down",
        "he says he will kill himself if i unfollow him",
    ],
)
def test_danger_is_answered_before_manners(advisor: Advisor, question: str) -> None:
    advice = advisor.ask(question)
    assert advice.entry is not None
    assert advice.entry.safety
    assert advice.help is not None
    assert advice.help.lines
    assert advice.help.links
    assert advisor.is_alarming(question)


@pytest.mark.parametrize(
    "question",
    [
        "my own wedding photographer unfollowed me lol should i be hurt",
        "is it ok to block my aunt, she posts minion memes all day",
        "this group chat is killing me, how do i leave without drama",
        "my ex sent me a friend request, do i have to accept",
        "we got destroyed in ranked and now he won't follow me back",
    ],
)
def test_what_only_sounds_like_it_is_not_danger(advisor: Advisor, question: str) -> None:
    advice = advisor.ask(question)
    assert advice.entry is None or not advice.entry.safety
    assert not advisor.is_alarming(question)


def test_overheard_danger_is_met_with_silence(advisor: Advisor) -> None:
    assert advisor.overhear("he threatens to post my address if i block him, is it rude").outcome is Outcome.NONE


def test_a_platform_that_is_named_gets_its_own_steps(advisor: Advisor, library: Library) -> None:
    advice = advisor.ask("a man on instagram threatens to post my pictures if i unfollow him")
    assert advice.help is not None
    assert library.danger.platforms["instagram"] in advice.help.lines


def test_whoever_says_that_it_frightens_them_is_believed(advisor: Advisor) -> None:
    advice = advisor.advise_in_danger("he comments on everything i post")
    assert advice.outcome is Outcome.ANSWER
    assert advice.entry is not None
    assert advice.entry.safety
    assert advice.help is not None


def test_every_kind_of_danger_has_examples_and_help(library: Library) -> None:
    danger = library.danger
    assert len(danger.kinds) >= 10
    assert len(danger.harmless) >= 300
    assert danger.emergency
    for kind in danger.kinds:
        assert len(kind.messages) >= 40, kind.name
        assert kind.block, kind.name
        assert kind.report, kind.name
        assert kind.links, kind.name
