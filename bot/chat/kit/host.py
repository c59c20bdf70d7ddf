"""What commands, buttons and the listener need of the client that runs them, so that they need not know it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol, cast

import discord

from bot.advice.advisor import Advisor
from bot.chat.kit.desk import Desk
from bot.chat.kit.discord_time import DiscordTime
from bot.chat.kit.limits import Limits
from bot.chat.kit.metrics import Metrics
from bot.chat.kit.origin import channels_of, server_of


class Host(Protocol):
    """The running bot, as its rooms see it."""

    advisor: Advisor
    desk: Desk
    metrics: Metrics
    limits: Limits
    time: DiscordTime

    @property
    def user(self) -> discord.ClientUser | None: ...

    @property
    def intents(self) -> discord.Intents: ...

    @property
    def mention(self) -> str:
        """What people write to mention the bot."""
        ...

    def without_mention(self, text: str, guild: discord.Guild | None = None) -> str:
        """Returns `text` without that mention, and that of the bot's own role in a server."""
        ...

    def in_flight(self) -> AbstractContextManager[None]:
        """Marks that an answer is being made: a stop waits for it."""
        ...


def host_of(interaction: discord.Interaction[Any]) -> Host:
    """Returns our own client, which discord.py hands through as the general kind."""
    return cast("Host", interaction.client)


async def advisor_of(interaction: discord.Interaction[Any]) -> Advisor:
    """Returns the advisor with what a server has for the channel in which something was pressed or typed."""
    return await host_of(interaction).desk.advisor_for(server_of(interaction), channels_of(interaction.channel))


async def whole_advisor_of(interaction: discord.Interaction[Any]) -> Advisor:
    """Returns the advisor with all guidance of that server, whatever it is limited to: for those who edit it."""
    return await host_of(interaction).desk.whole_advisor_for(server_of(interaction))
