"""Messages as Discord really sends and takes them: replies, roles, forwards, missing permissions, unknown servers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.chat.advice.buttons import Choice
from bot.chat.advice.posting import MOST_REFUSALS, REFUSED_SECONDS
from bot.chat.client import RsvnoBot
from bot.local import Channel, LocalDiscord, Person, Server
from bot.storage import Database
from tests.chat.cards import pick
from tests.chat.test_listener import OWED, SURE, listening, quiet

Place = tuple[Server, Channel, Person, Person]


@pytest.fixture
def place(discord: LocalDiscord, bot: RsvnoBot) -> Place:
    """A server, a channel in it, and two members."""
    server = discord.server()
    return server, server.channel("general"), server.member("asker"), server.member("reader")


async def counted(database: Database, server: Server) -> int:
    """How many questions a server counted."""
    today = date.today()
    rows = await database.server(server.id).counters.between(today.replace(year=today.year - 1), today)
    return sum(row.questions for row in rows)


# ------------------------------------------------------------------ replies


@pytest.mark.parametrize(
    "text",
    [
        "thank you!",
        "lol",
        "ok i will not follow back then",
        "you are right, i don't owe anybody a follow",
        "are you a bot?",
    ],
)
async def test_a_reply_that_pings_is_no_question(
    discord: LocalDiscord, bot: RsvnoBot, place: Place, database: Database, text: str
) -> None:
    server, channel, asker, reader = place
    await asker.say(channel, f"{discord.bot_mention} {OWED}")
    card = await channel.next_post()
    said = await asker.say(channel, text, reply_to=card)
    # Discord pings whom one replies to
    assert [str(each["id"]) for each in said.raw["mentions"]] == [str(discord.engine.bot_id)]
    await quiet(bot, discord, reader, channel, 1)
    assert await counted(database, server) == 2


async def test_a_reply_that_asks_or_mentions_is_answered(discord: LocalDiscord, bot: RsvnoBot, place: Place) -> None:
    _, channel, asker, reader = place
    await asker.say(channel, f"{discord.bot_mention} {OWED}")
    card = await channel.next_post()
    asked = await asker.say(channel, "do i have to follow back my coworker, too?", reply_to=card)
    assert (await channel.next_post(1)).reply_to == asked.id
    again = await reader.say(channel, f"{discord.bot_mention} what is the best pasta recipe", reply_to=card)
    outside = await channel.next_post(2)
    assert outside.reply_to == again.id
    assert "outside what I know" in outside.text


async def test_danger_in_a_reply_is_answered_privately(discord: LocalDiscord, bot: RsvnoBot, place: Place) -> None:
    _, channel, asker, _ = place
    await asker.say(channel, f"{discord.bot_mention} {OWED}")
    card = await channel.next_post()
    await asker.say(channel, "he hits me when i do not answer his messages", reply_to=card)
    assert "safety" in (await asker.direct.next_post()).text


@pytest.mark.parametrize("words", ["thoughts?", "what do you think", "help?", "^ this", "can you answer this?", ""])
async def test_a_few_words_about_a_question_answer_that_one(
    discord: LocalDiscord, bot: RsvnoBot, place: Place, words: str
) -> None:
    _, channel, asker, reader = place
    asked = await reader.say(channel, OWED)
    await asker.say(channel, f"{discord.bot_mention} {words}", reply_to=asked)
    reply = await channel.next_post()
    assert "No obligation" in reply.text
    # so that it is seen what it is about, and 'Not my question' knows
    assert reply.reply_to == asked.id
    others = await pick(asker, reply, Choice.OTHER)
    assert others.private
    assert "please pick one" in others.text.lower()


async def test_ones_own_question_goes_before_the_one_that_it_replies_to(
    discord: LocalDiscord, bot: RsvnoBot, place: Place
) -> None:
    _, channel, asker, reader = place
    said = await reader.say(channel, "that pasta was great")
    asked = await asker.say(channel, f"{discord.bot_mention} {OWED}", reply_to=said)
    assert (await channel.next_post()).reply_to == asked.id


async def test_the_bots_own_role_is_a_mention_and_no_other_is(
    discord: LocalDiscord, bot: RsvnoBot, place: Place
) -> None:
    server, channel, asker, reader = place
    own = next(role for role in discord.engine.backend.guilds[server.id].roles.values() if role.managed)
    other = server.role("helpers", mentionable=True)
    await asker.say(channel, f"{other.mention} {OWED}")
    await quiet(bot, discord, reader, channel, 0)
    asked = await asker.say(channel, f"<@&{own.id}> {OWED}")
    reply = await channel.next_post(1)
    assert reply.reply_to == asked.id
    assert "No obligation" in reply.text
    await asker.say(channel, f"<@&{own.id}>")
    assert "/shouldifollowback" in (await channel.next_post(2)).text


@pytest.mark.parametrize("text", ["hi", "help", "what can you do?"])
async def test_who_greets_or_asks_for_help_is_helped(
    discord: LocalDiscord, bot: RsvnoBot, place: Place, database: Database, text: str
) -> None:
    server, channel, asker, _ = place
    await asker.say(asker.direct, text)
    assert "/shouldifollowback" in (await asker.direct.next_post()).text
    await asker.say(channel, f"{discord.bot_mention} {text}")
    assert "/shouldifollowback" in (await channel.next_post()).text
    await asker.say(channel, f"{discord.bot_mention} thank you!")
    assert (await channel.next_post(1)).content == "You're welcome."
    assert await counted(database, server) == 0


# ----------------------------------------------------------------- forwards


async def test_what_is_forwarded_is_read(discord: LocalDiscord, bot: RsvnoBot, place: Place) -> None:
    server, channel, asker, reader = place
    said = await reader.say(server.channel("far"), OWED)
    forwarded = await asker.forward(said, channel)
    assert forwarded.content == ""
    assert "No obligation" in (await asker.use_on(forwarded, "Etiquette advice")).text
    await asker.say(channel, f"{discord.bot_mention} thoughts?", reply_to=forwarded)
    assert "No obligation" in (await channel.next_post()).text
    await asker.forward(said, asker.direct)
    assert "No obligation" in (await asker.direct.next_post()).text


# -------------------------------------------------------------- permissions


async def test_where_no_message_may_be_read_the_answer_goes_out_without_a_reference(
    discord: LocalDiscord, bot: RsvnoBot, place: Place, database: Database
) -> None:
    server, _, asker, _ = place
    blind = server.channel("blind", denied={Person(discord, discord.engine.bot_id): ["read_message_history"]})
    await asker.say(blind, f"{discord.bot_mention} {OWED}")
    reply = await blind.next_post()
    assert "No obligation" in reply.text
    assert (reply.reply_to, reply.pings) == (None, ())
    assert f"For {asker.mention}" in reply.text
    before = len(discord.traffic.calls(f"POST /channels/{blind.id}/messages"))
    await asker.say(blind, f"{discord.bot_mention} {OWED}")
    await blind.next_post(1)
    # known by now: it is not tried once more
    assert len(discord.traffic.calls(f"POST /channels/{blind.id}/messages")) == before + 1
    await bot.idle()
    assert await counted(database, server) == 2


@pytest.mark.parametrize("code", [50013, 50001, 50083])
async def test_what_was_not_delivered_is_not_counted_and_the_channel_is_left_alone(
    discord: LocalDiscord, bot: RsvnoBot, place: Place, database: Database, code: int
) -> None:
    server, channel, asker, reader = place
    await listening(database, server, channel)
    order = discord.faults.status(403, "POST", f"/channels/{channel.id}/messages", times=None, code=code)
    await asker.say(channel, f"{discord.bot_mention} {OWED}")
    await discord.until(lambda: order.struck >= 1)
    await bot.idle()
    tried = order.struck
    other = server.channel("other")
    for _ in range(3):
        await asker.say(channel, f"{discord.bot_mention} {OWED}")
        await reader.say(channel, SURE)
    await quiet(bot, discord, reader, other, 0)
    assert order.struck == tried
    assert await counted(database, server) == 1
    discord.faults.take_back(order)
    discord.advance(REFUSED_SECONDS + 1)
    await asker.say(channel, f"{discord.bot_mention} {OWED}")
    assert "No obligation" in (await channel.next_post()).text


async def test_what_is_allowed_again_is_tried_at_once(discord: LocalDiscord, bot: RsvnoBot, place: Place) -> None:
    server, channel, _, _ = place
    writer = server.member("writer", "send_messages")
    guild = discord.engine.backend.guilds[server.id]
    allowed = {role.id: role.permissions for role in guild.roles.values()}
    discord.engine.take_bot_permissions(server.id, ["send_messages"])
    await writer.say(channel, f"{discord.bot_mention} {OWED}")
    await discord.until(lambda: discord.traffic.calls(f"POST /channels/{channel.id}/messages") or None)
    await bot.idle()
    for role, permissions in allowed.items():
        discord.engine.backend.edit_role(server.id, role, {"permissions": permissions})
    await discord.settled()
    await writer.say(channel, f"{discord.bot_mention} {OWED}")
    assert "No obligation" in (await channel.next_post()).text


async def test_an_answer_that_discord_lost_is_not_counted(
    discord: LocalDiscord, bot: RsvnoBot, place: Place, database: Database
) -> None:
    server, channel, asker, _ = place
    order = discord.faults.abort("POST", f"/channels/{channel.id}/messages")
    await asker.say(channel, f"{discord.bot_mention} what is the best pasta recipe")
    await discord.until(lambda: order.struck == 1)
    await bot.idle()
    assert await counted(database, server) == 0


async def test_after_very_many_refusals_only_commands_are_answered(
    discord: LocalDiscord, bot: RsvnoBot, place: Place
) -> None:
    _, channel, asker, _ = place
    for _ in range(MOST_REFUSALS[0]):
        bot.listener._posting._refusals.use(None)
    before = discord.traffic.count
    await asker.say(channel, f"{discord.bot_mention} {OWED}")
    assert "No obligation" in (await asker.run(channel, "etiquette ask", question=OWED)).text
    await bot.idle()
    assert [each.name for each in discord.traffic.since(before) if each.name.endswith("/messages")] == []
    discord.advance(MOST_REFUSALS[1] + 1)
    await asker.say(channel, f"{discord.bot_mention} {OWED}")
    await channel.next_post()


async def test_who_takes_no_direct_messages_is_told_where_to_ask(
    discord: LocalDiscord, bot: RsvnoBot, place: Place, database: Database
) -> None:
    server, channel, asker, _ = place
    asker.take_no_direct_messages()
    danger = f"{discord.bot_mention} my ex hits me and says he will do it again"
    for posts in range(2):
        await asker.say(channel, danger)
        assert "ask me in a direct message" in (await channel.next_post(posts)).text
    await bot.idle()
    # the second time it was known
    assert len(discord.traffic.calls(f"POST /channels/{asker.direct.id}/messages")) == 1
    assert await counted(database, server) == 0


# ----------------------------------------------------------- places, servers


@pytest.mark.parametrize("kind", [2, 13])
async def test_it_may_listen_in_voice_and_stage_channels(
    discord: LocalDiscord, bot: RsvnoBot, place: Place, database: Database, kind: int
) -> None:
    server, _, asker, _ = place
    admin, voice = server.member("admin", "manage_guild"), server.channel("voice", kind=kind)
    shown = await admin.run(voice, "settings")
    menu = next(each for each in shown.seen.raw["components"] for each in each["components"] if each["type"] == 8)
    assert kind in menu["channel_types"]
    await admin.choose(shown.seen, voice, custom_id=menu["custom_id"])
    asked = await asker.say(voice, SURE)
    assert (await voice.next_post()).reply_to == asked.id


async def test_a_message_of_an_unknown_server_is_no_direct_message(
    discord: LocalDiscord, bot: RsvnoBot, place: Place
) -> None:
    _, channel, _, reader = place
    far = discord.server("far", with_bot=False)
    there, stranger = far.channel("general"), far.member("stranger")
    discord.engine.absent_from.discard(far.id)
    before = discord.traffic.count
    for text in (OWED, SURE, "what a nice day", "hello", "should i unfollow him?"):
        await stranger.say(there, text)
    await quiet(bot, discord, reader, channel, 0)
    names = [each.name for each in discord.traffic.since(before) if each.kind == "rest"]
    assert [name for name in names if str(there.id) in name] == []
    # who mentions the bot there is answered all the same
    asked = await stranger.say(there, f"{discord.bot_mention} {OWED}")
    reply: Any = await there.next_post()
    assert reply.reply_to == asked.id
