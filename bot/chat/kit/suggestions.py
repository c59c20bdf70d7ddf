"""Suggestions while somebody types: how often they may cost more than a look at the letters."""

from __future__ import annotations

from typing import Any

import discord

from bot.chat.kit.host import host_of

_HURRIED = "hurried"


def hurry(interaction: discord.Interaction[Any]) -> None:
    """Counts that a person typed a letter, and marks what came too fast after the one before."""
    suggestions, person = host_of(interaction).limits.suggestions, interaction.user.id
    interaction.extras[_HURRIED] = bool(suggestions.wait(person))
    if not interaction.extras[_HURRIED]:
        suggestions.use(person)


def is_hurried(interaction: discord.Interaction[Any]) -> bool:
    """Returns whether this suggestion must be a cheap one."""
    return bool(interaction.extras.get(_HURRIED))
