"""Talks of two turns: what is written after a card is about it, and nothing of the talk is kept but the card."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.chat.advice.earlier import RECENT
from bot.chat.client import RsvnoBot
from bot.guidance.models import Tone
from bot.local import Channel, LocalDiscord, Person, Seen, Server
from bot.storage import Database
from tests.chat.cards import read_card
from tests.chat.test_listener import quiet

ASKED = "my old classmate sent me a friend request, do i have to accept it"

Place = tuple[Server, Channel, Person, Person]


@pytest.fixture
def place(discord: LocalDiscord, bot: RsvnoBot) -> Place:
    """A server, a channel in it, and two members."""
    server = discord.server()
    return server, server.channel("general"), server.member("asker"), server.member("reader")


async def answered(discord: LocalDiscord, channel: Channel, asker: Person) -> Seen:
    """The card of a first answer in a channel."""
    await asker.say(channel, f"{discord.bot_mention} {ASKED}")
    return await channel.next_post()


async def test_a_reply_to_the_card_is_about_it(discord: LocalDiscord, bot: RsvnoBot, place: Place) -> None:
    _, channel, asker, _ = place
    first = await answered(discord, channel, asker)
    await asker.say(channel, "and what if they send it again next month", reply_to=first)
    second = await channel.next_post(1)
    assert second.reply_to is not None
    card = read_card(second)
    assert card.heading != read_card(first).heading
    assert "again" in card.heading.lower()
    # and on from there: the card that is replied to is all that is known
    await asker.say(channel, "can you make it shorter", reply_to=second)
    third = read_card(await channel.next_post(2))
    assert third.heading == card.heading
    assert third.pressed & {str(Tone.BRIEF).capitalize()}


async def test_why_shows_the_reason(discord: LocalDiscord, bot: RsvnoBot, place: Place) -> None:
    _, channel, asker, _ = place
    first = await answered(discord, channel, asker)
    assert not read_card(first).why
    await asker.say(channel, f"{discord.bot_mention} but why", reply_to=first)
    second = read_card(await channel.next_post(1))
    assert second.heading == read_card(first).heading
    assert second.why


async def test_somebody_elses_reply_is_understood_as_well(discord: LocalDiscord, bot: RsvnoBot, place: Place) -> None:
    _, channel, asker, reader = place
    first = await answered(discord, channel, asker)
    await reader.say(channel, "what if they want to know the reason?", reply_to=first)
    assert "why" in read_card(await channel.next_post(1)).heading.lower()


@pytest.mark.parametrize("text", ["thank you!", "good night", "lol same", "the pizza is here"])
async def test_what_asks_nothing_gets_no_answer_in_public(
    discord: LocalDiscord, bot: RsvnoBot, place: Place, text: str
) -> None:
    _, channel, asker, reader = place
    first = await answered(discord, channel, asker)
    await asker.say(channel, text, reply_to=first)
    await quiet(bot, discord, reader, channel, 1)


async def test_without_a_card_before_it_the_same_words_are_no_follow_up(
    discord: LocalDiscord, bot: RsvnoBot, place: Place
) -> None:
    _, channel, asker, _ = place
    await asker.say(channel, f"{discord.bot_mention} but why")
    assert not read_card(await channel.next_post()).why


async def test_in_a_direct_message_ten_minutes_are_one_talk(
    discord: LocalDiscord, bot: RsvnoBot, place: Place, database: Database
) -> None:
    _, _, asker, _ = place
    direct = asker.direct
    await asker.say(direct, ASKED)
    first = await direct.next_post()
    await asker.say(direct, "and if they get angry about it")
    second = read_card(await direct.next_post(1))
    assert second.heading != read_card(first).heading
    assert "angry" in second.heading.lower()
    await asker.say(direct, "thanks a lot")
    assert "welcome" in (await direct.next_post(2)).text
    await asker.say(direct, "another thing: must i follow back a brand that follows me on instagram?")
    fourth = read_card(await direct.next_post(3))
    assert "brand" in fourth.heading.lower()


async def test_after_ten_minutes_a_direct_message_stands_alone(
    discord: LocalDiscord, bot: RsvnoBot, place: Place
) -> None:
    _, _, asker, _ = place
    direct = asker.direct
    await asker.say(direct, ASKED)
    first = await direct.next_post()
    discord.clock.advance(RECENT.total_seconds() + 1)
    await asker.say(direct, "but why")
    assert read_card(await direct.next_post(1)).heading != read_card(first).heading


async def test_danger_in_a_second_message_is_answered_privately(
    discord: LocalDiscord, bot: RsvnoBot, place: Place
) -> None:
    _, channel, asker, _ = place
    first = await answered(discord, channel, asker)
    await asker.say(channel, "he writes that he will post my nudes if i don't accept", reply_to=first)
    card = read_card(await asker.direct.next_post())
    assert "safety" in card.verdict.lower()


async def test_a_follow_up_is_counted_where_the_first_answer_was(
    discord: LocalDiscord, bot: RsvnoBot, place: Place, database: Database
) -> None:
    server, channel, asker, _ = place
    first = await answered(discord, channel, asker)
    await asker.say(channel, "what if they send it again", reply_to=first)
    await channel.next_post(1)
    today = date.today()

    async def topics() -> list[str]:
        rows = await database.server(server.id).counters.between(today - timedelta(days=2), today + timedelta(days=2))
        return [row.topic for row in rows for _ in range(row.questions)]

    await quiet(bot, discord, place[3], channel, 2)
    counted = await topics()
    assert counted.count("friend_request") >= 2


async def test_what_people_ask_next_is_a_press_away(discord: LocalDiscord, bot: RsvnoBot, place: Place) -> None:
    _, channel, asker, _ = place
    answer = await asker.run(channel, "shouldifollowback", situation=ASKED)
    card = read_card(answer.seen)
    assert set(card.leading_to("next").values()) & bot.advisor.library.follow_up_answers.keys()
