"""`/settings`: everything that a server can choose, in one view, changed in place."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any, ClassVar, Generic

import discord
from discord import app_commands

from bot.chat.kit.card import COLOR, plain
from bot.chat.kit.errors import Refusal
from bot.chat.kit.form import Field, Form
from bot.chat.kit.host import host_of
from bot.chat.kit.item import Button, Component, Interaction, Item, View, chosen
from bot.chat.kit.origin import WITH_TEXT
from bot.chat.kit.permissions import managers, store_of
from bot.chat.kit.sending import answer
from bot.chat.kit.sending import change as show_changed
from bot.chat.kit.text import safe, shorten
from bot.chat.kit.words import told, words
from bot.chat.settings import time_zones
from bot.storage import ServerSettings

INBOX_DAYS = (7, 14, 30)
MAX_CHANNELS = 25
MAX_ROLES = 10


@app_commands.command(description=told("command.settings"))
@app_commands.default_permissions(manage_guild=True)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.check(managers)
async def settings(interaction: Interaction) -> None:
    """Shows the settings, privately."""
    card, view = settings_parts(await store_of(interaction).settings.get(), 0)
    await answer(interaction, embed=card, view=view)


def settings_parts(settings: ServerSettings, half: int) -> tuple[discord.Embed, View]:
    """Returns all settings as a card, and the items of one half (0 or 1) to change them."""
    card = plain(words("settings.title"), "", COLOR)
    for kind in SETTINGS:
        card.add_field(name=words(f"settings.{kind.key}"), value=kind.said(settings), inline=False)
    other = LessSettings() if half else MoreSettings()
    return card, View(*(kind(settings=settings) for kind in SETTINGS if kind.half == half), other)


async def change(interaction: Interaction, half: int, **changes: Any) -> None:
    """Changes settings, and shows them anew in place."""
    settings = await store_of(interaction).settings.change(**changes)
    card, view = settings_parts(settings, half)
    note = deaf_note(interaction) if "listening" in changes and settings.listening == "channels" else None
    await show_changed(interaction, content=note, embed=card, view=view)


def listening_in(channels: Iterable[int]) -> dict[str, Any]:
    """Returns the changes by which the bot listens in exactly these channels; in none: only when mentioned."""
    held = frozenset(channels)
    return {"listening_channels": held, "listening": "channels" if held else "mentioned"}


def deaf_note(interaction: Interaction) -> str | None:
    """Returns what to say where the bot is to listen, but Discord gives it no messages to read."""
    return None if host_of(interaction).intents.message_content else words("hello.no_content")


# ------------------------------------------------------------ one class a setting


class Setting(Item[Component], Generic[Component]):
    """A setting: its line on the card, and the item that changes it."""

    key: ClassVar[str]
    """The key of its name among the words of `settings`."""
    half: ClassVar[int]
    """In which half of the items it stands."""
    settings: ServerSettings = field(kw_only=True)

    @classmethod
    @abstractmethod
    def said(cls, settings: ServerSettings) -> str:
        """Returns how it stands, in words."""


class ChoiceSetting(Setting[discord.ui.Select[Any]]):
    """A setting with a few values to choose from."""

    @classmethod
    def options(cls) -> Mapping[str, str]:
        """Returns the values, each with its words."""
        raise NotImplementedError

    @classmethod
    def value(cls, settings: ServerSettings) -> str:
        """Returns the value that is set."""
        raise NotImplementedError

    @classmethod
    def changes(cls, value: str) -> dict[str, Any]:
        """Returns what choosing a value changes; the inverse of `value`."""
        raise NotImplementedError

    @classmethod
    def said(cls, settings: ServerSettings) -> str:
        value = cls.value(settings)
        return cls.options().get(value, value)

    def draw(self) -> discord.ui.Select[Any]:
        short, value = words(f"settings.short_{self.key}"), self.value(self.settings)
        options = [
            discord.SelectOption(label=shorten(f"{short}: {text}", 100), value=option, default=option == value)
            for option, text in self.options().items()
        ]
        return discord.ui.Select(placeholder=words(f"settings.{self.key}"), options=options)

    async def act(self, interaction: Interaction) -> None:
        await change(interaction, self.half, **self.changes(chosen(interaction)[0]))


class Listening(ChoiceSetting, name="setting:listening", permission=managers):
    """Where messages are answered."""

    key = "listening"
    half = 0

    @classmethod
    def options(cls) -> Mapping[str, str]:
        return {name: words(f"settings.listening_{name}") for name in ("mentioned", "channels", "never")}

    @classmethod
    def value(cls, settings: ServerSettings) -> str:
        return settings.listening

    @classmethod
    def changes(cls, value: str) -> dict[str, Any]:
        return {"listening": value}

    @classmethod
    def said(cls, settings: ServerSettings) -> str:
        return f"{super().said(settings)}\n-# {words('settings.listening_help')}"


class Channels(Setting[discord.ui.ChannelSelect[Any]], name="setting:channels", permission=managers):
    """The channels in which messages are answered unasked; having chosen some means listening there."""

    key = "channels"
    half = 0

    @classmethod
    def said(cls, settings: ServerSettings) -> str:
        return mentioned_channels(settings.listening_channels) or words("settings.nowhere")

    def draw(self) -> discord.ui.ChannelSelect[Any]:
        held = sorted(self.settings.listening_channels)[:MAX_CHANNELS]
        return discord.ui.ChannelSelect(
            placeholder=words("settings.channels"),
            channel_types=WITH_TEXT,
            min_values=0,
            max_values=MAX_CHANNELS,
            default_values=[discord.Object(channel) for channel in held],
        )

    async def act(self, interaction: Interaction) -> None:
        await change(interaction, self.half, **listening_in(int(value) for value in chosen(interaction)))


class Eagerness(ChoiceSetting, name="setting:eagerness", permission=managers):
    """How often messages are answered unasked."""

    key = "eagerness"
    half = 0

    @classmethod
    def options(cls) -> Mapping[str, str]:
        return {name: words(f"settings.eagerness_{name}") for name in ("careful", "eager")}

    @classmethod
    def value(cls, settings: ServerSettings) -> str:
        return settings.eagerness

    @classmethod
    def changes(cls, value: str) -> dict[str, Any]:
        return {"eagerness": value}


class Answers(ChoiceSetting, name="setting:answers", permission=managers):
    """Who sees the answers to commands."""

    key = "answers"
    half = 0

    @classmethod
    def options(cls) -> Mapping[str, str]:
        return {name: words(f"settings.answers_{name}") for name in ("private", "public")}

    @classmethod
    def value(cls, settings: ServerSettings) -> str:
        return "private" if settings.private_answers else "public"

    @classmethod
    def changes(cls, value: str) -> dict[str, Any]:
        return {"private_answers": value == "private"}


class Roles(Setting[discord.ui.RoleSelect[Any]], name="setting:roles", permission=managers):
    """The roles that may edit the server's guidance."""

    key = "roles"
    half = 1

    @classmethod
    def said(cls, settings: ServerSettings) -> str:
        roles = ", ".join(f"<@&{role}>" for role in sorted(settings.editor_roles))
        return f"{roles or words('settings.nobody')}\n-# {words('settings.roles_help')}"

    def draw(self) -> discord.ui.RoleSelect[Any]:
        held = sorted(self.settings.editor_roles)[:MAX_ROLES]
        return discord.ui.RoleSelect(
            placeholder=words("settings.roles"),
            min_values=0,
            max_values=MAX_ROLES,
            default_values=[discord.Object(role) for role in held],
        )

    async def act(self, interaction: Interaction) -> None:
        await change(interaction, self.half, editor_roles=frozenset(int(value) for value in chosen(interaction)))


class Inbox(ChoiceSetting, name="setting:inbox", permission=managers):
    """Whether, and for how long, unanswered questions are kept."""

    key = "inbox"
    half = 1

    @classmethod
    def options(cls) -> Mapping[str, str]:
        days = {str(days): words("settings.inbox_days", count=days) for days in INBOX_DAYS}
        return {"0": words("settings.inbox_off"), **days}

    @classmethod
    def value(cls, settings: ServerSettings) -> str:
        return str(settings.inbox_days) if settings.inbox else "0"

    @classmethod
    def changes(cls, value: str) -> dict[str, Any]:
        return {"inbox": True, "inbox_days": int(value)} if value != "0" else {"inbox": False}

    @classmethod
    def said(cls, settings: ServerSettings) -> str:
        # the operator may have set another number of days
        return words("settings.inbox_days", count=settings.inbox_days) if settings.inbox else super().said(settings)


class Audience(ChoiceSetting, name="setting:audience", permission=managers):
    """Who sees the stats."""

    key = "audience"
    half = 1

    @classmethod
    def options(cls) -> Mapping[str, str]:
        return {name: words(f"settings.audience_{name}") for name in ("admins", "everyone")}

    @classmethod
    def value(cls, settings: ServerSettings) -> str:
        return settings.stats_audience

    @classmethod
    def changes(cls, value: str) -> dict[str, Any]:
        return {"stats_audience": value}


class TimeZone(Setting[discord.ui.Button[Any]], name="setting:time_zone", permission=managers):
    """Where the server's days begin: opens a form."""

    key = "time_zone"
    half = 1

    @classmethod
    def said(cls, settings: ServerSettings) -> str:
        return time_zones.shown(settings.time_zone)

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("settings.time_zone_button"), row=4)

    async def act(self, interaction: Interaction) -> None:
        settings = await store_of(interaction).settings.get()
        await TimeZoneForm(zone=settings.time_zone).open(interaction)


class TimeZoneForm(Form, name="time_zone", permission=managers):
    """Asks for a time zone's name."""

    zone: str = field(kw_only=True)

    def title(self) -> str:
        return words("settings.time_zone")

    def fields(self) -> Sequence[Field]:
        zone: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id="zone", default=time_zones.shown(self.zone), max_length=time_zones.MOST_NAME
        )
        return [discord.ui.Label(text=self.title(), description=words("settings.time_zone_help"), component=zone)]

    async def submitted(self, interaction: Interaction, written: Mapping[str, str]) -> None:
        """Keeps the time zone, if it is clear which one is meant."""
        named = written.get("zone", "")
        zone = time_zones.zone_named(named)
        if zone is None:
            name, like = safe(named), time_zones.zones_like(named)
            if like:
                raise Refusal("error.time_zone_like", name=name, zones=", ".join(like))
            raise Refusal("error.time_zone", name=name)
        await change(interaction, TimeZone.half, time_zone=zone)


SETTINGS: tuple[type[Setting[Any]], ...] = (
    Listening, Channels, Eagerness, Answers, Roles, Inbox, Audience, TimeZone,
)  # fmt: skip
"""In the order in which they are shown."""


def mentioned_channels(channels: Iterable[int]) -> str:
    """Returns channels as Discord links them, or an empty text."""
    return ", ".join(f"<#{channel}>" for channel in sorted(channels))


# ----------------------------------------------------------------------- halves


class _Half(Button):
    """Shows one half of the items."""

    half: ClassVar[int]

    async def act(self, interaction: Interaction) -> None:
        card, view = settings_parts(await store_of(interaction).settings.get(), self.half)
        await show_changed(interaction, embed=card, view=view)


class MoreSettings(_Half, name="settings:1", permission=managers):
    """The second half."""

    half = 1

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("settings.more"), row=4)


class LessSettings(_Half, name="settings:0", permission=managers):
    """Back to the first half."""

    half = 0

    def draw(self) -> discord.ui.Button[Any]:
        return discord.ui.Button(label=words("settings.back"), row=4)
