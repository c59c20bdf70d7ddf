"""`/shouldifollowback`, `/decline` and a message's menu: what people come for."""

from __future__ import annotations

from functools import partial

import discord
from discord import app_commands

from bot.advice import declining, suggesting
from bot.advice.advisor import Advisor
from bot.chat.advice.card import reply_card
from bot.chat.advice.replies import answer_question
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
    bot = host_of(interaction)
    server = server_of(interaction)
    advisor = await advisor_of(interaction)
    found = await think(interaction, declining.decline, advisor, invitation, who or "")
    card = reply_card(
        found.advice, advisor, private=True, asker=interaction.user.id, tone=Tone(tone.value) if tone else Tone.WARM,
        marks=frozenset({Mark.WORDS_FIRST}), note=words("decline.unsure") if found.is_general else "",
    )  # fmt: skip
    await answer(interaction, view=card)
    await bot.desk.count(found.advice, Route.DECLINE, server)


@app_commands.context_menu(name=told("command.context_menu"))
@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
async def etiquette_advice(interaction: Interaction, message: discord.Message) -> None:
    """Advice about the message that the menu was opened on, privately."""
    question = text_of(message)
    if not question.strip():
        raise Refusal("error.nothing_said")
    await answer_question(interaction, question, Route.MENU)
