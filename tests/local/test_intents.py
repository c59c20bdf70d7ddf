"""What a client hears depends on the intents that it asked for."""

from __future__ import annotations

from typing import Any

import discord as library

from bot.local import LocalDiscord
from tests.local.conftest import Bare, Connect


async def test_text_is_hidden_without_message_content_but_where_discord_shows_it(
    discord: LocalDiscord, connect: Connect
) -> None:
    client = Bare(intents=library.Intents.default())
    targets: list[str] = []

    @client.tree.context_menu(name="Read")
    async def read(interaction: library.Interaction[Any], message: library.Message) -> None:
        targets.append(message.content)
        await interaction.response.send_message("ok", ephemeral=True)

    await connect(client)
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    said = await asker.say(channel, "hidden", files=[("a.txt", b"x")])
    await asker.say(channel, f"{discord.bot_mention} shown")
    await asker.say(asker.direct, "direct")
    assert await client.hears(3) == ["", f"{discord.bot_mention} shown", "direct"]
    assert client.heard[0].attachments == []
    own = await client.get_partial_messageable(channel.id).send("mine")
    await asker.say(channel, "a reply", reply_to=asker.look(await channel.next_post()))
    assert (await client.hears(4))[3] in ("", "a reply")
    await asker.use_on(said, "Read")
    assert targets == ["hidden"]
    assert own.content == "mine"


async def test_text_is_shown_with_message_content(discord: LocalDiscord, connect: Connect) -> None:
    client = await connect(Bare(intents=library.Intents.all()))
    server = discord.server()
    await server.member("asker").say(server.channel("general"), "shown")
    assert await client.hears(1) == ["shown"]


async def test_without_guilds_nothing_of_servers_is_heard(discord: LocalDiscord, connect: Connect) -> None:
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    client = await connect(Bare(intents=library.Intents(dm_messages=True, guild_messages=True)))
    await asker.say(channel, "in a server")
    await asker.say(asker.direct, "direct")
    assert await client.hears(1) == ["direct"]
    assert list(client.guilds) == []


async def test_only_the_bots_own_member_comes_with_a_server(discord: LocalDiscord, connect: Connect) -> None:
    server = discord.server()
    server.member("asker")
    client = await connect(Bare())
    guild = client.get_guild(server.id)
    assert guild is not None
    assert [member.id for member in guild.members] == [discord.engine.bot_id]
    found = await guild.query_members("asker")
    assert [member.name for member in found] == ["asker"]
