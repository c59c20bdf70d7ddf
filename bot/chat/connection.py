"""Where Discord is: its own hosts, or those that the settings name (a proxy, or a Discord of one's own)."""

from __future__ import annotations

import discord
import yarl

from bot.configuration import DiscordSettings


def point_library_at(settings: DiscordSettings) -> None:
    """Points discord.py at other hosts. It keeps them in class attributes, so this holds for the whole process."""
    if settings.api_url is not None:
        discord.http.Route.BASE = str(settings.api_url).rstrip("/")
    if settings.gateway_url is not None:
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(str(settings.gateway_url))
