"""The one place where what goes wrong becomes words for the person who asked."""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Awaitable, Callable
from json import JSONDecodeError
from pathlib import Path
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.chat.kit.host import Host, host_of
from bot.chat.kit.logs import DROPPED, LATE, log_out_of_reach, where_it_happened
from bot.chat.kit.sending import answer
from bot.chat.kit.words import words
from bot.chat.kit.work import Crowded, Late
from bot.documents.faults import RsvnoError
from bot.storage import AlreadyExists, ChangedMeanwhile, LimitReached, NotFound, StorageFault, TooLarge, TooManyWordings

log = logging.getLogger(__name__)

UNKNOWN_INTERACTION, ALREADY_ANSWERED, UNKNOWN_WEBHOOK = 10062, 40060, 10015
UNREACHABLE = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError)
"""What sending raises when the message, the channel or Discord is gone, or too much was sent."""

_REFUSED_BY_STORAGE: dict[type[StorageFault], str] = {
    TooManyWordings: "error.limit_wordings",
    TooLarge: "error.limit_size",
    LimitReached: "error.limit",
    NotFound: "error.not_found",
    AlreadyExists: "error.exists",
    ChangedMeanwhile: "error.changed",
}

TOO_OLD = 2.8
"""Seconds: Discord takes no answer after three, so work on an older interaction is lost."""
TOO_OLD_TO_FOLLOW_UP = 870.0
"""Seconds: what was answered with 'thinking' can be answered for a quarter of an hour."""


def age_of(interaction: discord.Interaction[Any]) -> float:
    """Returns how many seconds ago somebody pressed, typed or chose, by Discord's clock."""
    return host_of(interaction).time.age(interaction.created_at)


def in_time(interaction: discord.Interaction[Any]) -> bool:
    """Returns whether there is still time to answer, or to follow up where the person was told to wait."""
    return age_of(interaction) <= (TOO_OLD_TO_FOLLOW_UP if interaction.response.is_done() else TOO_OLD)


def fresh(interaction: discord.Interaction[Any]) -> bool:
    """Returns whether there is still time to answer; one that is too old is counted and dropped."""
    if in_time(interaction):
        return True
    note_dropped(interaction)
    return False


def note_dropped(interaction: discord.Interaction[Any]) -> None:
    """Counts what was too old before anything was done."""
    host_of(interaction).metrics.dropped.inc()
    DROPPED.warn(age_of(interaction))


_SAVED = "saved"


def note_saved(interaction: discord.Interaction[Any]) -> None:
    """Marks that what was asked for is done, whatever goes wrong afterwards: it must not be called failed."""
    interaction.extras[_SAVED] = True


class Refusal(RsvnoError):
    """What a person asked cannot be done, for a reason that can be told: the key of its words, and their values."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class NotPermitted(Refusal, app_commands.CheckFailure):
    """The person lacks a permission or a role for this."""

    def __init__(self) -> None:
        super().__init__("error.not_permitted")


async def answer_error(
    interaction: discord.Interaction[Any], error: BaseException, returned: discord.File | None = None
) -> None:
    """Says privately, to whoever pressed or typed, what went wrong: see `tell`.

    `returned`: what they wrote, to go back to them unless it is saved.
    """
    saved = bool(interaction.extras.get(_SAVED))
    if isinstance(_cause_of(error), Late):
        note_dropped(interaction)
        return
    if _is_answered(interaction) and is_unreadable(_cause_of(error)):
        # sent, but what came back is nothing of Discord's: whoever has the answer needs no excuse
        host_of(interaction).metrics.errors.labels("unreachable").inc()
        log.error("what Discord said of an answer can't be read\n%s", where_it_happened(error))
        return

    async def send(text: str) -> None:
        more: dict[str, Any] = {"file": returned} if returned is not None and not saved else {}
        await answer(interaction, text, **more)

    await tell(host_of(interaction), error, send, saved=saved)


def _is_answered(interaction: discord.Interaction[Any]) -> bool:
    """Returns whether an answer was sent that is more than 'thinking'."""
    waiting = (
        discord.InteractionResponseType.deferred_channel_message,
        discord.InteractionResponseType.deferred_message_update,
    )
    return interaction.response.is_done() and interaction.response.type not in waiting


def is_unreadable(error: BaseException) -> bool:
    """Returns whether discord.py raised this when it read what it got."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = bool(frames) and Path(frames[-1].filename).is_relative_to(Path(discord.__file__).parent)
    return isinstance(error, ValueError | TypeError | LookupError) and (inside or isinstance(error, JSONDecodeError))


async def tell(bot: Host, error: BaseException, send: Callable[[str], Awaitable[None]], *, saved: bool = False) -> None:
    """Says with `send` what went wrong, in words, and counts it. Whatever it is, this never raises.

    `saved`: what was asked for is done, and only what came afterwards went wrong.

    The first that fits, in this order:
    1. Discord says that the interaction is unknown or already answered: nobody can be told any more; it is counted.
    2. A refusal of ours (too long, gone, not the asker's): its own words.
    3. Not permitted: a failed check of permissions.
    4. Too fast: how long to wait.
    5. What servers keep is out of reach, or a limit is reached: nothing was changed.
    6. Discord forbids us to write there: which permission is missing.
    7. Too many ask: try again in a minute.
    8. All else is our fault: a short reference, which is also in the log with the place where it happened.
    """
    error = _cause_of(error)
    if isinstance(error, Late):
        bot.metrics.dropped.inc()
        return
    if isinstance(error, discord.HTTPException) and error.code in (
        UNKNOWN_INTERACTION,
        ALREADY_ANSWERED,
        UNKNOWN_WEBHOOK,
    ):
        bot.metrics.errors.labels("late").inc()
        LATE.warn(error.code)
        return
    kind, text = describe(error)
    bot.metrics.errors.labels(kind).inc()
    try:
        await send(words("error.saved") if saved else text)
    except UNREACHABLE as failure:
        bot.metrics.errors.labels("unreachable").inc()
        log.warning("a person could not be told what went wrong: %s", type(failure).__name__)


def _cause_of(error: BaseException) -> BaseException:
    """Returns what a command, or the transformer of an option, raised: discord.py wraps it."""
    while isinstance(error, app_commands.CommandInvokeError | app_commands.TransformerError):
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error.__cause__
        if cause is None:
            break
        error = cause
    return error


def describe(error: BaseException) -> tuple[str, str]:
    """Returns the kind of an error (for the metrics) and the words for the person; logs what is our fault."""
    if isinstance(error, NotPermitted):
        return "not_permitted", words(error.key)
    if isinstance(error, Refusal):
        return "refused", words(error.key, **error.values)
    if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
        return "refused", words("error.old_command")
    if isinstance(error, app_commands.CommandOnCooldown):
        return "too_fast", words("error.too_fast", count=max(1, round(error.retry_after)))
    if isinstance(error, app_commands.CheckFailure):
        return "not_permitted", words("error.not_permitted")
    for kind, key in _REFUSED_BY_STORAGE.items():
        if isinstance(error, kind):
            return "refused", words(key, **{"count": error.values.get("number", 0), **error.values})
    if isinstance(error, StorageFault):
        log_out_of_reach(error)
        return "storage", words("error.storage")
    if isinstance(error, Crowded):
        return "busy", words("error.busy")
    if isinstance(error, discord.Forbidden):
        return "forbidden", words("error.cannot_write")
    reference = secrets.token_hex(3).upper()
    log.error("reference %s\n%s", reference, where_it_happened(error))
    return "ours", words("error.ours", reference=reference)
