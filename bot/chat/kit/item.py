"""The base of every button, menu and channel menu: found by its custom id, so it works after a restart too."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Generic, TypeVar

import discord

from bot.chat.kit.errors import answer_error, fresh
from bot.chat.kit.host import host_of

Interaction = discord.Interaction[Any]
Component = TypeVar("Component", bound=discord.ui.Item[Any])


class Item(discord.ui.DynamicItem[Component], Generic[Component], template=r"(?!)"):
    """What can be pressed or chosen from. A subclass names its `template` and says in `act` what happens.

    A press that comes too late for Discord is dropped, and what goes wrong is told as for commands.
    """

    @abstractmethod
    async def act(self, interaction: Interaction) -> None:
        """Does what was asked for."""

    async def callback(self, interaction: Interaction) -> None:
        """Called by discord.py."""
        if not fresh(interaction):
            return
        with host_of(interaction).in_flight():
            try:
                await self.act(interaction)
            except Exception as error:
                await answer_error(interaction, error)
