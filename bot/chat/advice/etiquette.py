"""`/etiquette`: ask anything, browse, help, and what is kept."""

from __future__ import annotations

from typing import Any, Self

import discord
from discord import app_commands

from bot.chat.advice import card as cards
from bot.chat.advice.commands import Situation, suggest
from bot.chat.advice.replies import answer_privately
from bot.chat.advice.topics import show_topics
from bot.chat.kit.desk import Route
from bot.chat.kit.host import host_of
from bot.chat.kit.item import Interaction, Item
from bot.chat.kit.origin import server_of
from bot.chat.kit.words import described, words
from bot.guidance.models import Verdict


class Etiquette(
    app_commands.Group,
    name="etiquette",
    description=words("command.etiquette"),
):
    """The commands that everybody has."""

    def __init__(self) -> None:
        super().__init__(
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
        )

    @app_commands.command(description=described("command.etiquette_ask"))
    @app_commands.describe(question=described("command.etiquette_ask_question"))
    @app_commands.autocomplete(question=suggest)
    async def ask(self, interaction: Interaction, question: Situation) -> None:
        """Answers any question, privately."""
        await answer_privately(interaction, question, Route.COMMAND)

    @app_commands.command(description=described("command.etiquette_topics"))
    async def topics(self, interaction: Interaction) -> None:
        """Opens the list of topics."""
        await show_topics(interaction)

    @app_commands.command(description=described("command.etiquette_help"))
    async def help(self, interaction: Interaction) -> None:
        """Says what the bot can do."""
        await interaction.response.send_message(embed=help_card(interaction), ephemeral=True)

    @app_commands.command(description=described("command.etiquette_privacy"))
    async def privacy(self, interaction: Interaction) -> None:
        """Says what is kept, and offers to delete it."""
        server = server_of(interaction)
        settings = await host_of(interaction).desk.settings(server)
        text = words("privacy.text", interaction.locale)
        if settings.inbox:
            text += "\n" + words("privacy.inbox_on", interaction.locale, days=settings.inbox_days)
        text += "\n" + words("privacy.editor", interaction.locale)
        view = discord.ui.View(timeout=None)
        view.add_item(ForgetMe())
        card = cards.plain(words("privacy.title", interaction.locale), text, cards.COLORS[Verdict.HOW_TO])
        await interaction.response.send_message(embed=card, view=view, ephemeral=True)


def help_card(interaction: Interaction) -> discord.Embed:
    """Returns the card that says what the bot can do."""
    return help_text(host_of(interaction).mention, interaction.locale)


def help_text(mention: str, locale: discord.Locale | None) -> discord.Embed:
    """The same, for a message that mentions the bot without a question."""
    text = words("help.text", locale, mention=mention)
    return cards.plain(words("help.title", locale), text, cards.COLORS[Verdict.HOW_TO])


class ForgetMe(Item[discord.ui.Button[Any]], template=r"rsvno:forget"):
    """Deletes all that hangs on the person who presses it."""

    def __init__(self) -> None:
        super().__init__(
            discord.ui.Button(label=words("privacy.forget"), custom_id="rsvno:forget", style=discord.ButtonStyle.danger)
        )

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: Any, /) -> Self:
        return cls()

    async def act(self, interaction: Interaction) -> None:
        rows = await host_of(interaction).desk.database.forget_person(interaction.user.id)
        await interaction.response.send_message(
            words("privacy.forgotten", interaction.locale, rows=rows), ephemeral=True
        )


ITEMS = (ForgetMe,)
