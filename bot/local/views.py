"""What a person sees: messages, buttons, menus and forms, read from the wire objects that their client would get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

BUTTON, STRING_MENU, TEXT_INPUT, TEXT_DISPLAY = 2, 3, 4, 10
MENUS = (3, 5, 6, 7, 8)
FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 19, 21, 22, 23
INPUTS = (TEXT_INPUT, *MENUS, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX)
"""What a form can ask for."""
LINK = 5
EPHEMERAL, LOADING = 1 << 6, 1 << 7


@dataclass(frozen=True, slots=True)
class Button:
    """A button as it is shown. A link has no `custom_id`."""

    label: str
    custom_id: str | None
    disabled: bool
    url: str | None


@dataclass(frozen=True, slots=True)
class Menu:
    """A select menu: its options as label to value (empty for menus of people, roles and channels)."""

    custom_id: str
    placeholder: str
    options: dict[str, str]
    chosen: tuple[str, ...]
    kind: int


@dataclass(frozen=True, slots=True)
class Seen:
    """One message as one person's client shows it."""

    id: int
    channel_id: int
    raw: Mapping[str, Any]
    components: tuple[Mapping[str, Any], ...]
    pings: tuple[str, ...]
    """Who was notified by it: `user:ID`, `role:ID`, `everyone`."""

    @property
    def author_id(self) -> int:
        return int(self.raw["author"]["id"])

    @property
    def content(self) -> str:
        return str(self.raw.get("content") or "")

    @property
    def private(self) -> bool:
        """Whether only this person sees it."""
        return bool(int(self.raw.get("flags") or 0) & EPHEMERAL)

    @property
    def thinking(self) -> bool:
        """Whether it still says that the bot is thinking."""
        return bool(int(self.raw.get("flags") or 0) & LOADING)

    @property
    def reply_to(self) -> int | None:
        """The id of the message that this answers."""
        reference = self.raw.get("message_reference") or {}
        return int(reference["message_id"]) if reference.get("message_id") else None

    @property
    def text(self) -> str:
        """All the words on it, in reading order: content, embeds, text displays."""
        parts: list[str | None] = [self.content]
        for embed in self.raw.get("embeds") or []:
            parts += [(embed.get("author") or {}).get("name"), embed.get("title"), embed.get("description")]
            for field in embed.get("fields") or []:
                parts += [field.get("name"), field.get("value")]
            parts.append((embed.get("footer") or {}).get("text"))
        parts += [each["content"] for each in self.components if each.get("type") == TEXT_DISPLAY]
        return "\n".join(part for part in parts if part)

    @property
    def colors(self) -> list[int]:
        """The colours of its embeds and containers."""
        found: list[int] = [embed["color"] for embed in self.raw.get("embeds") or [] if embed.get("color") is not None]
        return found + [each["accent_color"] for each in self.components if each.get("accent_color") is not None]

    @property
    def buttons(self) -> list[Button]:
        """Its buttons, in reading order."""
        return [
            Button(
                str(each.get("label") or (each.get("emoji") or {}).get("name") or ""),
                each.get("custom_id"),
                bool(each.get("disabled")),
                each.get("url"),
            )
            for each in self.components
            if each.get("type") == BUTTON
        ]

    @property
    def labels(self) -> list[str]:
        """The labels of its buttons."""
        return [button.label for button in self.buttons]

    @property
    def menus(self) -> list[Menu]:
        """Its select menus, in reading order."""
        return [_menu(each) for each in self.components if each.get("type") in MENUS]

    @property
    def files(self) -> list[tuple[str, str]]:
        """(name, address) of its files."""
        return [(each["filename"], each["url"]) for each in self.raw.get("attachments") or []]


@dataclass(frozen=True, slots=True)
class Form:
    """A form (modal) that the bot opened for a person."""

    custom_id: str
    title: str
    raw: Mapping[str, Any]
    components: tuple[Mapping[str, Any], ...]

    @property
    def fields(self) -> dict[str, Mapping[str, Any]]:
        """Its inputs by custom id, as wire objects."""
        return {each["custom_id"]: each for each in self.components if each.get("type") in INPUTS}

    @property
    def filled(self) -> dict[str, str]:
        """The values that its text inputs already hold."""
        return {name: str(each.get("value") or "") for name, each in self.fields.items() if each["type"] == TEXT_INPUT}


def _menu(raw: Mapping[str, Any]) -> Menu:
    options = raw.get("options") or []
    return Menu(
        raw["custom_id"],
        str(raw.get("placeholder") or ""),
        {option["label"]: option["value"] for option in options},
        tuple(option["value"] for option in options if option.get("default")),
        int(raw["type"]),
    )
