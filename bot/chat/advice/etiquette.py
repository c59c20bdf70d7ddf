"""`/etiquette`: ask anything, browse, help, and what is kept."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.chat.advice.card import help_card
from bot.chat.advice.commands import Situation, suggest
from bot.chat.advice.replies import answer_question
from bot.chat.advice.topics import show_topics
from bot.chat.kit.card import COLOR, plain
from bot.chat.kit.desk import Route
from bot.chat.kit.errors import note_saved
from bot.chat.kit.host import host_of
from bot.chat.kit.item import Button, Interaction, View
from bot.chat.kit.origin import server_of
from bot.chat.kit.sending import answer
from bot.chat.kit.words import told, words


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class Etiquette(app_commands.Group, name="etiquette", description=told("command.etiquette")):
    """The commands that everybody has."""

    @app_commands.command(description=told("command.etiquette_ask"))
    @app_commands.describe(question=told("command.etiquette_ask_question"))
    @app_commands.autocomplete(question=suggest)
    async def ask(self, interaction: Interaction, question: Situation) -> None:
        """Answers any question, privately."""
        await answer_question(interaction, question, Route.COMMAND)

    @app_commands.command(description=told("command.etiquette_topics"))
    async def topics(self, interaction: Interaction) -> None:
        """Opens the list of topics."""
        await show_topics(interaction)

    @app_commands.command(description=told("command.etiquette_help"))
    async def help(self, interaction: Interaction) -> None:
        """Says what the bot can do."""
        card = help_card(host_of(interaction).mention)
        await answer(interaction, embed=card)

    @app_commands.command(description=told("command.etiquette_privacy"))
    async def privacy(self, interaction: Interaction) -> None:
        """Says what is kept, and offers to delete it."""
        settings = await host_of(interaction).desk.settings(server_of(interaction))
        lines = [words("privacy.text")]
        if settings.inbox:
            lines.append(words("privacy.inbox_on", count=settings.inbox_days))
        lines.append(words("privacy.editor"))
        card = plain(words("privacy.title"), "\n".join(lines), COLOR)
        await answer(interaction, embed=card, view=View(ForgetMe()))


class ForgetMe(Button, name="forget"):
    """Deletes all that hangs on the person who presses it."""

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("privacy.forget"), style=discord.ButtonStyle.danger)

    async def act(self, interaction: Interaction) -> None:
        rows = await host_of(interaction).desk.database.forget_person(interaction.user.id)
        note_saved(interaction)
        await answer(interaction, words("privacy.forgotten", count=rows))
