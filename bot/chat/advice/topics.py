"""Browsing: a menu of topics, then of a topic's questions, then the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Annotated, Any

import discord

from bot.chat.advice.buttons import answer_view, picked_entry
from bot.chat.advice.card import answer_card
from bot.chat.kit.card import COLOR, headline, plain, sign
from bot.chat.kit.desk import Route
from bot.chat.kit.errors import Refusal
from bot.chat.kit.host import Host, host_of
from bot.chat.kit.item import Button, Interaction, Item, Menu, View, chosen
from bot.chat.kit.origin import server_of
from bot.chat.kit.sending import answer, change
from bot.chat.kit.text import shorten
from bot.chat.kit.words import words
from bot.guidance.models import Entry

PAGE = 25
"""Options that a menu holds."""

Topic = Annotated[str, r"\w{1,40}"]
PageNumber = Annotated[int, r"\d{1,2}"]


def topics_card() -> discord.Embed:
    """Returns the card above the menu of topics."""
    return plain(words("topics.title"), words("topics.text"), COLOR)


def topics_view(bot: Host) -> View:
    """Returns the menu of topics."""
    return View(TopicMenu(titles=bot.advisor.library.titles))


async def show_topics(interaction: Interaction) -> None:
    """Opens the list of topics, privately."""
    view = topics_view(host_of(interaction))
    await answer(interaction, embed=topics_card(), view=view)


async def show_topic(interaction: Interaction, topic: str, page: int) -> None:
    """Shows one page of a topic's questions in place of the menu of topics."""
    library = host_of(interaction).advisor.library
    entries = library.in_topic(topic)
    shown = entries[page * PAGE : (page + 1) * PAGE]
    if not shown:
        raise Refusal("error.gone")
    items: list[Item[Any]] = [EntryMenu(topic, entries=shown), BackToTopics()]
    if len(entries) > (page + 1) * PAGE:
        items.append(TopicPage(topic, page + 1))
    elif page:
        items.append(TopicPage(topic, 0))
    title = words(
        "topics.page", title=library.titles[topic], first=page * PAGE + 1, last=page * PAGE + len(shown),
        total=len(entries),
    )  # fmt: skip
    lines = "\n".join(f"{sign(entry)} {entry.question}" for entry in shown)
    await change(interaction, embed=plain(title, lines), view=View(*items))


class TopicMenu(Menu, name="topic"):
    """Chooses a topic."""

    titles: Mapping[str, str] = field(kw_only=True)

    def draw(self) -> discord.ui.Select[Any]:
        options = [discord.SelectOption(label=title, value=topic) for topic, title in self.titles.items()]
        return discord.ui.Select(placeholder=words("topics.menu"), options=options, row=0)

    async def act(self, interaction: Interaction) -> None:
        await show_topic(interaction, chosen(interaction)[0], 0)


class EntryMenu(Menu, name="entries"):
    """Chooses one question of a topic."""

    topic: Topic
    entries: Sequence[Entry] = field(kw_only=True)

    def draw(self) -> discord.ui.Select[Any]:
        options = [
            discord.SelectOption(label=shorten(entry.question, 100), value=entry.id, description=headline(entry))
            for entry in self.entries
        ]
        return discord.ui.Select(placeholder=words("topics.entries"), options=options, row=0)

    async def act(self, interaction: Interaction) -> None:
        bot = host_of(interaction)
        entry = await picked_entry(interaction, chosen(interaction)[0])
        advice = bot.advisor.explain(entry)
        view = answer_view(entry, private=True, asker=interaction.user.id)
        view.add_item(BackToTopics())
        await change(interaction, embed=answer_card(advice, library=bot.advisor.library), view=view)
        await bot.desk.count(advice, Route.TOPICS, server_of(interaction))


class TopicPage(Button, name="page"):
    """Another page of a topic's questions."""

    topic: Topic
    page: PageNumber

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("button.more"), row=3)

    async def act(self, interaction: Interaction) -> None:
        await show_topic(interaction, self.topic, self.page)


class BackToTopics(Button, name="page::0"):
    """Back to the topics."""

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("button.back"), row=3)

    async def act(self, interaction: Interaction) -> None:
        view = topics_view(host_of(interaction))
        await change(interaction, embed=topics_card(), view=view)
