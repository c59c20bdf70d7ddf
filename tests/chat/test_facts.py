"""Where a fact tells the choices apart, the card asks for it, and its buttons are the answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from bot.advice import advisor
from bot.advice.asking import Asked, fact_to_ask
from bot.chat.advice.buttons import Choice
from bot.chat.client import RsvnoBot
from bot.guidance.facts import Fact
from bot.local import LocalDiscord
from bot.matching.base import Base
from bot.matching.ranking import Match, Ranking
from bot.matching.reading import Reading
from tests.chat.cards import pick, read_card

Teach = Callable[..., None]

UNSURE = "something with unfollowing, i do not know how to put it"
NEAR = ("may-i-unfollow", "they-unfollowed-me", "kids-party", "birthday-party", "skip-an-event")
ASK = "Did they unfollow you, or you them?"
FACT = Fact(
    ask=ASK,
    answers={"They unfollowed me": ("they-unfollowed-me",), "I want to unfollow them": ("may-i-unfollow",)},
)
ALL = [*FACT.answers, "None of these", "Browse topics"]


@pytest.fixture(autouse=True)
def _near(monkeypatch: pytest.MonkeyPatch) -> None:
    """One question is near those entries, in their order, and sure of none."""
    rank = Base.rank

    def ranked(self: Base, reading: Reading) -> Ranking:
        if reading.text != UNSURE:
            return rank(self, reading)
        matches = (Match(self.library.by_id[name], 0.25 / (1 + at) ** 3) for at, name in enumerate(NEAR))
        return Ranking(ours=1.0, danger=0.0, matches=tuple(matches))

    monkeypatch.setattr(Base, "rank", ranked)


@pytest.fixture
def teach(monkeypatch: pytest.MonkeyPatch) -> Teach:
    """Makes these facts known, and no others."""

    def teach(*known: Fact) -> None:
        def ask(facts: Sequence[Fact], near: Sequence[Match], beyond: Sequence[Match] = ()) -> Asked | None:
            return fact_to_ask(known if facts else (), near, beyond)

        monkeypatch.setattr(advisor, "fact_to_ask", ask)

    return teach


async def test_a_private_card_asks_for_the_fact_and_a_press_answers(
    discord: LocalDiscord, bot: RsvnoBot, teach: Teach
) -> None:
    teach(FACT)
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    for label, names in FACT.answers.items():
        asked = await asker.run(channel, "etiquette ask", question=UNSURE)
        assert f"? {ASK}" in asked.text
        assert asked.seen.labels == ALL
        chosen = await asker.press(asked.seen, label)
        assert chosen.kind == "update"
        assert read_card(chosen.seen).heading == bot.advisor.library.by_id[names[0]].question
        assert UNSURE in chosen.text


async def test_a_public_card_asks_for_it_too(discord: LocalDiscord, bot: RsvnoBot, teach: Teach) -> None:
    teach(FACT)
    server = discord.server()
    channel, asker, reader = server.channel("general"), server.member("asker"), server.member("reader")
    await asker.say(channel, f"{discord.bot_mention} {UNSURE}")
    asked = await channel.next_post()
    assert ASK in asked.text
    assert asked.labels == [*ALL, "Remove"]
    private = await reader.press(asked, "They unfollowed me")
    assert private.private
    assert bot.advisor.library.by_id["they-unfollowed-me"].question in private.text


async def test_none_of_these_lists_what_else_is_near(discord: LocalDiscord, bot: RsvnoBot, teach: Teach) -> None:
    teach(FACT)
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    asked = await asker.run(channel, "etiquette ask", question=UNSURE)
    others = await asker.press(asked.seen, "None of these")
    assert others.kind == "update"
    assert "Which of these do you mean?" in others.text
    assert UNSURE in others.text
    by_id = bot.advisor.library.by_id
    assert others.seen.labels == [*(by_id[name].question for name in NEAR[2:]), "Browse topics"]


async def test_what_was_not_the_question_is_not_offered_again(
    discord: LocalDiscord, bot: RsvnoBot, teach: Teach
) -> None:
    teach(FACT, Fact(ask="Whose party?", answers={"Mine": ("kids-party",), "Theirs": ("they-unfollowed-me",)}))
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    asked = await asker.run(channel, "etiquette ask", question=UNSURE)
    answer = await asker.press(asked.seen, "I want to unfollow them")
    others = await pick(asker, answer.seen, Choice.OTHER)
    assert "? Whose party?" in others.text
    listed = await asker.press(others.seen, "None of these")
    by_id = bot.advisor.library.by_id
    assert listed.seen.labels == [*(by_id[name].question for name in NEAR[3:]), "Back", "Browse topics"]
    assert read_card((await asker.press(listed.seen, "Back")).seen).heading == by_id["may-i-unfollow"].question


async def test_without_a_fact_the_titles_are_listed_and_old_cards_go_on(
    discord: LocalDiscord, bot: RsvnoBot, teach: Teach
) -> None:
    teach()
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    listed = await asker.run(channel, "etiquette ask", question=UNSURE)
    assert "Which of these do you mean?" in listed.text
    by_id = bot.advisor.library.by_id
    assert listed.seen.labels == [*(by_id[name].question for name in NEAR[:3]), "Browse topics"]
    teach(FACT)
    asked = await asker.run(channel, "etiquette ask", question=UNSURE)
    teach()
    # either card was made when other facts were known
    for card, label in ((listed, by_id["they-unfollowed-me"].question), (asked, "They unfollowed me")):
        chosen = await asker.press(card.seen, label)
        assert read_card(chosen.seen).heading == by_id["they-unfollowed-me"].question
