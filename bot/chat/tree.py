"""The tree of commands: every interaction passes here, is dropped when it comes too late, and is timed."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import discord
from discord import app_commands

from bot.chat.advice.commands import (
    decline,
    etiquette_advice,
    help_me_answer,
    help_me_decline,
    shouldifollowback,
)
from bot.chat.advice.etiquette import Etiquette
from bot.chat.guidance.commands import Guidance
from bot.chat.kit.cooldown import Cooldowns, SeenBefore
from bot.chat.kit.errors import UNREACHABLE, answer_error, fresh
from bot.chat.kit.host import host_of
from bot.chat.kit.suggestions import hurry
from bot.chat.kit.thinking import think
from bot.chat.kit.words import speak
from bot.chat.kit.work import Crowded, Late
from bot.chat.settings.commands import settings
from bot.chat.stats.commands import stats
from bot.storage import Database, StorageFault

log = logging.getLogger(__name__)

COMMANDS = (8, 20.0)
"""Commands that one person may run in so many seconds."""


COMMON: tuple[app_commands.Command[Any, ..., Any] | app_commands.ContextMenu, ...] = (
    shouldifollowback,
    decline,
    etiquette_advice,
    help_me_decline,
    help_me_answer,
    settings,
    stats,
)


class CommandTree(app_commands.CommandTree[discord.Client]):
    """All commands, with the checks that hold for every one of them."""

    def __init__(self, client: discord.Client) -> None:
        super().__init__(client)
        self._seen = SeenBefore()
        self._runs = Cooldowns(*COMMANDS)
        for command in COMMON:
            self.add_command(command)
        for group in (Etiquette(), Guidance()):
            self.add_command(group)

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Lets pass what is fresh, new, and not too fast; raises CommandOnCooldown for what is."""
        speak(interaction.locale)
        self._follow(interaction)
        if not fresh(interaction) or not self._seen.add(interaction.id):
            return False
        if interaction.type is discord.InteractionType.autocomplete:
            hurry(interaction)
        elif interaction.type is discord.InteractionType.application_command:
            try:
                self._runs.check(interaction.user.id)
            except app_commands.CommandOnCooldown:
                # whoever is in danger is answered although they ask often
                if not await self._is_alarming(interaction):
                    raise
        return True

    async def _is_alarming(self, interaction: discord.Interaction[Any]) -> bool:
        bot = host_of(interaction)
        bot.limits.alarms.check(interaction.user.id)
        try:
            for text in _typed(interaction.data):
                if await think(interaction, bot.advisor.is_alarming, text):
                    return True
        except (Crowded, Late, *UNREACHABLE):
            pass
        return False

    def _follow(self, interaction: discord.Interaction[Any]) -> None:
        """Marks the command as being answered until its task ends, however it ends, and times it.

        The tree runs each interaction in a task of its own. Its events tell of a command's success or error, but not of
        one that was refused or of a suggestion, so they cannot say when nothing is in flight any more.
        """
        bot = host_of(interaction)
        started = time.perf_counter()
        task = asyncio.current_task()
        assert task is not None
        in_flight = contextlib.ExitStack()
        in_flight.enter_context(bot.in_flight())

        def ended(_: asyncio.Task[Any]) -> None:
            in_flight.close()
            if interaction.type is discord.InteractionType.application_command:
                bot.metrics.seconds.labels("command").observe(time.perf_counter() - started)

        task.add_done_callback(ended)

    async def on_error(self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError, /) -> None:
        """Tells the person, in words."""
        await answer_error(interaction, error)


def _typed(data: object) -> Iterator[str]:
    """The texts among a command's options, at any depth."""
    if isinstance(data, dict):
        if data.get("type") == discord.AppCommandOptionType.string.value and isinstance(data.get("value"), str):
            yield data["value"]
        yield from _typed(data.get("options"))
    elif isinstance(data, list):
        for item in data:
            yield from _typed(item)


def _as_registered(command: app_commands.AppCommand) -> dict[str, Any]:
    """Returns what Discord has of a command: also what discord.py leaves out of its own form of it."""
    needed = command.default_member_permissions
    return {**command.to_dict(), "needed": needed.value if needed is not None else None, "nsfw": command.nsfw}


async def _registered(tree: CommandTree, otherwise: str = "") -> str:
    """Returns a digest of the commands that Discord has of us; `otherwise` where it does not tell."""
    try:
        commands = await tree.fetch_commands()
    except UNREACHABLE as error:
        log.warning("Discord does not tell which commands it has: %s", type(error).__name__)
        return otherwise
    had = sorted(json.dumps(_as_registered(command), sort_keys=True, default=str) for command in commands)
    return hashlib.sha256("\n".join(had).encode()).hexdigest()


async def sync_if_changed(tree: CommandTree, database: Database, application_id: int) -> bool:
    """Registers the commands with Discord if they, or those that Discord has, are not as they were after the last time.

    Returns whether it did. What was cleared or changed at Discord by others comes back so.
    """
    translator = tree.translator
    payload = [
        command.to_dict(tree) if translator is None else await command.get_translated_payload(tree, translator)
        for command in tree.get_commands()
    ]
    digest = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
    name = f"commands:{application_id}"
    try:
        known = await database.note(name)
    except StorageFault:
        known = None
    last, _, registered = (known or "").partition(" ")
    if last == digest and await _registered(tree, otherwise=registered) == registered:
        return False
    try:
        await tree.sync()
    except (discord.RateLimited, discord.app_commands.AppCommandError, discord.HTTPException) as error:
        log.error("the commands could not be registered, and will be at the next start: %s", error)
        return False
    try:
        await database.keep_note(name, f"{digest} {await _registered(tree)}")
    except StorageFault as fault:
        log.warning("the commands will be registered again at the next start: %s", fault)
    return True
