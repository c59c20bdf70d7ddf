"""The channels to which an entry may be limited: named, and chosen from a menu under the entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Any

import discord

from bot.chat.kit.custom_id import EntryId
from bot.chat.kit.item import ChannelMenu, Interaction, chosen
from bot.chat.kit.origin import WITH_TEXT
from bot.chat.kit.permissions import editors
from bot.chat.kit.servers import has_channel
from bot.chat.kit.words import words
from bot.guidance.models import MAX_CHANNELS, Entry

FEW = 3
"""So many channels are named where there is little room."""


def present(guild: discord.Guild | None, channels: Sequence[int]) -> list[int]:
    """Returns those channels that the server (still) has."""
    return [each for each in channels if has_channel(guild, each)]


def few_channels(channels: Sequence[int]) -> str:
    """Returns the first few channels as Discord links them, and how many more there are."""
    more = [f"+{len(channels) - FEW}"] if len(channels) > FEW else []
    return " ".join([*(f"<#{channel}>" for channel in channels[:FEW]), *more])


def limit_of(guild: discord.Guild | None, entry: Entry) -> str:
    """Returns where alone an entry answers, in words; an empty text for an entry that answers everywhere."""
    if not entry.channels:
        return ""
    here = present(guild, entry.channels)
    gone = len(entry.channels) - len(here)
    lines = [" ".join(f"<#{channel}>" for channel in here)]
    if gone:
        lines.append(words("guidance.channels_gone" if here else "guidance.channels_all_gone", count=gone))
    return "\n".join(line for line in lines if line)


class EntryChannels(ChannelMenu, name="own:channels", permission=editors):
    """Limits an entry to channels; to none chosen: it answers everywhere."""

    entry: EntryId
    held: Sequence[int] = field(kw_only=True)

    def draw(self) -> discord.ui.ChannelSelect[Any]:
        return discord.ui.ChannelSelect(
            placeholder=words("guidance.channels_menu"),
            channel_types=WITH_TEXT,
            min_values=0,
            max_values=MAX_CHANNELS,
            default_values=[discord.Object(channel) for channel in self.held],
        )

    async def act(self, interaction: Interaction) -> None:
        # a proposal that is saved leads here
        from bot.chat.guidance.drafts import offer
        from bot.chat.guidance.proposals import Limited

        await offer(interaction, Limited(entry=self.entry, channels=[int(each) for each in chosen(interaction)]))


def channel_menu(guild: discord.Guild | None, entry: Entry) -> EntryChannels:
    """Returns an entry's menu, with those of its channels chosen that the server still has."""
    return EntryChannels(entry.id, held=present(guild, entry.channels))
