"""Who may do what on a server, and where that server's data is."""

from __future__ import annotations

from functools import partial
from typing import Any

import discord

from bot.chat.kit.errors import NotPermitted, note_saved
from bot.chat.kit.host import host_of
from bot.chat.kit.origin import server_of
from bot.chat.kit.servers import role_ids
from bot.storage import ServerStore


async def managers(interaction: discord.Interaction[Any]) -> bool:
    """Returns whether this is somebody who manages the server, which itself invited the bot."""
    return server_of(interaction) is not None and interaction.permissions.manage_guild


async def editors(interaction: discord.Interaction[Any]) -> bool:
    """Returns whether this is somebody who may edit the server's guidance: who manages it, and the roles it named."""
    server = server_of(interaction)
    if server is None:
        return False
    if interaction.permissions.manage_guild:
        return True
    member = interaction.user
    roles = role_ids(member) if isinstance(member, discord.Member) else frozenset()
    return bool(roles & (await host_of(interaction).desk.settings(server)).editor_roles)


def may_post(interaction: discord.Interaction[Any]) -> bool:
    """Returns whether who pressed or typed may write here what we would write in their stead: words and an embed."""
    permissions = interaction.permissions
    if interaction.guild_id is None:
        return True
    thread = isinstance(interaction.channel, discord.Thread)
    writing = permissions.send_messages_in_threads if thread else permissions.send_messages
    return writing and permissions.embed_links


def store_of(interaction: discord.Interaction[Any]) -> ServerStore:
    """Returns the data of the server that an interaction came from. Raises NotPermitted if it may not be touched."""
    server = server_of(interaction)
    if server is None:
        raise NotPermitted
    return host_of(interaction).desk.database.server(server, partial(note_saved, interaction))
