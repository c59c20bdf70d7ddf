"""Answers to interactions: one way for every command that takes a question."""

from __future__ import annotations

from collections.abc import Callable

from bot.advice.advisor import Advice, Advisor
from bot.chat.advice.card import reply_card
from bot.chat.advice.shown import Mark
from bot.chat.kit.desk import Route
from bot.chat.kit.errors import Refusal
from bot.chat.kit.host import advisor_of, host_of
from bot.chat.kit.item import Interaction
from bot.chat.kit.origin import server_of
from bot.chat.kit.permissions import may_post
from bot.chat.kit.sending import answer
from bot.chat.kit.thinking import think

MAX_CHARACTERS = 4000
"""The longest text that is taken for one question: as long as a message can be."""


def check_length(question: str) -> None:
    """Raises Refusal if a question is too long."""
    if len(question) > MAX_CHARACTERS:
        raise Refusal("error.too_long", count=MAX_CHARACTERS)


async def answer_question(
    interaction: Interaction,
    question: str,
    route: Route,
    marks: frozenset[Mark] = frozenset(),
    *,
    ask: Callable[[Advisor, str], Advice] | None = None,
) -> None:
    """Answers a question with a card that only the asker sees (or all, where a server chose so), and counts it.

    All see it only where the asker could have written it. `marks`: what else is true of an answer's card; `ask`: how an
    advisor answers it, if not as a question. Raises Refusal if the question is too long.
    """
    check_length(question)
    bot = host_of(interaction)
    server = server_of(interaction)
    advisor = await advisor_of(interaction)
    advice = await think(interaction, ask or Advisor.ask, advisor, question)
    # danger, and what was asked about somebody's message, are nobody else's business, whatever the server likes
    danger = advice.entry is not None and advice.entry.safety
    private = danger or route is Route.MENU or not may_post(interaction)
    private = private or interaction.response.is_done() or (await bot.desk.settings(server)).private_answers
    making = bot.desk.is_making(server)
    card = reply_card(advice, advisor, private=private, asker=interaction.user.id, making=making, marks=marks)
    await answer(interaction, view=card, ephemeral=private)
    await bot.desk.count(advice, route, server)
