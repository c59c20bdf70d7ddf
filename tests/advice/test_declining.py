"""Words to turn an invitation down: they decline, and just that thing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bot.advice.advisor import Advisor
from bot.advice.declining import GENERAL_DECLINE, NO_INVITATION, decline
from bot.guidance.models import Declined, Library, Tone

ACCEPTS = re.compile(
    r"(?<!n't )count me in|see you (?:there|then|at)|i'd love to come|looking forward to (?:it|coming|the|your)|"
    r"i'll be there|happy to (?:join|come|accept)|i accept(?!ed)|added you back|followed you back|welcome aboard",
    re.IGNORECASE,
)
DECLINES = re.compile(
    r"\b(?:not|no|n't|without me|pass|decline|skip\w*|sit\w* (?:this|it|that) one|leav\w+|left|stepping out|staying in|"
    r"take back|off|can't|won't|rather|instead|unable|keep|stop|step (?:back|down)|out|never|miss|only|limit|full|"
    r"exception)\b|n't\b",
    re.IGNORECASE,
)


INVITATIONS = """
wedding: wedding of my cousin; wedding / a coworker; their vow renewal / old friends
birthday: a birthday party / Zoe; his daughter's sweet sixteen / a colleague; her 60th / my landlady
birthday childrens_party: a kid's 3rd birthday; 2nd birthday of their toddler / the couple next door
childrens_party: sleepover for my son / a classmate's mom; bring the kids to a trampoline park / another mom
shower: baby shower / a coworker; a baby shower at work; their gender reveal / my brother-in-law
hen_party: a hen do in Ibiza / my future sister-in-law; stag weekend in prague; bachelorette in vegas / Kim
milestone: engagement party / my ex's sister; housewarming / Tom and Lia; anniversary party / my parents
holiday event: thanksgiving dinner / my in-laws; easter brunch / my girlfriend's family; iftar / neighbors
holiday: new year's eve party / the neighbors; christmas party / my landlord; friendsgiving / old housemates
religious: baptism of their third child / old friends; communion of a godson / my aunt
church: bible study / a lady from work; potluck at church / the pastor's wife
funeral: a wake for his dad / a colleague; a funeral for a great-uncle i never met / my mother
trip: ski weekend in the alps / two college friends; road trip / three friends
event celebration: halloween party / upstairs; garden party / the mayor; pool party / Dario; a party
event: dinner with my in-laws on sunday; Harvest Supper / my aunt; poker night / Marcus; art opening / a professor;
  movie marathon at his place / a guy from class; coffee to catch up / somebody from school; meet her parents; a
  quiz night at the pub / the darts team; our ten year reunion / the class president
work_event event: lunch every day / a coworker; karaoke on thursday / the guys from accounting
work_event: secret santa at the office; team offsite in the woods / hr
group: a group chat for the class reunion; book club, they read only thrillers / Nadia; facebook group / a baker
server group: discord server for movie fans; join his minecraft realm / my nephew; join their clan / a player
page follow: like my bakery page / a neighbor; follow her nail salon page / my hairdresser
app game: candy crush; farm game on facebook / my grandma; a beta test of his wallet / some dev
favour: babysit on saturday / my sister; watch their three cats over new year / the couple next door; lending my
  car; helping him move a piano / Pete; water her plants in august / a roommate; play at her wedding / a friend
loan: lend them money; 500 euros until payday / a roommate; cosigning a car loan / my son
donation: sponsor his bike ride / a coworker; sign a petition / a friend
date: a second date; a date at the aquarium / a man from the gym; blind date with her cousin / Lena
role: mod position; moderate their subreddit; be treasurer of the parents' association / the school
wedding_role: being a bridesmaid; be maid of honor / my oldest friend; be a witness at their wedding
godparent: being godfather to the twins / my cousin
collaboration: podcast interview; guest spot on her true crime show's podcast / a stranger; co-author a paper
review: review his manuscript / an acquaintance
pitch: amway meeting / my dentist; a zoom call about a business opportunity / a guy from high school
other: recruiter call; threads
"""
"""What an invitation is to, in kinds of which the words must turn down one: how people put it / and from whom."""


def invitations() -> Iterator[tuple[str, str]]:
    for line in INVITATIONS.replace("\n  ", " ").strip().split("\n"):
        kinds, _, listed = line.partition(": ")
        yield from ((kinds, put) for put in listed.split("; "))


@pytest.mark.parametrize(("kinds", "put"), invitations())
def test_words_decline_that_very_thing(advisor: Advisor, kinds: str, put: str) -> None:
    invitation, _, who = put.partition(" / ")
    entry = decline(advisor, invitation, who).advice.entry
    assert entry is not None
    assert set(kinds.split()) & set(entry.declines), entry.id
    for words in entry.say.values():
        assert not ACCEPTS.search(words), words
        assert DECLINES.search(words), words


@pytest.mark.parametrize(
    ("put", "never"),
    [
        ("a kid's 3rd birthday", "page"),
        ("christmas party / my landlord", "congratulations"),
        ("pool party / Dario", "we can't"),
        ("anniversary party / my parents", "birthday"),
        ("watch their cats over new year / the neighbors", "love you"),
        ("lending my car / my cousin", "money"),
        ("diwali at their place / classmates", "my place"),
        ("amway meeting / my dentist", "add you"),
        ("meet her parents / a girl i've seen twice", "request"),
        ("a group chat for the reunion", "stepping out"),
        ("a mastermind group / a coach", "pods"),
        ("family dinner / the in-laws", "my chats"),
        ("moderate their subreddit", "wonderful time"),
    ],
)
def test_words_take_nothing_for_granted(advisor: Advisor, put: str, never: str) -> None:
    invitation, _, who = put.partition(" / ")
    entry = decline(advisor, invitation, who).advice.entry
    assert entry is not None
    assert not [words for words in entry.say.values() if never in words.lower()]


def test_what_nothing_is_known_of_gets_words_for_any_invitation(advisor: Advisor) -> None:
    found = decline(advisor, "the thing we spoke about", "them")
    assert found.advice.entry is not None
    assert found.advice.entry.id == GENERAL_DECLINE
    assert found.is_general


def test_words_that_decline_never_accept(library: Library) -> None:
    declining = [entry for entry in library.entries if entry.declines]
    assert len(declining) > 100
    for entry in declining:
        assert set(entry.say) == set(Tone), entry.id
        for words in entry.say.values():
            assert not ACCEPTS.search(words), f"{entry.id}: {words}"
            assert set(entry.declines) <= NO_INVITATION or DECLINES.search(words), f"{entry.id}: {words}"
    kinds = {kind for entry in declining for kind in entry.declines}
    assert kinds == set(Declined)


def test_danger_goes_before_words(advisor: Advisor) -> None:
    entry = decline(advisor, "his party, he says he will post my address if i don't come").advice.entry
    assert entry is not None
    assert entry.safety
