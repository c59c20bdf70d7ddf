"""`/stats`: what people ask on a server, as figures and a picture."""

from __future__ import annotations

import asyncio
import io

import discord
from discord import app_commands

from bot.chat.advice import card as cards
from bot.chat.kit.errors import NotPermitted, Refusal
from bot.chat.kit.host import host_of
from bot.chat.kit.item import Interaction
from bot.chat.kit.origin import server_of
from bot.chat.kit.words import described, words
from bot.guidance.models import Library, Verdict
from bot.stats import PERIODS, Summary, as_csv, draw, summarize
from bot.stats.summary import first_days

TOP = 5


@app_commands.command(description=described("command.stats"))
@app_commands.describe(
    period=described("command.stats_period"),
    public=described("command.stats_public"),
    csv=described("command.stats_csv"),
)
@app_commands.choices(period=[app_commands.Choice(name=words(f"stats.{name}"), value=name) for name in PERIODS])
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
async def stats(
    interaction: Interaction, period: app_commands.Choice[str] | None = None, public: bool = False, csv: bool = False
) -> None:
    """For those who manage the server; its summary for everyone, where the server allows it."""
    server = server_of(interaction)
    if server is None:
        raise NotPermitted
    bot = host_of(interaction)
    store = bot.desk.database.server(server)
    manager = interaction.permissions.manage_guild
    if not manager and (csv or public or (await store.settings()).stats_audience != "everyone"):
        raise Refusal("stats.admins_only")
    # drawing takes longer than a fast answer may
    await interaction.response.defer(ephemeral=not public, thinking=True)
    name = period.value if period else "month"
    today = await store.today()
    since, earlier = first_days(today, PERIODS[name])
    rows = await store.stats(earlier, today)
    summary = summarize(rows, today, PERIODS[name])
    waiting = len(await store.unanswered()) if manager else 0
    own = {each.entry_id: str(each.document["question"]) for each in await store.entries()}
    card = stats_card(summary, name, bot.advisor.library, own, waiting, interaction.locale)
    files: list[discord.File] = []
    if summary.questions:
        picture = await asyncio.to_thread(draw, summary, bot.advisor.library.titles)
        alt = words(
            "stats.alt", interaction.locale, total=summary.questions, percent=_percent(summary.answered_share),
            top=_title(summary.topics[0][0], bot.advisor.library, interaction.locale) if summary.topics else "-",
        )  # fmt: skip
        files.append(discord.File(io.BytesIO(picture), filename="stats.png", description=alt))
        card.set_image(url="attachment://stats.png")
    if csv:
        text = as_csv([row for row in rows if row.day >= since])
        files.append(discord.File(io.BytesIO(text.encode()), filename="stats.csv"))
    await interaction.followup.send(embed=card, files=files, ephemeral=not public)


def stats_card(
    summary: Summary,
    period: str,
    library: Library,
    own: dict[str, str],
    waiting: int,
    locale: discord.Locale | None = None,
) -> discord.Embed:
    """Returns the figures as a card; a friendly word where nothing was asked. `own` names a server's entries."""
    name = words(f"stats.{period}", locale)
    title = words("stats.title", locale, period=name)
    color = cards.COLORS[Verdict.HOW_TO]
    if not summary.questions:
        return cards.plain(title, words("stats.none", locale), color)
    card = discord.Embed(title=title, color=color)

    def field(key: str, value: str, *, inline: bool = True) -> None:
        card.add_field(name=words(f"stats.{key}", locale), value=value, inline=inline)

    change = "+0%" if summary.change is None else f"{summary.change:+.0%}"
    if summary.change is None:
        field("questions", f"{summary.questions:,}")
    else:
        field(
            "questions",
            words("stats.questions_value", locale, count=f"{summary.questions:,}", change=change, period=name),
        )
    field(
        "answered",
        words(
            "stats.answered_value", locale, percent=_percent(summary.answered_share),
            choices=_percent(summary.choices / summary.questions),
            none=_percent(summary.unanswered / summary.questions),
        ),
    )  # fmt: skip
    if summary.helpful_share is None:
        field("helpful", words("stats.helpful_nobody", locale))
    else:
        judged = summary.helpful + summary.unhelpful
        field(
            "helpful",
            words("stats.helpful_value", locale, percent=_percent(summary.helpful_share), count=f"{judged:,}"),
        )
    if summary.topics:
        listed = [f"{count:,} · {_title(topic, library, locale)}" for topic, count in summary.topics[:TOP]]
        field("topics", "\n".join(listed), inline=False)
    if summary.entries:
        listed = []
        for entry_id, count in summary.entries[:TOP]:
            built_in = library.by_id.get(entry_id)
            question = built_in.question if built_in else own.get(entry_id, entry_id)
            listed.append(f"{count:,} · {cards.safe(question)}")
        field("entries", "\n".join(listed), inline=False)
    if waiting:
        field("inbox", words("stats.inbox_value", locale, count=waiting), inline=False)
    return card


def _title(topic: str, library: Library, locale: discord.Locale | None) -> str:
    return library.titles.get(topic) or words("stats.own", locale)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"
