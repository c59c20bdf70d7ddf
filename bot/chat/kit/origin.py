"""Where something comes from: which server's data may be touched for it, if any, and in which channel it is."""

from __future__ import annotations

from typing import Any

import discord


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
