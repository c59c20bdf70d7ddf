"""Words to turn an invitation down: they decline, and just that thing."""

from __future__ import annotations

import re

import pytest

from bot.advice.advisor import Advisor
from bot.advice.declining import GENERAL_DECLINE, decline
from bot.guidance.models import Declined, Library, Tone

ACCEPTS = re.compile(
    r"(?<!n't )count me in|see you (?:there|then|at)|i'd love to come|looking forward to (?:it|coming|the|your)|"
    r"i'll be there|happy to (?:join|come|accept)|i accept(?!ed)|added you back|followed you back|welcome aboard",
    re.IGNORECASE,
)
DECLINES = re.compile(
    r"\b(?:not|no|n't|without me|pass|decline|skip|sit (?:this|it|that) one|leave|left|can't|won't|rather|instead|"
    r"unable|keep|stop|step (?:back|down)|out|never|miss|only|limit|full)\b|n't\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    ("invitation", "who", "kinds"),
    [
        ("a birthday party", "an old friend", {Declined.CELEBRATION}),
        ("baby shower", "a coworker", {Declined.CELEBRATION}),
        ("thanksgiving dinner", "my in-laws", {Declined.CELEBRATION, Declined.EVENT}),
        ("a kid's 3rd birthday", "", {Declined.CELEBRATION}),
        ("lunch every day", "coworker", {Declined.EVENT, Declined.WORK_EVENT}),
        ("wedding", "a cousin", {Declined.CELEBRATION}),
        ("being a bridesmaid", "", {Declined.ROLE}),
        ("a loan of 300 dollars", "my brother", {Declined.MONEY}),
        ("discord server for movie fans", "", {Declined.SERVER, Declined.EVENT}),
        ("like my bakery page", "a neighbor", {Declined.PAGE}),
        ("facebook group about parrots", "", {Declined.GROUP}),
        ("babysit on saturday", "my sister", {Declined.FAVOUR}),
        ("a second date", "", {Declined.DATE}),
        ("podcast interview", "", {Declined.COLLABORATION}),
    ],
)
def test_words_decline_that_very_thing(advisor: Advisor, invitation: str, who: str, kinds: set[Declined]) -> None:
    entry = decline(advisor, invitation, who).advice.entry
    assert entry is not None
    assert kinds & set(entry.declines), entry.id
    for words in entry.say.values():
        assert not ACCEPTS.search(words), words
        assert DECLINES.search(words), words


def test_what_nothing_is_known_of_gets_words_for_any_invitation(advisor: Advisor) -> None:
    found = decline(advisor, "the thing we spoke about", "them")
    assert found.advice.entry is not None
    assert found.advice.entry.id == GENERAL_DECLINE
    assert found.note == "decline.unsure"


def test_words_that_decline_never_accept(library: Library) -> None:
    declining = [entry for entry in library.entries if entry.declines]
    assert len(declining) > 100
    for entry in declining:
        assert set(entry.say) == set(Tone), entry.id
        for words in entry.say.values():
            assert not ACCEPTS.search(words), f"{entry.id}: {words}"
    kinds = {kind for entry in declining for kind in entry.declines}
    assert kinds == set(Declined)


def test_danger_goes_before_words(advisor: Advisor) -> None:
    entry = decline(advisor, "his party, he says he will post my address if i don't come").advice.entry
    assert entry is not None
    assert entry.safety
