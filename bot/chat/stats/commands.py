"""`/stats`: what people ask on a server, as figures and a picture."""

from __future__ import annotations

import io
from collections.abc import Mapping

import discord
from discord import app_commands

from bot.chat.kit.card import COLOR, plain
from bot.chat.kit.errors import Refusal
from bot.chat.kit.host import host_of
from bot.chat.kit.item import Interaction
from bot.chat.kit.permissions import managers, may_post, store_of
from bot.chat.kit.sending import answer
from bot.chat.kit.text import safe
from bot.chat.kit.thinking import think_long
from bot.chat.kit.words import babel_locale, number, percent, told, words
from bot.guidance.models import Library
from bot.stats import PERIODS, Summary, as_csv, draw, summarize
from bot.stats.summary import first_days

TOP = 5
"""Topics, and entries, that the card lists."""


@app_commands.command(description=told("command.stats"))
@app_commands.describe(
    period=told("command.stats_period"), public=told("command.stats_public"), csv=told("command.stats_csv")
)
@app_commands.choices(period=[app_commands.Choice(name=told(f"stats.{name}"), value=name) for name in PERIODS])
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
async def stats(
    interaction: Interaction, period: app_commands.Choice[str] | None = None, public: bool = False, csv: bool = False
) -> None:
    """For those who manage the server; its summary for everyone, where the server allows it."""
    store = store_of(interaction)
    manager = await managers(interaction)
    if not manager and (csv or public or (await store.settings.get()).stats_audience != "everyone"):
        raise Refusal("stats.admins_only")
    if public and not may_post(interaction):
        raise Refusal("error.not_yours_to_post")
    # drawing takes longer than a fast answer may
    await interaction.response.defer(ephemeral=not public, thinking=True)
    name = period.value if period else "month"
    today = await store.counters.today()
    since, earlier = first_days(today, PERIODS[name])
    rows = await store.counters.between(earlier, today)
    summary = summarize(rows, today, PERIODS[name])
    waiting = len(await store.inbox.all()) if manager else 0
    library = host_of(interaction).advisor.library
    own = {each.entry_id: str(each.document["question"]) for each in await store.entries.all()}
    questions = {**own, **{entry.id: entry.question for entry in library.entries}}
    card = stats_card(summary, name, library, questions, waiting)
    files: list[discord.File] = []
    if summary.questions:
        labels = {key: words(f"chart.{key}") for key in ("questions", "answered", "others", "none", "own")}
        picture = await think_long(interaction, draw, summary, library.titles, labels, babel_locale())
        top = _title(summary.topics[0][0], library) if summary.topics else "-"
        alt = words("stats.alt", count=summary.questions, percent=percent(summary.answered_share), top=top)
        files.append(discord.File(io.BytesIO(picture), filename="stats.png", description=alt))
        card.set_image(url="attachment://stats.png")
    if csv:
        text = as_csv([row for row in rows if row.day >= since])
        files.append(discord.File(io.BytesIO(text.encode()), filename="stats.csv"))
    await answer(interaction, embed=card, files=files, ephemeral=not public)


def stats_card(
    summary: Summary, period: str, library: Library, questions: Mapping[str, str], waiting: int
) -> discord.Embed:
    """Returns the figures as a card; a friendly word where nothing was asked. `questions`: of entries, by their ids."""
    name = words(f"stats.{period}")
    card = plain(words("stats.title", period=name), "", COLOR)
    if not summary.questions:
        card.description = words("stats.none")
        return card
    fields = {
        "questions": _asked(summary, period),
        "answered": words(
            "stats.answered_value",
            percent=percent(summary.answered_share),
            choices=percent(summary.choices / summary.questions),
            none=percent(summary.unanswered / summary.questions),
        ),
        "helpful": _judged(summary),
    }
    for key, value in fields.items():
        card.add_field(name=words(f"stats.{key}"), value=value)
    lists = {
        "topics": [f"{number(count)} · {_title(topic, library)}" for topic, count in summary.topics[:TOP]],
        "entries": [f"{number(count)} · {safe(questions.get(each, each))}" for each, count in summary.entries[:TOP]],
        "inbox": [words("stats.inbox_value", count=waiting)] if waiting else [],
    }
    for key, lines in lists.items():
        if lines:
            card.add_field(name=words(f"stats.{key}"), value="\n".join(lines), inline=False)
    return card


def _asked(summary: Summary, period: str) -> str:
    if summary.change is None:
        return number(summary.questions)
    change = percent(summary.change, signed=True)
    before = words(f"stats.before_{period}")
    return words("stats.questions_value", count=summary.questions, change=change, before=before)


def _judged(summary: Summary) -> str:
    if summary.helpful_share is None:
        return words("stats.helpful_nobody")
    judged = summary.helpful + summary.unhelpful
    return words("stats.helpful_value", percent=percent(summary.helpful_share), count=judged)


def _title(topic: str, library: Library) -> str:
    return library.titles.get(topic) or words("stats.own")
