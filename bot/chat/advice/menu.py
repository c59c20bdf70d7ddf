"""A message's menu: advice about that message, privately."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.chat.advice.replies import answer_privately
from bot.chat.kit.desk import Route
from bot.chat.kit.errors import Refusal
from bot.chat.kit.words import words

NAME = words("command.context_menu")


@app_commands.context_menu(name=NAME)
@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
async def etiquette_advice(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    """Answers the message that the menu was opened on."""
    if not message.content.strip():
        raise Refusal("error.nothing_said")
    await answer_privately(interaction, message.content, Route.MENU)
