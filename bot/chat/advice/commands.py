"""`/shouldifollowback`, `/decline` and a message's menu: what people come for."""

from __future__ import annotations

from functools import partial

import discord
from discord import app_commands

from bot.advice import declining, suggesting
from bot.advice.advisor import Advisor
from bot.advice.answering import answer_message
from bot.chat.advice.card import reply_card
from bot.chat.advice.replies import answer_question, check_length
from bot.chat.advice.said import text_of
from bot.chat.advice.shown import Mark
from bot.chat.kit.desk import Route
from bot.chat.kit.errors import Refusal, in_time
from bot.chat.kit.host import advisor_of, host_of
from bot.chat.kit.item import Interaction
from bot.chat.kit.origin import server_of
from bot.chat.kit.sending import answer, choices
from bot.chat.kit.suggestions import is_hurried
from bot.chat.kit.thinking import owner_of, think
from bot.chat.kit.words import told, words
from bot.chat.kit.work import Crowded, Late
from bot.guidance.models import Entry, Tone

MAX_SITUATION = 1000
"""Characters of a situation, an invitation or a question in a command."""
Situation = app_commands.Range[str, 1, MAX_SITUATION]
MOST_SECONDS_TO_SUGGEST = 0.5
"""Whoever would wait longer for suggestions gets them by their letters: the next letter is typed already."""
Detail = app_commands.Range[str, 1, 60]

TONES = [app_commands.Choice(name=told(f"tone.{tone}"), value=str(tone)) for tone in Tone]


async def suggest(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Returns the known questions that fit what is typed so far, best first, as Discord's choices."""
    advisor = await advisor_of(interaction)
    entries = None if is_hurried(interaction) else await _by_meaning(interaction, advisor, typed)
    if entries is None:
        entries = suggesting.by_letters(advisor, typed)
    return choices((entry.question, entry.question) for entry in entries)


async def _by_meaning(interaction: Interaction, advisor: Advisor, typed: str) -> list[Entry] | None:
    """Returns the suggestions that fit best; None where too many ask."""
    line, owner = host_of(interaction).desk.work.matching, owner_of(interaction)
    if line.seconds(owner) > MOST_SECONDS_TO_SUGGEST:
        return None
    try:
        return await line.submit_if(partial(in_time, interaction), owner, suggesting.suggest, advisor, typed)
    except (Crowded, Late):
        return None


@app_commands.command(description=told("command.shouldifollowback"))
@app_commands.describe(
    situation=told("command.shouldifollowback_situation"),
    platform=told("command.shouldifollowback_platform"),
    who=told("command.shouldifollowback_who"),
)
@app_commands.autocomplete(situation=suggest)
@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
async def shouldifollowback(
    interaction: Interaction,
    situation: Situation | None = None,
    platform: Detail | None = None,
    who: Detail | None = None,
) -> None:
    """A private card: verdict, advice, words to send, what people ask next."""
    if situation is None and platform is None and who is None:
        bot = host_of(interaction)
        advice = bot.advisor.explain(bot.advisor.general_entry())
        note = words("general.hint")
        card = reply_card(advice, bot.advisor, private=True, asker=interaction.user.id, note=note)
        await answer(interaction, view=card)
        await bot.desk.count(advice, Route.COMMAND, server_of(interaction))
        return
    question = situation or words("general.question")
    details = [word for word in (who, platform) if word and word.lower() not in question.lower()]
    await answer_question(interaction, " · ".join([question, *details]), Route.COMMAND)


@app_commands.command(description=told("command.decline"))
@app_commands.describe(
    invitation=told("command.decline_invitation"),
    who=told("command.decline_who"),
    tone=told("command.decline_tone"),
)
@app_commands.choices(tone=TONES)
@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
async def decline(
    interaction: Interaction,
    invitation: Situation,
    who: Detail | None = None,
    tone: app_commands.Choice[str] | None = None,
) -> None:
    """Words to turn an invitation down, with the blanks filled that the text named."""
    await _decline(interaction, invitation, who or "", Tone(tone.value) if tone else Tone.WARM)


async def _decline(interaction: Interaction, invitation: str, who: str, tone: Tone = Tone.WARM) -> None:
    """Answers with words to turn an invitation down, which only who asked for them sees."""
    check_length(invitation)
    advisor = await advisor_of(interaction)
    found = await think(interaction, declining.decline, advisor, invitation, who)
    card = reply_card(
        found.advice, advisor, private=True, asker=interaction.user.id, tone=tone,
        marks=frozenset({Mark.WORDS_FIRST}), note=words("decline.unsure") if found.is_general else "",
    )  # fmt: skip
    await answer(interaction, view=card)
    await host_of(interaction).desk.count(found.advice, Route.DECLINE, server_of(interaction))


@app_commands.context_menu(name=told("command.context_menu"))
@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
async def etiquette_advice(interaction: Interaction, message: discord.Message) -> None:
    """Advice about the message that the menu was opened on, privately."""
    await answer_question(interaction, _said_in(message), Route.MENU)


@app_commands.context_menu(name=told("command.decline_menu"))
@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
async def help_me_decline(interaction: Interaction, message: discord.Message) -> None:
    """Words to turn down what the message invites to, addressed to whoever wrote it."""
    who = message.author.display_name if _is_from_another(interaction, message) else ""
    await _decline(interaction, _said_in(message), who)


@app_commands.context_menu(name=told("command.answer_menu"))
@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
async def help_me_answer(interaction: Interaction, message: discord.Message) -> None:
    """Words to answer the message with; the advice stands below them."""
    ask = answer_message if _is_from_another(interaction, message) else Advisor.ask
    await answer_question(interaction, _said_in(message), Route.MENU, frozenset({Mark.WORDS_FIRST}), ask=ask)


def _is_from_another(interaction: Interaction, message: discord.Message) -> bool:
    """Whether another person wrote a message: what one writes oneself tells of something, and a bot's is nobody's."""
    return message.author.id != interaction.user.id and not message.author.bot


def _said_in(message: discord.Message) -> str:
    """What a message says. Raises Refusal if that is nothing."""
    said = text_of(message)
    if not said.strip():
        raise Refusal("error.nothing_said")
    return said
