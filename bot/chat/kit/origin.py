"""Where something comes from: which server's data may be touched, in which channel it is, and if it is for us."""

from __future__ import annotations

import re
from typing import Any

import discord

WITH_TEXT = [
    discord.ChannelType.text, discord.ChannelType.news, discord.ChannelType.forum, discord.ChannelType.media,
    discord.ChannelType.voice, discord.ChannelType.stage_voice,
]  # fmt: skip
"""Channels in which people write; a thread counts as the one that it belongs to."""


def server_of(interaction: discord.Interaction[Any]) -> int | None:
    """Returns the server whose data an interaction may read and count in; None for none.

    Somebody who installed the app for themselves can use it in a server where the bot is not. The call then carries
    that server's id and that member's permissions; nothing of the server's may be touched.
    """
    if interaction.guild_id is None or not interaction.is_guild_integration():
        return None
    return interaction.guild_id


def channels_of(channel: Any) -> frozenset[int]:
    """Returns the id of a channel and, of a thread, that of the channel it belongs to; none if there is no channel."""
    ids = (getattr(channel, "id", None), getattr(channel, "parent_id", None))
    return frozenset(each for each in ids if each is not None)


def server_of_message(message: discord.Message) -> int | None:
    """Returns the server of a message, also of one that is not in memory; None for a direct message."""
    if message.guild is not None:
        return message.guild.id
    return getattr(message.channel, "guild_id", None)


def names_us(message: discord.Message, user: discord.ClientUser | None) -> bool:
    """Returns whether a message holds our mention, or that of the role that Discord made for us in its server.

    A reply that pings its author does not, nor do `@everyone` and other roles.
    """
    if user is None:
        return False
    written = user in message.mentions and re.search(rf"<@!?{user.id}>", message.content) is not None
    role = own_role(message.guild)
    if written or role is None:
        return written
    return f"<@&{role}>" in message.content or any(each.id == role for each in message.role_mentions)


def own_role(guild: discord.Guild | None) -> int | None:
    """Returns the id of the role that Discord made for us in a server, if there is one."""
    role = guild.self_role if guild is not None else None
    return role.id if role is not None else None


def without_mentions(text: str, user: discord.ClientUser | None, guild: discord.Guild | None) -> str:
    """Returns `text` without the mentions of ourselves and of our own role in a server."""
    role = own_role(guild)
    names = [rf"!?{user.id}"] if user is not None else []
    names += [rf"&{role}"] if role is not None else []
    return re.sub(rf"<@(?:{'|'.join(names)})>", "", text).strip(" ,:;!\n") if names else text.strip()
