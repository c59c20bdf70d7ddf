"""The base of every form."""

from __future__ import annotations

from abc import abstractmethod

import discord

from bot.chat.kit.errors import answer_error
from bot.chat.kit.host import host_of
from bot.chat.kit.item import Interaction
from bot.chat.kit.words import speak


class Form(discord.ui.Modal):
    """A form. A subclass adds its fields, and says in `submitted` what happens with what was filled in."""

    @abstractmethod
    async def submitted(self, interaction: Interaction) -> None:
        """Does what the form is for."""

    async def on_submit(self, interaction: Interaction, /) -> None:
        """Called by discord.py."""
        speak(interaction.locale)
        with host_of(interaction).in_flight():
            try:
                host_of(interaction).limits.presses.check(interaction.user.id)
                await self.submitted(interaction)
            except Exception as error:
                await answer_error(interaction, error)
