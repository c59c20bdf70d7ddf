"""The one place where what goes wrong becomes words for the person who asked."""

from __future__ import annotations

import logging
import secrets
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.chat.kit.host import host_of
from bot.chat.kit.logs import where_it_happened
from bot.chat.kit.words import words
from bot.storage import AlreadyExists, LimitReached, NotFound, StorageFault

log = logging.getLogger(__name__)

UNKNOWN_INTERACTION, ALREADY_ANSWERED, UNKNOWN_WEBHOOK = 10062, 40060, 10015


_REFUSED_BY_STORAGE: dict[type[StorageFault], str] = {
    LimitReached: "error.limit",
    NotFound: "error.not_found",
    AlreadyExists: "error.exists",
}

TOO_OLD = 2.8
"""Seconds: Discord takes no answer after three, so work on an older interaction is lost."""


def fresh(interaction: discord.Interaction[Any]) -> bool:
    """Returns whether there is still time to answer; one that is too old is counted and dropped."""
    bot = host_of(interaction)
    age = (discord.utils.utcnow() - interaction.created_at).total_seconds()
    if age <= TOO_OLD:
        return True
    bot.metrics.dropped.inc()
    log.warning("an interaction was %.1f s old on arrival: dropped", age)
    return False


class Refusal(Exception):
    """What a person asked cannot be done, for a reason that can be told: the key of its words, and their values."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class NotPermitted(Refusal, app_commands.CheckFailure):
    """The person lacks a permission or a role for this."""

    def __init__(self) -> None:
        super().__init__("error.not_permitted")


async def answer_error(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """Says privately what went wrong, in words. Whatever it is, this never raises.

    The first that fits, in this order:
    1. Discord says that the interaction is unknown or already answered: nobody can be told any more; it is counted.
    2. A refusal of ours (too long, gone, not the asker's): its own words.
    3. Not permitted: a failed check of permissions.
    4. Too fast: how long to wait.
    5. What servers keep is out of reach, or a limit is reached: nothing was changed.
    6. Discord forbids us to write there: which permission is missing.
    7. All else is our fault: a short reference, which is also in the log with the place where it happened.
    """
    bot = host_of(interaction)
    while isinstance(error, app_commands.CommandInvokeError) or (
        isinstance(error, app_commands.TransformerError) and isinstance(error.__cause__, Refusal)
    ):
        cause = error.__cause__ if isinstance(error, app_commands.TransformerError) else error.original
        if cause is None:
            break
        error = cause
    if isinstance(error, discord.HTTPException) and error.code in (
        UNKNOWN_INTERACTION,
        ALREADY_ANSWERED,
        UNKNOWN_WEBHOOK,
    ):
        bot.metrics.errors.labels("late").inc()
        log.warning("an answer came too late, or twice (code %s)", error.code)
        return
    kind, text = describe(error, interaction.locale)
    bot.metrics.errors.labels(kind).inc()
    try:
        if interaction.response.is_done():
            await interaction.followup.send(text, ephemeral=True)
        else:
            await interaction.response.send_message(text, ephemeral=True)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as failure:
        bot.metrics.errors.labels("unreachable").inc()
        log.warning("a person could not be told what went wrong: %s", type(failure).__name__)


def describe(error: BaseException, locale: discord.Locale | None = None) -> tuple[str, str]:
    """Returns the kind of an error (for the metrics) and the words for the person; logs what is our fault."""
    if isinstance(error, NotPermitted):
        return "not_permitted", words(error.key, locale)
    if isinstance(error, Refusal):
        return "refused", words(error.key, locale, **error.values)
    if isinstance(error, app_commands.CommandOnCooldown):
        return "too_fast", words("error.too_fast", locale, seconds=max(1, round(error.retry_after)))
    if isinstance(error, app_commands.CheckFailure):
        return "not_permitted", words("error.not_permitted", locale)
    for kind, key in _REFUSED_BY_STORAGE.items():
        if isinstance(error, kind):
            return "refused", words(key, locale, **error.values)
    if isinstance(error, StorageFault):
        log.warning("what servers keep is out of reach: %s", error)
        return "storage", words("error.storage", locale)
    if isinstance(error, discord.Forbidden):
        return "forbidden", words("error.cannot_write", locale)
    reference = secrets.token_hex(3).upper()
    log.error("reference %s\n%s", reference, where_it_happened(error))
    return "ours", words("error.ours", locale, reference=reference)
