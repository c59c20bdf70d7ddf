"""A text is read once: on every path a question is encoded one time, and a new entry's wordings one time each."""

from __future__ import annotations

from typing import Any

import pytest

from bot.chat.advice.buttons import Choice
from bot.chat.client import RsvnoBot
from bot.local import Channel, LocalDiscord, Person, Server
from bot.storage import Database
from tests.chat.cards import pick
from tests.chat.test_guidance import add

ASKED = "do i have to follow back everyone in the promo corner"
READ = ASKED.replace("promo", "promotion")
"""The same as the encoder gets it: chat words written out."""
Place = tuple[Server, Channel, Person]


@pytest.fixture
async def place(discord: LocalDiscord, bot: RsvnoBot, encoded: list[str]) -> Place:
    """A server with guidance of its own that is ready, a channel, and an admin; nothing is counted yet."""
    server = discord.server()
    channel, admin = server.channel("general"), server.member("admin", "manage_guild")
    await add(admin, channel, discord)
    await admin.run(channel, "etiquette ask", question="ready?")
    await bot.idle()
    encoded.clear()
    return server, channel, admin


async def test_a_question_is_encoded_once_by_each_command(place: Place, encoded: list[str]) -> None:
    _, channel, admin = place
    for command, option in (
        ("etiquette ask", "question"),
        ("shouldifollowback", "situation"),
        ("decline", "invitation"),
        ("guidance test", "question"),
    ):
        encoded.clear()
        options: dict[str, Any] = {option: ASKED}
        await admin.run(channel, command, **options)
        assert encoded == [READ], command
    encoded.clear()
    await admin.type(channel, "etiquette ask", "question", "follow back everyone")
    assert encoded == ["follow back everyone"]


async def test_a_question_is_encoded_once_by_menu_mention_and_button(
    discord: LocalDiscord, bot: RsvnoBot, place: Place, encoded: list[str]
) -> None:
    _, channel, admin = place
    said = await admin.say(channel, ASKED)
    await admin.use_on(said, "Etiquette advice")
    assert encoded == [READ]
    encoded.clear()
    posts = len(channel.posted())
    await admin.say(channel, f"{discord.bot_mention} {ASKED}")
    reply = await channel.next_post(posts)
    assert encoded == [READ]
    encoded.clear()
    await pick(admin, reply, Choice.OTHER)
    assert encoded == [READ]


async def test_an_overheard_message_is_encoded_once(
    discord: LocalDiscord, bot: RsvnoBot, database: Database, place: Place, encoded: list[str]
) -> None:
    server, channel, admin = place
    await database.server(server.id).settings.change(listening="channels", listening_channels=frozenset({channel.id}))
    posts = len(channel.posted())
    await admin.say(channel, ASKED)
    await channel.next_post(posts)
    assert encoded == [READ]


async def test_wordings_are_encoded_once_when_an_entry_is_saved(
    discord: LocalDiscord, place: Place, encoded: list[str]
) -> None:
    _, channel, admin = place
    wordings = ["who may post art in the gallery", "is the gallery open to all"]
    await add(admin, channel, discord, question="Who posts in the gallery?", wordings="\n".join(wordings))
    assert sorted(encoded) == sorted(["who posts in the gallery?", *wordings])
