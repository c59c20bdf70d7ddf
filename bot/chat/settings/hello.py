"""The hello on joining a server: what to type, and for admins where the bot may listen."""

from __future__ import annotations

import logging
import re
from typing import Any, Self, cast

import aiohttp
import discord

from bot.chat.advice import card as cards
from bot.chat.kit.errors import NotPermitted
from bot.chat.kit.host import host_of
from bot.chat.kit.item import Interaction, Item
from bot.chat.kit.origin import server_of
from bot.chat.kit.words import words
from bot.guidance.models import Verdict
from bot.storage import StorageFault

log = logging.getLogger(__name__)

MOST_CHANNELS = 25


async def say_hello(bot: Any, guild: discord.Guild) -> None:
    """Says one short hello where the bot may write: once a server, also when it joins again within 30 days."""
    store = bot.desk.database.server(guild.id)
    try:
        await bot.desk.database.joined(guild.id)
        if (await store.settings()).greeted:
            return
        channel = _where_to_speak(guild)
        if channel is None:
            return
        await store.change_settings(greeted=True)
    except StorageFault as fault:
        # better no hello than one at every restart
        log.warning("what servers keep is out of reach: %s", fault)
        return
    text = words("hello.text") + "\n\n" + words("hello.admins")
    card = cards.plain(words("hello.title", name=guild.me.display_name), text, cards.COLORS[Verdict.HOW_TO])
    view = discord.ui.View(timeout=None)
    for choice in ("here", "choose", "mentioned"):
        view.add_item(Listen(choice))
    try:
        if channel.permissions_for(guild.me).embed_links:
            await channel.send(embed=card, view=view)
        else:
            await channel.send(cards.as_text([card]), view=view)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
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


def _check_admin(interaction: Interaction) -> int:
    server = server_of(interaction)
    if server is None or not interaction.permissions.manage_guild:
        raise NotPermitted
    return server


class Listen(Item[discord.ui.Button[Any]], template=r"rsvno:listen:(?P<choice>here|choose|mentioned)"):
    """Lets the bot listen here, in chosen channels, or only when mentioned. For who may manage the server."""

    def __init__(self, choice: str) -> None:
        self.choice = choice
        super().__init__(
            discord.ui.Button(
                label=words(f"hello.{choice}"),
                custom_id=f"rsvno:listen:{choice}",
                style=discord.ButtonStyle.primary if choice == "mentioned" else discord.ButtonStyle.secondary,
            )
        )

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: re.Match[str], /) -> Self:
        return cls(match["choice"])

    async def act(self, interaction: Interaction) -> None:
        server = _check_admin(interaction)
        if self.choice == "choose":
            view = discord.ui.View(timeout=None)
            view.add_item(ListenChannels())
            await interaction.response.send_message(words("hello.menu", interaction.locale), view=view, ephemeral=True)
            return
        store = host_of(interaction).desk.database.server(server)
        if self.choice == "mentioned":
            await store.change_settings(listening="mentioned")
            await interaction.response.send_message(words("hello.done_mentioned", interaction.locale), ephemeral=True)
            return
        settings = await store.settings()
        channel = cast("int", interaction.channel_id)
        await listen_in(interaction, settings.listening_channels | {channel})


class ListenChannels(Item[discord.ui.ChannelSelect[Any]], template=r"rsvno:listen-channels"):
    """Chooses the channels in which the bot may answer unasked."""

    def __init__(self) -> None:
        super().__init__(
            discord.ui.ChannelSelect(
                custom_id="rsvno:listen-channels",
                placeholder=words("hello.menu"),
                channel_types=[discord.ChannelType.text, discord.ChannelType.forum, discord.ChannelType.news],
                min_values=1,
                max_values=MOST_CHANNELS,
            )
        )

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: re.Match[str], /) -> Self:
        return cls()

    async def act(self, interaction: Interaction) -> None:
        _check_admin(interaction)
        data = cast("dict[str, Any]", interaction.data)
        await listen_in(interaction, frozenset(int(value) for value in data["values"]))


async def listen_in(interaction: Interaction, channels: frozenset[int]) -> None:
    """Lets the bot listen in exactly these channels, and says so."""
    bot = host_of(interaction)
    server = _check_admin(interaction)
    await bot.desk.database.server(server).change_settings(listening="channels", listening_channels=channels)
    text = words(
        "hello.done_here", interaction.locale, channels=", ".join(f"<#{channel}>" for channel in sorted(channels))
    )
    if not bot.intents.message_content:
        text += "\n" + words("hello.no_content", interaction.locale)
    await interaction.response.send_message(text, ephemeral=True)


ITEMS = (Listen, ListenChannels)
