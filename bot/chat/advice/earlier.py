"""What was answered before a message: found on the card that it replies to, or on the last one in a direct message."""

from __future__ import annotations

from datetime import timedelta

import discord

from bot.chat.advice.shown import Shown, shown_on
from bot.chat.kit.errors import UNREACHABLE
from bot.chat.kit.origin import server_of_message

RECENT = timedelta(minutes=10)
"""After so long, what is written in a direct message is about something else."""
MOST_LOOKED_AT = 6
"""Messages of a direct message that are looked at."""


async def answered_before(message: discord.Message, us: discord.abc.Snowflake | None) -> Shown | None:
    """Returns what the card shows that a message is about, or None.

    A reply is about the message that it replies to. In a direct message, whatever is written within ten minutes is
    about our last answer: Discord is asked for it, so that nothing of a talk is kept here.
    """
    if us is None:
        return None
    if message.reference is not None:
        answered = message.reference.resolved
        ours = isinstance(answered, discord.Message) and answered.author.id == us.id
        return shown_on(answered) if ours else None  # type: ignore[arg-type]  # ours is a message
    if server_of_message(message) is not None:
        return None
    try:
        async for each in message.channel.history(limit=MOST_LOOKED_AT, before=message):
            if message.created_at - each.created_at > RECENT:
                return None
            shown = shown_on(each) if each.author.id == us.id else None
            if shown is not None:
                return shown
    except UNREACHABLE:
        # it is answered as a first question
        return None
    return None
