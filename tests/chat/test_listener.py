"""Messages: mentions, direct messages, and listening where a server turned it on."""

from __future__ import annotations

from typing import Any

import pytest

from bot.chat.advice.buttons import Choice
from bot.chat.advice.listener import CHANNEL_SECONDS, PERSON_SECONDS, QUESTIONS, Listener
from bot.chat.client import RsvnoBot
from bot.local import Channel, LocalDiscord, Person, Server
from bot.storage import Database
from tests.chat.cards import pick, read_card
from tests.chat.conftest import Start

OWED = "someone followed me, do i owe a follow back"
SURE = "do i have to follow back everyone who follows me on instagram?"


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


async def quiet(bot: RsvnoBot, discord: LocalDiscord, person: Person, channel: Channel, posts: int) -> None:
    """Proves that nothing was answered: a later mention is, and it is the only new post."""
    await person.say(channel, f"{discord.bot_mention} {OWED}")
    await channel.next_post(posts)
    await bot.idle()
    assert len(channel.posted()) == posts + 1


async def test_a_mention_is_answered_in_reply_and_pings_nobody(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    asked = await asker.say(channel, f"{discord.bot_mention}, {OWED}")
    reply = await channel.next_post()
    assert reply.reply_to == asked.id
    assert "No obligation" in reply.text
    assert reply.pings == ()
    assert "You asked" not in reply.text
    assert "Remove" in reply.labels
    others = await pick(asker, reply, Choice.OTHER)
    assert others.private
    assert "please pick one" in others.text


async def test_a_direct_message_is_answered(discord: LocalDiscord, bot: RsvnoBot) -> None:
    asker = discord.person("asker")
    await asker.say(asker.direct, OWED)
    assert "No obligation" in (await asker.direct.next_post()).text


async def test_a_bare_mention_gets_help_or_answers_the_message_it_replies_to(
    discord: LocalDiscord, bot: RsvnoBot
) -> None:
    server = discord.server()
    channel = server.channel("general")
    asker, reader = server.member("asker"), server.member("reader")
    await asker.say(channel, discord.bot_mention)
    assert "/shouldifollowback" in (await channel.next_post()).text
    said = await reader.say(channel, OWED)
    await asker.say(channel, discord.bot_mention, reply_to=said)
    assert "No obligation" in (await channel.next_post(1)).text


async def test_three_outcomes_in_chat(discord: LocalDiscord, bot: RsvnoBot, vague: str) -> None:
    server = discord.server()
    channel = server.channel("general")
    asker, reader = server.member("asker"), server.member("reader")
    await asker.say(channel, f"{discord.bot_mention} {vague}")
    choices = await channel.next_post()
    assert "please pick one" in choices.text
    private = await reader.press(choices, choices.labels[0])
    assert private.private
    chosen = await asker.press(choices, choices.labels[0])
    assert chosen.kind == "update"
    await asker.say(channel, f"{discord.bot_mention} what is the best pasta recipe")
    # others read it: one short line
    nothing = await channel.next_post(1)
    assert nothing.text.startswith("· That is outside what I know")
    assert "\n" not in nothing.text
    assert nothing.labels == ["Browse topics", "Remove"]


async def test_bots_webhooks_everyone_and_other_mentions_are_not_answered(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel = server.channel("general")
    admin = server.member("admin", "mention_everyone")
    machine = server.join(discord.person("machine", bot=True))
    await machine.say(channel, f"{discord.bot_mention} {OWED}")
    discord.engine.say_as_webhook(channel.id, "hook", f"{discord.bot_mention} {OWED}")
    await admin.say(channel, f"@everyone {OWED}")
    await admin.say(channel, f"{machine.mention} {OWED}")
    await admin.say(channel, OWED)
    await quiet(bot, discord, admin, channel, 0)


async def test_without_the_permission_to_write_it_stays_silent_and_a_card_needs_no_other(
    discord: LocalDiscord, bot: RsvnoBot
) -> None:
    server = discord.server()
    asker = server.member("asker")
    plain = server.channel("plain")
    closed = server.channel("closed")
    bot_person = Person(discord, discord.engine.bot_id)
    closed = server.channel("closed", denied={bot_person: ["send_messages"]})
    plain = server.channel("plain", denied={bot_person: ["embed_links"]})
    await asker.say(closed, f"{discord.bot_mention} {OWED}")
    await asker.say(plain, f"{discord.bot_mention} {OWED}")
    # its parts are no embeds, which would not be shown here
    reply = await plain.next_post()
    assert reply.raw["embeds"] == []
    assert read_card(reply).verdict == "○ No obligation"
    await asker.say(plain, discord.bot_mention)
    assert "/shouldifollowback" in (await plain.next_post(1)).content
    await bot.idle()
    assert closed.posted() == []


async def listening(database: Database, server: Server, channel: Channel, **changes: Any) -> None:
    """Turns listening on in one channel."""
    await database.server(server.id).settings.change(listening="channels", listening_channels={channel.id}, **changes)


async def test_it_listens_only_where_a_server_turned_that_on(
    discord: LocalDiscord, bot: RsvnoBot, database: Database
) -> None:
    server = discord.server()
    on, off = server.channel("on"), server.channel("off")
    asker, reader = server.member("asker"), server.member("reader")
    await listening(database, server, on)
    await asker.say(off, SURE)
    await asker.say(on, "what a nice day it is")
    asked = await asker.say(on, SURE)
    reply = await on.next_post()
    assert reply.reply_to == asked.id
    assert "I listen in this channel" in reply.text
    thread = on.thread("more", reader)
    await quiet(bot, discord, reader, off, 0)
    bot.listener = Listener(bot)
    await reader.say(thread, SURE)
    assert "follow" in (await thread.next_post()).text


@pytest.mark.parametrize("eagerness", ["careful", "eager"])
async def test_unasked_answers_keep_a_distance(
    discord: LocalDiscord, bot: RsvnoBot, database: Database, eagerness: str
) -> None:
    clock = Clock()
    bot.listener = Listener(bot, clock)
    server = discord.server()
    channel = server.channel("on")
    asker, reader = server.member("asker"), server.member("reader")
    await listening(database, server, channel, eagerness=eagerness)
    await asker.say(channel, SURE)
    await channel.next_post()
    await reader.say(channel, SURE)
    await quiet(bot, discord, reader, channel, 1)
    clock.seconds += CHANNEL_SECONDS[eagerness] + 1
    await asker.say(channel, SURE)
    await quiet(bot, discord, reader, channel, 2)
    await reader.say(channel, SURE)
    await channel.next_post(3)
    clock.seconds += PERSON_SECONDS[eagerness] + 1
    await asker.say(channel, SURE)
    await channel.next_post(4)


async def test_never_means_commands_only(discord: LocalDiscord, bot: RsvnoBot, database: Database) -> None:
    server = discord.server()
    channel, other = server.channel("general"), discord.server("other")
    asker = server.member("asker")
    await database.server(server.id).settings.change(listening="never")
    await asker.say(channel, f"{discord.bot_mention} {OWED}")
    other.join(asker)
    await quiet(bot, discord, asker, other.channel("general"), 0)
    assert channel.posted() == []
    assert "No obligation" in (await asker.run(channel, "etiquette ask", question=OWED)).text


async def test_without_message_content_it_still_answers_mentions(
    discord: LocalDiscord, start: Start, database: Database
) -> None:
    discord.gateway.granted_privileged = 0
    bot = await start(message_content=False)
    server = discord.server()
    channel, asker = server.channel("on"), server.member("asker")
    await listening(database, server, channel)
    await asker.say(channel, SURE)
    await quiet(bot, discord, asker, channel, 0)


async def test_who_floods_is_told_once(discord: LocalDiscord, bot: RsvnoBot) -> None:
    clock = Clock()
    bot.listener = Listener(bot, clock)
    server = discord.server()
    most, seconds = QUESTIONS
    asker, reader = server.member("asker"), server.member("reader")
    channels = [server.channel(f"c{number}") for number in range(most + 3)]
    for channel in channels[: most + 1]:
        await asker.say(channel, f"{discord.bot_mention} {OWED}")
        await channel.next_post()
    for channel in channels[most + 1 :]:
        await asker.say(channel, f"{discord.bot_mention} {OWED}")
    await quiet(bot, discord, reader, channels[0], 1)
    assert "a little fast" in channels[most].posted()[0].text
    assert channels[most + 1].posted() == []
    clock.seconds += seconds + 1
    await asker.say(channels[most + 1], f"{discord.bot_mention} {OWED}")
    assert "No obligation" in (await channels[most + 1].next_post()).text


async def test_an_event_that_comes_twice_is_answered_once(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    await asker.say(channel, f"{discord.bot_mention} {OWED}")
    await channel.next_post()
    discord.gateway.repeat(3)
    await quiet(bot, discord, asker, channel, 1)
    await asker.run(channel, "etiquette ask", question=OWED)
    before = discord.traffic.count
    discord.gateway.repeat(2)
    await quiet(bot, discord, asker, channel, 2)
    calls = [each.name for each in discord.traffic.since(before) if each.kind == "rest"]
    assert [name for name in calls if "callback" in name] == []
