"""From what somebody asked to the answer: the work in a thread, and a word to whoever waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, ParamSpec, TypeVar

import discord

from bot.chat.kit import errors
from bot.chat.kit.host import host_of
from bot.chat.kit.origin import server_of

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

THINKING_SECONDS = 1.0
"""Whoever waits longer is told that we are thinking, and answered when it is their turn."""


def owner_of(interaction: discord.Interaction[Any]) -> int:
    """Returns whose turn it is when something of this interaction is done: the server's, or the person's."""
    return server_of(interaction) or interaction.user.id


async def think(
    interaction: discord.Interaction[Any],
    function: Callable[Parameters, Result],
    *args: Parameters.args,
    **kwargs: Parameters.kwargs,
) -> Result:
    """Returns what `function` returns, called in a thread when it is this asker's turn; see `patiently`.

    Raises Crowded when too many wait, and Late when it can no longer be answered: then nothing was done.
    """
    line, owner = host_of(interaction).desk.work.matching, owner_of(interaction)
    expected = line.seconds(owner)
    done = line.submit_if(partial(errors.in_time, interaction), owner, function, *args, **kwargs)
    return await patiently(interaction, done, expected=expected)


async def think_in_place(
    interaction: discord.Interaction[Any],
    function: Callable[Parameters, Result],
    *args: Parameters.args,
    **kwargs: Parameters.kwargs,
) -> Result:
    """The same, for an answer that will change the message that something was pressed on."""
    line, owner = host_of(interaction).desk.work.matching, owner_of(interaction)
    expected = line.seconds(owner)
    done = line.submit_if(partial(errors.in_time, interaction), owner, function, *args, **kwargs)
    return await patiently(interaction, done, expected=expected, in_place=True)


async def think_long(
    interaction: discord.Interaction[Any],
    function: Callable[Parameters, Result],
    *args: Parameters.args,
    **kwargs: Parameters.kwargs,
) -> Result:
    """The same for what takes seconds: one at a time of each server, and never before a question. Raises Crowded."""
    line, owner = host_of(interaction).desk.work.long, owner_of(interaction)
    expected = line.seconds(owner)
    return await patiently(interaction, line.submit(owner, function, *args, **kwargs), expected=expected)


async def patiently(
    interaction: discord.Interaction[Any], work: Awaitable[Result], *, expected: float = 0.0, in_place: bool = False
) -> Result:
    """Waits for `work`; tells the person that we are thinking when it takes more than a second, or is `expected` to.

    What is then answered (see `answer`) only the person sees: nobody knows yet whether all may read it. `in_place`:
    the answer will change the message that something was pressed on (see `change`).
    """
    doing = asyncio.ensure_future(work)
    try:
        if not interaction.response.is_done():
            # of what is left of Discord's three seconds, half is for telling so
            left = max(0.0, errors.TOO_OLD - errors.age_of(interaction)) / 2
            patience = 0.0 if expected > THINKING_SECONDS else min(THINKING_SECONDS, left)
            done, _ = await asyncio.wait((doing,), timeout=patience)
            if not done and in_place:
                await interaction.response.defer()
            elif not done:
                await interaction.response.defer(ephemeral=True, thinking=True)
        return await doing
    finally:
        doing.cancel()
