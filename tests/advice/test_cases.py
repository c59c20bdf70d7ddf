"""Questions as people put them, by kind, each with what serves it: the entry is shown, or among the choices."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import pytest

from bot.advice.advisor import Advice, Advisor
from bot.guidance.models import Library
from bot.matching.policies import Outcome


def shown(advice: Advice) -> set[str]:
    return {advice.entry.id} if advice.entry is not None else {match.entry.id for match in advice.choices}


def pairs(table: dict[str, list[str]]) -> Iterator[tuple[set[str], str]]:
    for right, questions in table.items():
        yield from ((set(right.split()), question) for question in questions)


def named(table: Iterable[tuple[set[str], str]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("right", "question"), [pytest.param(*row, id=row[1][:60]) for row in table])


EVERYDAY_INVITATIONS = {
    "baby-or-bridal-shower": [
        "do i have to go to a baby shower",
        "coworker put invites to her own baby shower on every desk. must i go",
        "coworker wants me at her baby shower",
        "getting dragged to a gender reveal for the third time this year, pls tell me i can stay home",
    ],
    "bridesmaid-or-best-man": ["can i say no to being a bridesmaid"],
    "godparent": ["someone asked me to be godmother but i'm not religious, is it ok to refuse"],
    "rather-stay-home must-i-give-a-reason dinner-or-drinks": [
        "may i turn the dinner down without saying why",
        "no excuse at all, i simply want to stay in with popcorn on friday. may i turn dinner down without saying why",
    ],
    "birthday-party": [
        "my friend invited me to her birthday party",
        "roommate planned a surprise 30th for her bf and expects me there with a present. i barely talk to the guy",
    ],
    "wedding-must-i-go decline-a-wedding": [
        "invited to a wedding i don't want to go to",
        "cousin #7 gets married in august, i've met her twice. am i awful if i send regrets",
    ],
    "wedding-far-away": [
        "got a save the date for a wedding in portugal, flights are 900. how do i get out without being the villain"
    ],
    "wedding-without-kids-or-partner": ["they invited my husband but not me to a wedding, should he go alone"],
    "kids-party": [
        "my daughter got an invitation to a classmate's party, whole class invited, she doesn't want to go, nor do i"
    ],
    "graduation-or-housewarming": [
        "do i gotta attend my half brother's graduation, three hours of names",
        "my therapist friend invited the whole street to her housewarming, i know nobody",
        "an evite for a retirement do of a man i met twice. ignore or answer?",
    ],
    "work-party": [
        "work christmas do is on a saturday evening, unpaid, with bosses. mandatory?",
        "the hubby's boss is throwing a pool party and apparently spouses are 'strongly encouraged'. can i sit it out",
    ],
    "after-work-drinks": ["the team does beers every thursday and i don't drink, do i have to tag along"],
    "boss-invites-me-privately": ["boss's wife invited us for a barbecue. is a no career suicide"],
    "holidays-with-family in-laws-invite": [
        "mother in law wants us there easter, thanksgiving, xmas AND new years. can we skip one"
    ],
    "funeral-or-memorial": ["an old colleague's funeral is tomorrow and i hate funerals, is staying away unforgivable"],
    "religious-celebration": ["invited to my godson's communion, three hours in a church, do i need to be there"],
    "invited-to-church": ["they keep asking me to come to their church thing"],
    "trip-or-weekend-away cannot-afford-it back-out-after-saying-yes": [
        "girls trip to mallorca, i said yes in march, it's june and i'm broke"
    ],
    "maybe-turned-no": ["told Ana 'maybe' for game night, now i'd rather eat glass. what do i text her"],
    "cancel-last-minute": ["tonight's the dinner and i just can't. how late is too late to cancel"],
    "dinner-or-drinks": ["neighbours keep knocking to ask us round for drinks and we've run out of reasons"],
    "group-gift": [
        "they want everybody in for a joint gift, 60 bucks each, for someone i dont know",
        "a colleague collects 20 each for a leaving present for someone from another floor",
    ],
    "asked-to-host": ["brother wants my place for his birthday bash, 40 people. nope. how do i tell him"],
    "turn-down-a-date": ["he asked me out for a second coffee and i felt nothing"],
}
TOLD = {
    "told-if-i-ignore": [
        "does the person find out if i press ignore on their linkedin invite",
        "if i deny somebody on discord do they get told",
        "will facebook message my aunt when i delete her friend request",
        "when you hit decline on a steam friend invite does the other side see anything",
        "instagram follow request, i tap delete, is he notified",
        "would a friend on xbox be told that i turned down the request",
        "does strava let them know when i say no to a follow request",
    ],
    "told-if-i-unfollow": [
        "does snap tell someone i removed them as a friend",
        "if i mute my sister on whatsapp will she see that",
        "unfollowing a mutual on bluesky, does it ping them",
        "tiktok: does a guy know when i take him off my followers",
        "do people on twitter get a notification that i blocked them or unfollowed them",
    ],
}
MAIN_QUESTION = {
    "still-good-manners": [
        "is following back still good manners in 2024 or old fashioned",
        "is it a thing anymore that you return a follow",
        "gen z here. do people still expect a follow for a follow or did that die out",
        "grandma says it's polite to follow everyone who follows you. is she right",
        "is not returning a follow considered a snub these days",
    ],
    "no-debt-in-a-follow": ["follow me = i follow you. is that actually a rule somewhere"],
    "flood-of-new-followers": ["400 followers and counting, none of whom i know. do i owe all of them"],
    "recruiter-or-linkedin-request stranger-request": [
        "linkedin: total stranger, default text, no idea why. accept?",
        "new connection request: nobody i know, no note, works in insurance. hm?",
        "some guy i've never heard of, no photo, wants in on my fb. yay or nay",
    ],
    "half-known-request recruiter-or-linkedin-request": [
        "person i spoke to once at a conference wants to connect. meh?"
    ],
    "group-member-request": ["discord fr from a random in a 20k server, never talked. take it?"],
}
WHO_DID_IT_TO_WHOM = {
    "confront-the-unfollower they-unfollowed-me friend-does-not-follow-me": [
        "noticed my best friend since 4th grade no longer follows me. do i bring it up",
        "found out today that my sister removed me from her instagram. do i say something",
    ],
    "relatives-unfollow owe-an-explanation": ["i'd like to remove my sister from my instagram. do i say something"],
    "unfollow-in-return": ["he took me off his friends list, do i take him off mine"],
    "they-are-angry-i-unfollowed": ["i took him off my friends list and he's furious"],
    "parent-or-in-law-request": ["my weird uncle wants to be facebook friends"],
    "will-i-seem-rude asked-for-a-follow-back i-refused-who-was-rude sad-because-i-ignored-the-request": [
        "strangers dm me to complain that i don't follow them back. do i have to explain myself"
    ],
    "request-pending-or-declined": ["my request to her has been sitting there for a month"],
    "leave-it-pending-or-delete requests-pile-up": ["her request has been sitting in my inbox for a month"],
    "admired-person-does-not-follow": ["a guy whose art i adore never followed me back"],
    "employee-request": ["i manage a shop and one of the trainees sent me a friend request"],
    "student-request": ["i teach chemistry, a pupil of mine added me"],
    "teacher-or-doctor-request": ["my therapist sent me a request"],
    "why-did-you-unfollow-me": ["she asks why i'm no longer following her"],
    "should-i-ask-why confront-the-unfollower": ["do i ask her why she's no longer following me"],
    "friend-never-likes-my-posts my-likes-are-not-returned": [
        "i heart everything my buddy posts and he never does the same for me"
    ],
    "drop-a-mutual": ["want to softblock a mutual, is that mean"],
    "must-i-invite-them-back": ["my friend invited me, do i have to invite her back"],
    "it-is-not-a-rejection": ["i follow my landlord and he doesn't follow back"],
    "boss-or-client-follows-you": ["my landlord follows me"],
}
ASKED_FROM_BOTH_ENDS = {
    "no-debt-in-a-follow will-i-seem-rude": ["is it ok if i don't follow back", "do i have to follow back"],
    "unfollow-somebody-i-know may-i-unfollow": ["is it rude to unfollow a friend", "may i unfollow a friend"],
    "leave-it-pending-or-delete must-i-accept": [
        "am i allowed to ignore his request",
        "is it wrong to ignore his request",
    ],
    "leave-a-group": ["is it fine to leave the class group chat", "would it be bad to leave the class group chat"],
    "skip-an-event": ["can i skip the meetup i got invited to", "must i go to the meetup i got invited to"],
    "muting-instead": ["is muting my friend dishonest", "is muting my friend alright"],
    "must-i-give-a-reason": [
        "is it okay to say no without any reason",
        "do i need to give any reason when i say no",
    ],
    "clean-up-my-list": [
        "is it mean to delete people who never talk to me from my list",
        "am i free to delete people who never talk to me from my list",
    ],
}


@named(pairs(EVERYDAY_INVITATIONS))
def test_invitations_of_everyday_life(advisor: Advisor, right: set[str], question: str) -> None:
    assert shown(advisor.ask(question)) & right


@named(pairs(TOLD))
def test_will_they_be_told(advisor: Advisor, right: set[str], question: str) -> None:
    assert shown(advisor.ask(question)) & right


@named(pairs(MAIN_QUESTION))
def test_the_main_question_in_other_clothes(advisor: Advisor, right: set[str], question: str) -> None:
    assert shown(advisor.ask(question)) & right


@named(pairs(WHO_DID_IT_TO_WHOM))
def test_who_did_it_to_whom(advisor: Advisor, right: set[str], question: str) -> None:
    assert shown(advisor.ask(question)) & right


@named(pairs(ASKED_FROM_BOTH_ENDS))
def test_asked_from_either_end_the_advice_is_the_same(advisor: Advisor, right: set[str], question: str) -> None:
    assert shown(advisor.ask(question)) & right


def test_no_advice_opens_with_a_bare_yes_or_no(library: Library) -> None:
    bare = re.compile(r"^(?:yes|no|yep|nope)\b(?! one\b)[\s.,;:!—-]", re.IGNORECASE)
    assert [entry.id for entry in library.entries if bare.match(entry.advice)] == []


@pytest.mark.parametrize(
    "question",
    [
        "¿tengo que seguir de vuelta a todos los que me siguen?",
        "mi jefe me sigue en instagram, tengo que seguirle?",
        "est-ce que je dois accepter la demande d'ami de mon patron ?",
        "muss ich jedem zurückfolgen, der mir folgt?",
        "preciso seguir de volta todo mundo que me segue?",
        "devo seguire chi mi segue?",
        "moet ik iedereen terugvolgen die mij volgt?",
        "czy muszę obserwować każdego, kto mnie obserwuje?",
        "beni takip eden herkesi takip etmek zorunda mıyım?",
        "Нужно ли подписываться в ответ?",
        "フォロバは必要？",
        "هل يجب أن أتابع الجميع؟",
    ],
)
def test_another_language_is_not_guessed_at(advisor: Advisor, question: str) -> None:
    advice = advisor.ask(question)
    assert advice.outcome is Outcome.NONE
    assert advice.foreign


@pytest.mark.parametrize(
    "question",
    [
        "",
        "🙂",
        "123",
        "gg wp",
        "las vegas",
        "kafka consumer gets no event after rebalance",
        "is a verbal contract binding",
    ],
)
def test_what_is_merely_not_ours_is_not_called_another_language(advisor: Advisor, question: str) -> None:
    advice = advisor.ask(question)
    assert advice.outcome is Outcome.NONE
    assert not advice.foreign
