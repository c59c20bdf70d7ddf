"""The hello on joining a server: what to type, and for admins where the bot may listen."""

from __future__ import annotations

import logging
from typing import Any, cast

import discord

from bot.chat.kit.card import COLOR, plain
from bot.chat.kit.errors import UNREACHABLE
from bot.chat.kit.host import Host
from bot.chat.kit.item import Button, ChannelMenu, Interaction, View, chosen
from bot.chat.kit.logs import log_out_of_reach
from bot.chat.kit.origin import WITH_TEXT
from bot.chat.kit.permissions import managers, store_of
from bot.chat.kit.sending import answer, post
from bot.chat.kit.text import as_text
from bot.chat.kit.words import speak, words
from bot.chat.settings.commands import MAX_CHANNELS, deaf_note, listening_in, mentioned_channels
from bot.storage import StorageFault

log = logging.getLogger(__name__)


async def say_hello(bot: Host, guild: discord.Guild) -> None:
    """Says one short hello where the bot may write: once a server, also when it joins again within 30 days."""
    database = bot.desk.database
    store = database.server(guild.id)
    try:
        await database.joined(guild.id)
        if (await store.settings.get()).greeted:
            return
        channel = _where_to_speak(guild)
        if channel is None:
            return
        await store.settings.change(greeted=True)
    except StorageFault as fault:
        # better no hello than one at every restart
        log_out_of_reach(fault)
        return
    speak(guild.preferred_locale)
    text = words("hello.text") + "\n\n" + words("hello.admins")
    card = plain(words("hello.title", name=guild.me.display_name), text, COLOR)
    view = View(ListenHere(), ChooseChannels(), OnlyMentioned())
    try:
        if channel.permissions_for(guild.me).embed_links:
            await post(channel, embed=card, view=view)
        else:
            await post(channel, as_text([card]), view=view)
    except UNREACHABLE as error:
        log.warning("the hello could not be said: %s", type(error).__name__)


def _where_to_speak(guild: discord.Guild) -> discord.TextChannel | None:
    """Returns the system channel, or else the first text channel, in which the bot may write."""
    for channel in (guild.system_channel, *guild.text_channels):
        if channel is None:
            continue
        permissions = channel.permissions_for(guild.me)
        if permissions.view_channel and permissions.send_messages:
            return channel
    return None


class ListenHere(Button, name="listen:here", permission=managers):
    """Lets the bot listen in this channel too."""

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("hello.here"))

    async def act(self, interaction: Interaction) -> None:
        settings = await store_of(interaction).settings.get()
        await listen_in(interaction, settings.listening_channels | {cast("int", interaction.channel_id)})


class ChooseChannels(Button, name="listen:choose", permission=managers):
    """Asks in which channels the bot may listen."""

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("hello.choose"))

    async def act(self, interaction: Interaction) -> None:
        await answer(interaction, words("hello.menu"), view=View(ListenChannels()))


class OnlyMentioned(Button, name="listen:mentioned", permission=managers):
    """Lets the bot speak only when it is asked."""

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("hello.mentioned"), style=discord.ButtonStyle.primary)

    async def act(self, interaction: Interaction) -> None:
        await store_of(interaction).settings.change(listening="mentioned")
        await answer(interaction, words("hello.done_mentioned"))


class ListenChannels(ChannelMenu, name="listen-channels", permission=managers):
    """Chooses the channels in which the bot may answer unasked."""

    def draw(self) -> discord.ui.ChannelSelect[Any]:
        return discord.ui.ChannelSelect(
            placeholder=words("hello.menu"), channel_types=WITH_TEXT, min_values=1, max_values=MAX_CHANNELS
        )

    async def act(self, interaction: Interaction) -> None:
        await listen_in(interaction, frozenset(int(value) for value in chosen(interaction)))


async def listen_in(interaction: Interaction, channels: frozenset[int]) -> None:
    """Lets the bot listen in exactly these channels, and says so."""
    await store_of(interaction).settings.change(**listening_in(channels))
    lines = [words("hello.done_here", channels=mentioned_channels(channels)), deaf_note(interaction)]
    await answer(interaction, "\n".join(line for line in lines if line))
