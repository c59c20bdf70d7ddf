"""What people can do, and see, with a bare client on the other side."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import discord as library
import pytest
from discord import app_commands

from bot.local import LocalDiscord, NotAllowed, NotAnswered
from tests.local.conftest import Bare, Connect

Interaction = library.Interaction[Any]
Command = app_commands.Command[Any, ..., None]


async def test_every_kind_of_option_arrives_as_what_it_is(discord: LocalDiscord, connect: Connect) -> None:
    client = Bare()
    group = app_commands.Group(name="tools", description="tools")
    inner = app_commands.Group(name="deep", description="deep", parent=group)

    @inner.command(name="all", description="all")
    async def everything(
        interaction: Interaction, text: str, number: int, ratio: float, yes: bool, who: library.Member,
        where: library.TextChannel, role: library.Role, file: library.Attachment,
    ) -> None:  # fmt: skip
        data = await file.read()
        await interaction.response.send_message(
            f"{text} {number} {ratio} {yes} {who.name} {where.name} {role.name} {data.decode()}"
        )

    client.tree.add_command(group)
    await connect(client)
    server = discord.server()
    channel, asker, role = server.channel("general"), server.member("asker"), server.role("cooks")
    answer = await asker.run(
        channel, "tools deep all", text="t", number=3, ratio=0.5, yes=True, who=asker, where=channel, role=role,
        file=("a.txt", b"inside"),
    )  # fmt: skip
    assert answer.text == "t 3 0.5 True asker general cooks inside"
    with pytest.raises(NotAllowed):
        await asker.run(channel, "tools deep all", text="t")
    with pytest.raises(NotAllowed):
        await asker.run(channel, "tools deep none")


async def test_suggestions_buttons_menus_and_forms(discord: LocalDiscord, connect: Connect) -> None:
    client = Bare()

    class Form(library.ui.Modal, title="A form"):
        name: library.ui.TextInput[Any] = library.ui.TextInput(label="Name", custom_id="name", default="held")
        long: library.ui.TextInput[Any] = library.ui.TextInput(
            label="Long", custom_id="long", required=False, min_length=3, style=library.TextStyle.long
        )

        async def on_submit(self, interaction: Interaction) -> None:
            await interaction.response.edit_message(content=f"{self.name.value}/{self.long.value}", view=None)

    class View(library.ui.View):
        @library.ui.button(label="Form")
        async def form(self, interaction: Interaction, _: Any) -> None:
            await interaction.response.send_modal(Form())

        @library.ui.button(label="Off", disabled=True)
        async def off(self, interaction: Interaction, _: Any) -> None: ...

        @library.ui.select(options=[library.SelectOption(label="One", value="1"), library.SelectOption(label="Two")])
        async def menu(self, interaction: Interaction, select: library.ui.Select[Any]) -> None:
            await interaction.response.edit_message(content=f"chose {select.values}")

        @library.ui.select(cls=library.ui.ChannelSelect)
        async def channel(self, interaction: Interaction, select: library.ui.ChannelSelect[Any]) -> None:
            await interaction.response.edit_message(content=f"chose #{select.values[0].name}")

    @client.tree.command(description="open")
    async def start(interaction: Interaction, word: str) -> None:
        await interaction.response.send_message(word, view=View())

    @start.autocomplete("word")
    async def words(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{typed}{n}", value=f"{typed}{n}") for n in range(3)]

    await connect(client)
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    assert await asker.type(channel, "start", "word", "ab") == ["ab0", "ab1", "ab2"]
    answer = await asker.run(channel, "start", word="hello")
    assert answer.seen.labels == ["Form", "Off"]
    menus = answer.seen.menus
    assert menus[0].options == {"One": "1", "Two": "Two"}
    assert (await asker.choose(answer.seen, "One", custom_id=menus[0].custom_id)).text == "chose ['1']"
    assert (await asker.choose(answer.seen, channel, custom_id=menus[1].custom_id)).text == "chose #general"
    for wrong in (
        asker.press(answer.seen, "Off"),
        asker.press(answer.seen, "None"),
        asker.choose(answer.seen, "Three", custom_id=menus[0].custom_id),
    ):
        with pytest.raises(NotAllowed):
            await wrong
    opened = await asker.press(answer.seen, "Form")
    assert opened.form is not None
    assert opened.form.title == "A form"
    assert opened.form.filled == {"name": "held", "long": ""}
    with pytest.raises(NotAllowed):
        await asker.submit(opened, long="ab")
    done = await asker.submit(opened, long="abc")
    assert done.kind == "update"
    assert done.text == "held/abc"
    with pytest.raises(NotAllowed):
        await asker.submit(opened)


async def test_thinking_follow_ups_edits_and_private_answers(discord: LocalDiscord, connect: Connect) -> None:
    client = Bare()
    go = asyncio.Event()

    @client.tree.command(description="slow")
    async def slow(interaction: Interaction) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        await go.wait()
        await interaction.followup.send("first", ephemeral=True)
        second = await interaction.followup.send("second", ephemeral=True, wait=True)
        await second.edit(content="second, better")
        await interaction.edit_original_response(content="first, better")

    await connect(client)
    server = discord.server()
    channel, asker, reader = server.channel("general"), server.member("asker"), server.member("reader")
    answer = await asker.run(channel, "slow", wait=False)
    await discord.until(lambda: answer.kind == "deferred")
    assert answer.seen.thinking
    assert not answer.done
    go.set()
    await discord.until(lambda: answer.done and answer.text == "first, better")
    assert not answer.seen.thinking
    assert answer.private
    assert [seen.text for seen in answer.followups] == ["second, better"]
    assert reader.sees(channel) == []
    assert len(asker.sees(channel)) == 2


async def test_a_command_that_never_answers(discord: LocalDiscord, connect: Connect) -> None:
    client = Bare()

    @client.tree.command(description="silent")
    async def silent(interaction: Interaction) -> None: ...

    await connect(client)
    server = discord.server()
    with pytest.raises(NotAnswered, match="did not respond"):
        await server.member("asker").run(server.channel("general"), "silent")


async def test_uploads_come_back_from_their_own_address(discord: LocalDiscord, connect: Connect) -> None:
    client = Bare()

    @client.tree.command(description="file")
    async def give(interaction: Interaction) -> None:
        await interaction.response.send_message(file=library.File(io.BytesIO(b"\x00\x01data"), "picture.png"))

    await connect(client)
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    answer = await asker.run(channel, "give")
    (name, address), *_ = answer.seen.files
    assert name == "picture.png"
    assert address.startswith(discord.url)
    assert await client.http.get_from_cdn(address) == b"\x00\x01data"
    said = await asker.say(channel, "look", files=[("mine.txt", b"mine")])
    await client.hears(1)
    assert said.files[0][0] == "mine.txt"


async def test_channels_threads_and_direct_messages_keep_their_permissions(
    discord: LocalDiscord, connect: Connect
) -> None:
    client = await connect(Bare(intents=library.Intents.all()))
    server = discord.server()
    asker, reader = server.member("asker"), server.member("reader")
    hidden = server.channel("hidden", denied={asker: ["view_channel"]})
    mute = server.channel("mute", denied={server: ["send_messages"]})
    general = server.channel("general")
    thread = general.thread("talk", reader)
    with pytest.raises(NotAllowed):
        asker.sees(hidden)
    for channel in (hidden, mute):
        with pytest.raises(NotAllowed):
            await asker.say(channel, "hello")
    await reader.say(hidden, "one")
    await asker.say(thread, "two")
    await asker.say(asker.direct, "three")
    assert await client.hears(3) == ["one", "two", "three"]
    with pytest.raises(NotAllowed):
        reader.sees(asker.direct)
    said = await asker.say(general, "mine")
    with pytest.raises(NotAllowed):
        await reader.delete(said)
    with pytest.raises(NotAllowed):
        await reader.edit(said, "yours")
    await server.member("mo", "manage_messages").delete(said)
    assert asker.look(said) is None


async def test_who_would_be_pinged_is_recorded(discord: LocalDiscord, connect: Connect) -> None:
    client = await connect(Bare())
    server = discord.server()
    channel, asker, role = server.channel("general"), server.member("asker"), server.role("cooks", mentionable=True)
    text = f"@everyone {asker.mention} {role.mention}"
    target = client.get_partial_messageable(channel.id)
    said = await asker.say(channel, "hello")
    for number, (allowed, expected) in enumerate(
        [
            (library.AllowedMentions.none(), ()),
            (library.AllowedMentions(everyone=False, users=True, roles=False), (f"user:{asker.id}",)),
            (library.AllowedMentions(everyone=False, users=False, roles=True), (f"role:{role.id}",)),
            (library.AllowedMentions.all(), (f"user:{asker.id}", f"role:{role.id}", "everyone")),
        ]
    ):
        await target.send(text, allowed_mentions=allowed)
        assert (await channel.next_post(number)).pings == expected
    message = await target.fetch_message(said.id)
    await message.reply("answer", mention_author=True)
    assert (await channel.next_post(4)).pings == (f"user:{asker.id}",)
    await message.reply("answer", mention_author=False)
    assert (await channel.next_post(5)).pings == ()


async def test_commands_are_offered_by_permission_and_by_installation(discord: LocalDiscord, connect: Connect) -> None:
    client = Bare()
    came: list[tuple[bool, bool]] = []

    async def note(interaction: Interaction) -> None:
        came.append((interaction.is_guild_integration(), interaction.is_user_integration()))
        await interaction.response.send_message("ok", ephemeral=True)

    here: Command = app_commands.Command(name="here", description="server only", callback=note)
    here.allowed_installs = app_commands.AppInstallationType(guild=True, user=False)
    anywhere: Command = app_commands.Command(name="anywhere", description="both", callback=note)
    anywhere.allowed_installs = app_commands.AppInstallationType(guild=True, user=True)
    anywhere.allowed_contexts = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
    managers: Command = app_commands.Command(name="managers", description="for managers", callback=note)
    managers.default_permissions = library.Permissions(manage_guild=True)
    for command in (here, anywhere, managers):
        client.tree.add_command(command)
    await connect(client)
    server, far = discord.server(), discord.server("far", with_bot=False)
    channel, outside = server.channel("general"), far.channel("general")
    asker, admin = server.member("asker"), server.member("admin", "manage_guild")
    far.join(asker)
    friend = discord.person("friend")
    private = discord.private_channel(asker, friend)
    assert asker.commands(channel) == ["anywhere", "here"]
    assert admin.commands(channel) == ["anywhere", "here", "managers"]
    assert asker.commands(outside) == []
    assert asker.commands(private) == []
    asker.install()
    assert asker.commands(outside) == ["anywhere"]
    assert asker.commands(private) == ["anywhere"]
    assert friend.commands(private) == []
    for place in (channel, outside, private):
        await asker.run(place, "anywhere")
    assert came == [(True, True), (False, True), (False, True)]
    assert [guild.id for guild in client.guilds] == [server.id]


async def test_servers_are_joined_and_left(discord: LocalDiscord, connect: Connect) -> None:
    client = Bare()
    events: list[str] = []

    @client.event
    async def on_guild_join(guild: library.Guild) -> None:
        events.append(f"join {guild.name}")
        client.news.set()

    @client.event
    async def on_guild_remove(guild: library.Guild) -> None:
        events.append(f"remove {guild.name}")
        client.news.set()

    await connect(client)
    discord.server("known")
    new = discord.server("new", with_bot=False)
    for act, expected in ((new.add_bot, "join new"), (new.kick_bot, "remove new"), (new.add_bot, "join new")):
        client.news.clear()
        act()
        await client.news.wait()
        assert events[-1] == expected
    leaving = client.get_guild(new.id)
    assert leaving is not None
    client.news.clear()
    await leaving.leave()
    await client.news.wait()
    assert events == ["join new", "remove new", "join new", "remove new"]
