"""`/settings`: everything that a server can choose, in one view, changed in place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Self, cast

import discord
from discord import app_commands
from pydantic import ValidationError

from bot.chat.advice import card as cards
from bot.chat.guidance.form import managers_server
from bot.chat.kit.errors import Refusal, answer_error
from bot.chat.kit.host import host_of
from bot.chat.kit.item import Interaction, Item
from bot.chat.kit.words import described, words
from bot.guidance.models import Verdict
from bot.storage import ServerSettings

INBOX_DAYS = (7, 14, 30)
MOST_CHANNELS = 25
MOST_ROLES = 10

Options = Sequence[tuple[str, str]]

CHOICES: dict[str, Options] = {
    "listening": [(name, f"settings.listening_{name}") for name in ("mentioned", "channels", "never")],
    "eagerness": [(name, f"settings.eagerness_{name}") for name in ("careful", "eager")],
    "answers": [(name, f"settings.answers_{name}") for name in ("private", "public")],
    "inbox": [("0", "settings.inbox_off"), *((str(days), "settings.inbox_days") for days in INBOX_DAYS)],
    "audience": [(name, f"settings.audience_{name}") for name in ("admins", "everyone")],
}
"""What can be chosen for each setting: the value, and the key of its words."""
PAGES = (("listening", "channels", "eagerness", "answers"), ("roles", "inbox", "audience"))


@app_commands.command(description=described("command.settings"))
@app_commands.default_permissions(manage_guild=True)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
async def settings(interaction: Interaction) -> None:
    """Shows the settings, privately."""
    chosen = await managers_server(interaction).settings()
    card, view = settings_parts(chosen, 0, interaction)
    await interaction.response.send_message(embed=card, view=view, ephemeral=True)


def value_of(setting: str, chosen: ServerSettings) -> str:
    """Returns a setting's value as its menu knows it."""
    match setting:
        case "listening":
            return chosen.listening
        case "eagerness":
            return chosen.eagerness
        case "answers":
            return "private" if chosen.private_answers else "public"
        case "inbox":
            return str(chosen.inbox_days) if chosen.inbox else "0"
        case _:
            return chosen.stats_audience


def changes_for(setting: str, value: str) -> dict[str, Any]:
    """Returns what a menu's value changes; the inverse of `value_of`."""
    match setting:
        case "listening" | "eagerness":
            return {setting: value}
        case "answers":
            return {"private_answers": value == "private"}
        case "inbox":
            return {"inbox": value != "0", **({"inbox_days": int(value)} if value != "0" else {})}
        case _:
            return {"stats_audience": value}


def _label(setting: str, value: str, locale: discord.Locale | None) -> str:
    key = dict(CHOICES[setting]).get(value, "settings.inbox_days")
    return words(key, locale, days=value)


def settings_parts(
    chosen: ServerSettings, page: int, interaction: Interaction
) -> tuple[discord.Embed, discord.ui.View]:
    """Returns all settings as a card, and the menus of one page to change them."""
    locale = interaction.locale
    card = cards.plain(words("settings.title", locale), "", cards.COLORS[Verdict.HOW_TO])

    def field(key: str, value: str) -> None:
        card.add_field(name=words(f"settings.{key}", locale), value=value, inline=False)

    help_line = words("settings.listening_help", locale)
    field("listening", f"{_label('listening', chosen.listening, locale)}\n-# {help_line}")
    channels = ", ".join(f"<#{channel}>" for channel in sorted(chosen.listening_channels))
    field("channels", channels or words("settings.nowhere", locale))
    field("eagerness", _label("eagerness", chosen.eagerness, locale))
    field("answers", _label("answers", value_of("answers", chosen), locale))
    roles = ", ".join(f"<@&{role}>" for role in sorted(chosen.editor_roles))
    field("roles", f"{roles or words('settings.nobody', locale)}\n-# {words('settings.roles_help', locale)}")
    field("inbox", _label("inbox", value_of("inbox", chosen), locale))
    field("audience", _label("audience", chosen.stats_audience, locale))
    field("time_zone", chosen.time_zone)
    view = discord.ui.View(timeout=None)
    for setting in PAGES[page]:
        if setting == "channels":
            view.add_item(ListeningChannels(sorted(chosen.listening_channels)))
        elif setting == "roles":
            view.add_item(EditorRoles(sorted(chosen.editor_roles)))
        else:
            view.add_item(SettingMenu(setting, value_of(setting, chosen)))
    if page:
        view.add_item(TimeZone())
    view.add_item(SettingsPage(1 - page))
    return card, view


async def _change(interaction: Interaction, page: int, **changes: Any) -> None:
    """Changes settings, and shows them anew in place."""
    chosen = await managers_server(interaction).change_settings(**changes)
    card, view = settings_parts(chosen, page, interaction)
    said = None
    if "listening" in changes and chosen.listening == "channels" and not host_of(interaction).intents.message_content:
        said = words("hello.no_content", interaction.locale)
    await interaction.response.edit_message(content=said, embed=card, view=view)


class SettingMenu(
    Item[discord.ui.Select[Any]], template=r"rsvno:setting:(?P<name>listening|eagerness|answers|inbox|audience)"
):
    """Changes one setting."""

    def __init__(self, name: str, value: str) -> None:
        self.name = name
        super().__init__(
            discord.ui.Select(
                custom_id=f"rsvno:setting:{name}",
                placeholder=words(f"settings.{name}"),
                options=[
                    discord.SelectOption(
                        label=cards.shorten(f"{words(f'settings.short_{name}')}: {words(key, days=option)}", 100),
                        value=option,
                        default=option == value,
                    )
                    for option, key in CHOICES[name]
                ],
            )
        )

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: re.Match[str], /) -> Self:
        return cls(match["name"], "")

    async def act(self, interaction: Interaction) -> None:
        data = cast("dict[str, Any]", interaction.data)
        page = 0 if self.name in PAGES[0] else 1
        await _change(interaction, page, **changes_for(self.name, data["values"][0]))


class ListeningChannels(Item[discord.ui.ChannelSelect[Any]], template=r"rsvno:setting:channels"):
    """Chooses the channels; having chosen some means listening there."""

    def __init__(self, chosen: Sequence[int] = ()) -> None:
        super().__init__(
            discord.ui.ChannelSelect(
                custom_id="rsvno:setting:channels",
                placeholder=words("settings.channels"),
                channel_types=[discord.ChannelType.text, discord.ChannelType.forum, discord.ChannelType.news],
                min_values=0,
                max_values=MOST_CHANNELS,
                default_values=[discord.Object(channel) for channel in chosen[:MOST_CHANNELS]],
            )
        )

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: re.Match[str], /) -> Self:
        return cls()

    async def act(self, interaction: Interaction) -> None:
        data = cast("dict[str, Any]", interaction.data)
        channels = frozenset(int(value) for value in data["values"])
        await _change(interaction, 0, listening_channels=channels, listening="channels" if channels else "mentioned")


class EditorRoles(Item[discord.ui.RoleSelect[Any]], template=r"rsvno:setting:roles"):
    """Chooses the roles that may edit the server's guidance."""

    def __init__(self, chosen: Sequence[int] = ()) -> None:
        super().__init__(
            discord.ui.RoleSelect(
                custom_id="rsvno:setting:roles",
                placeholder=words("settings.roles"),
                min_values=0,
                max_values=MOST_ROLES,
                default_values=[discord.Object(role) for role in chosen[:MOST_ROLES]],
            )
        )

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: re.Match[str], /) -> Self:
        return cls()

    async def act(self, interaction: Interaction) -> None:
        data = cast("dict[str, Any]", interaction.data)
        await _change(interaction, 1, editor_roles=frozenset(int(value) for value in data["values"]))


class TimeZone(Item[discord.ui.Button[Any]], template=r"rsvno:setting:time_zone"):
    """Opens the form for the time zone."""

    def __init__(self) -> None:
        super().__init__(
            discord.ui.Button(label=words("settings.time_zone_button"), custom_id="rsvno:setting:time_zone", row=4)
        )

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: re.Match[str], /) -> Self:
        return cls()

    async def act(self, interaction: Interaction) -> None:
        chosen = await managers_server(interaction).settings()
        await interaction.response.send_modal(TimeZoneForm(chosen.time_zone, interaction.locale))


class TimeZoneForm(discord.ui.Modal):
    """Asks for a time zone's name."""

    def __init__(self, zone: str, locale: discord.Locale | None) -> None:
        super().__init__(title=words("settings.time_zone", locale), timeout=900.0)
        self.zone: discord.ui.TextInput[Any] = discord.ui.TextInput(custom_id="zone", default=zone, max_length=60)
        self.add_item(
            discord.ui.Label(
                text=words("settings.time_zone", locale),
                description=words("settings.time_zone_help", locale),
                component=self.zone,
            )
        )

    async def on_submit(self, interaction: Interaction, /) -> None:
        """Keeps the time zone, if there is one of that name."""
        try:
            await _change(interaction, 1, time_zone=self.zone.value.strip())
        except ValidationError:
            raise Refusal("error.time_zone", name=cards.safe(self.zone.value)) from None

    async def on_error(  # type: ignore[override]  # a form has no item, as discord.py's own class of forms says too
        self, interaction: Interaction, error: Exception, /
    ) -> None:
        """Tells the person, in words."""
        await answer_error(interaction, error)


class SettingsPage(Item[discord.ui.Button[Any]], template=r"rsvno:settings:(?P<page>[01])"):
    """The other half of the menus."""

    def __init__(self, page: int) -> None:
        self.page = page
        super().__init__(
            discord.ui.Button(
                label=words("settings.more" if page else "settings.back"), custom_id=f"rsvno:settings:{page}", row=4
            )
        )

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: Any, match: re.Match[str], /) -> Self:
        return cls(int(match["page"]))

    async def act(self, interaction: Interaction) -> None:
        chosen = await managers_server(interaction).settings()
        card, view = settings_parts(chosen, self.page, interaction)
        await interaction.response.edit_message(embed=card, view=view)


ITEMS = (SettingMenu, ListeningChannels, EditorRoles, TimeZone, SettingsPage)
