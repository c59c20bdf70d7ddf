"""Browsing: a menu of topics, then of a topic's questions, then the answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Self, cast

import discord

from bot.chat.advice import card as cards
from bot.chat.advice.buttons import answer_view, picked_entry
from bot.chat.kit.desk import Route
from bot.chat.kit.errors import Refusal
from bot.chat.kit.host import Host, host_of
from bot.chat.kit.item import Interaction, Item
from bot.chat.kit.origin import server_of
from bot.chat.kit.words import words
from bot.guidance.models import Entry, Verdict

_PAGE = 25
"""Options that a menu holds."""


def topics_card(locale: discord.Locale | None) -> discord.Embed:
    """Returns the card above the menu of topics."""
    return cards.plain(words("topics.title", locale), words("topics.text", locale), cards.COLORS[Verdict.HOW_TO])


def topics_view(bot: Host) -> discord.ui.View:
    """Returns the menu of topics."""
    view = discord.ui.View(timeout=None)
    view.add_item(TopicMenu(list(bot.advisor.library.titles.items())))
    return view


async def show_topics(interaction: Interaction) -> None:
    """Opens the list of topics, privately."""
    await interaction.response.send_message(
        embed=topics_card(interaction.locale), view=topics_view(host_of(interaction)), ephemeral=True
    )


class TopicMenu(Item[discord.ui.Select[Any]], template=r"rsvno:topic"):
    """Chooses a topic."""

    def __init__(self, titles: Sequence[tuple[str, str]] = (("", "-"),)) -> None:
        super().__init__(
            discord.ui.Select(
                custom_id="rsvno:topic",
                placeholder=words("topics.menu"),
                options=[discord.SelectOption(label=title, value=topic or "-") for topic, title in titles],
                row=0,
            )
        )

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: re.Match[str], /) -> Self:
        return cls()

    async def act(self, interaction: Interaction) -> None:
        data = cast("dict[str, Any]", interaction.data)
        await show_topic(interaction, data["values"][0], 0)


async def show_topic(interaction: Interaction, topic: str, page: int) -> None:
    """Shows one page of a topic's questions in place of the menu of topics."""
    library = host_of(interaction).advisor.library
    entries = library.in_topic(topic)
    shown = entries[page * _PAGE : (page + 1) * _PAGE]
    if not shown:
        raise Refusal("error.gone")
    view = discord.ui.View(timeout=None)
    view.add_item(EntryMenu(topic, shown))
    view.add_item(TopicPage("", 0))
    if len(entries) > (page + 1) * _PAGE:
        view.add_item(TopicPage(topic, page + 1))
    elif page:
        view.add_item(TopicPage(topic, 0))
    title = words(
        "topics.page", interaction.locale, title=library.titles[topic], first=page * _PAGE + 1,
        last=page * _PAGE + len(shown), total=len(entries),
    )  # fmt: skip
    lines = "\n".join(f"{cards.headline(entry).split()[0]} {entry.question}" for entry in shown)
    await interaction.response.edit_message(embed=cards.plain(title, lines), view=view)


class EntryMenu(Item[discord.ui.Select[Any]], template=r"rsvno:entries:(?P<topic>\w{1,40})"):
    """Chooses one question of a topic."""

    def __init__(self, topic: str, entries: Sequence[Entry] = ()) -> None:
        super().__init__(
            discord.ui.Select(
                custom_id=f"rsvno:entries:{topic}",
                placeholder=words("topics.entries"),
                options=[
                    discord.SelectOption(
                        label=cards.shorten(entry.question, 100), value=entry.id, description=cards.headline(entry)
                    )
                    for entry in entries
                ]
                or [discord.SelectOption(label="-")],
                row=0,
            )
        )

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: re.Match[str], /) -> Self:
        return cls(match["topic"])

    async def act(self, interaction: Interaction) -> None:
        data = cast("dict[str, Any]", interaction.data)
        bot = host_of(interaction)
        entry = await picked_entry(interaction, data["values"][0])
        advice = bot.advisor.explain(entry)
        view = answer_view(entry, private=True, asker=interaction.user.id)
        view.add_item(TopicPage("", 0))
        await interaction.response.edit_message(embed=cards.answer_card(advice, locale=interaction.locale), view=view)
        await bot.desk.count(advice, Route.TOPICS, server_of(interaction))


class TopicPage(Item[discord.ui.Button[Any]], template=r"rsvno:page:(?P<topic>\w{0,40}):(?P<page>\d{1,2})"):
    """Another page of a topic's questions, or (with no topic) back to the topics."""

    def __init__(self, topic: str, page: int) -> None:
        self.topic, self.page = topic, page
        super().__init__(
            discord.ui.Button(
                label=words("button.more" if topic else "button.back"), custom_id=f"rsvno:page:{topic}:{page}", row=3
            )
        )

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: re.Match[str], /) -> Self:
        return cls(match["topic"], int(match["page"]))

    async def act(self, interaction: Interaction) -> None:
        if self.topic:
            await show_topic(interaction, self.topic, self.page)
            return
        await interaction.response.edit_message(
            embed=topics_card(interaction.locale), view=topics_view(host_of(interaction))
        )


ITEMS = (TopicMenu, EntryMenu, TopicPage)
"""All that must be registered with the client so that it works after a restart."""
