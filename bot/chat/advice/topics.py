"""Browsing: a menu of topics, then of a topic's questions, then the answer."""

from __future__ import annotations

from bot.chat.advice.buttons import BackToTopics, BrowseTopics, EntryMenu, TopicMenu, TopicPage
from bot.chat.advice.card import answer_card, topic_card, topics_card
from bot.chat.advice.presses import explained, instead, is_alone, picked_entry
from bot.chat.advice.shown import Mark
from bot.chat.kit.desk import Route
from bot.chat.kit.errors import Refusal
from bot.chat.kit.host import advisor_of, host_of
from bot.chat.kit.item import Interaction, chosen
from bot.chat.kit.origin import server_of
from bot.chat.kit.sending import answer, redraw


@BrowseTopics.pressed
async def browse(item: BrowseTopics, interaction: Interaction) -> None:
    """The list of topics: in place where only one person sees the message."""
    if is_alone(interaction):
        await redraw(interaction, topics_card(host_of(interaction).advisor.library))
    else:
        await show_topics(interaction)


async def show_topics(interaction: Interaction) -> None:
    """Opens the list of topics, privately."""
    await answer(interaction, view=topics_card(host_of(interaction).advisor.library))


@TopicMenu.pressed
async def choose_topic(item: TopicMenu, interaction: Interaction) -> None:
    """The questions of a topic."""
    await _show_topic(interaction, chosen(interaction)[0], 0)


@TopicPage.pressed
async def turn_page(item: TopicPage, interaction: Interaction) -> None:
    """Another page of them."""
    await _show_topic(interaction, item.topic, item.page)


async def _show_topic(interaction: Interaction, topic: str, page: int) -> None:
    card = topic_card(host_of(interaction).advisor.library, topic, page)
    if card is None:
        raise Refusal("error.gone")
    await redraw(interaction, card)


@BackToTopics.pressed
async def back_to_topics(item: BackToTopics, interaction: Interaction) -> None:
    """The topics again."""
    await redraw(interaction, topics_card(host_of(interaction).advisor.library))


@EntryMenu.pressed
async def choose_entry(item: EntryMenu, interaction: Interaction) -> None:
    """The answer to one question of a topic."""
    advisor = await advisor_of(interaction)
    entry = picked_entry(advisor, chosen(interaction)[0])
    advice = await explained(interaction, advisor, entry, "")
    await redraw(interaction, answer_card(advice, advisor, instead(interaction, entry).marked(Mark.TOPICS)))
    await host_of(interaction).desk.count(advice, Route.TOPICS, server_of(interaction))
