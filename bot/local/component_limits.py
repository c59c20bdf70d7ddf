"""Limits of buttons, menus and forms that Discord checks and simcord does not: simcord checks the layout itself.

Source: Discord's documentation, 'Component Reference', and its answers that bots met (`BUTTON_COMPONENT_INVALID_EMOJI`,
'This field is required' for a button that shows nothing, `max_values` above the number of options).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.local.errors import invalid_form

BUTTON, STRING_MENU, FILE, CHECKBOX_GROUP = 2, 3, 13, 22
MENUS = (3, 5, 6, 7, 8)
PREMIUM = 6

_OLD_EMOJI = re.compile(
    "[#*0-9©®‼⁉™ℹ↔-↙↩↪⌚⌛⌨⏏⏩-⏳⏸-⏺Ⓜ▪▫▶◀◻-◾☀-☄☎☑☔☕☘☝☠☢☣☦☪☮☯☸-☺♀♂♈-♓♟♠♣♥♦♨♻♾♿⚒-⚗⚙⚛⚜⚠⚡⚧⚪⚫⚰⚱⚽⚾⛄⛅⛈⛎⛏⛑⛓⛔⛩⛪⛰-⛵⛷-⛺⛽"
    "✂✅✈-✍✏✒✔✖✝✡✨✳✴❄❇❌❎❓-❕❗❣❤➕-➗➡➰➿⤴⤵⬅-⬇⬛⬜⭐⭕〰〽㊗㊙]"
)
"""The emoji of Unicode's first plane, to which none are added any more; all others are in the second."""
_SECOND_PLANE = re.compile("[\U0001f000-\U0001faff]")


def check_components(components: Any, path: str = "components") -> None:
    """Raises ApiError if a message's buttons and menus break one of these limits."""
    for component, here in _walk(components, path):
        kind = component.get("type")
        if kind == BUTTON and component.get("style") != PREMIUM:
            if not component.get("label") and not component.get("emoji"):
                raise invalid_form(f"{here}.label", "This field is required", "BASE_TYPE_REQUIRED")
            _check_emoji(component, here)
        elif kind in MENUS:
            _check_menu(component, here)
        elif kind == FILE and not str((component.get("file") or {}).get("url")).startswith("attachment://"):
            raise invalid_form(f"{here}.file.url", "Must be an attachment reference", "UNFURLED_MEDIA_ITEM_INVALID")


def check_form(components: Any, path: str = "data.components") -> None:
    """Raises ApiError if what a form asks for breaks one of these limits."""
    for component, here in _walk(components, path):
        kind = component.get("type")
        if kind in MENUS:
            if component.get("disabled"):
                raise invalid_form(f"{here}.disabled", "Modals can't have disabled components", "COMPONENT_INVALID")
            _check_menu(component, here)
        elif kind == CHECKBOX_GROUP and component.get("min_values") == 0 and component.get("required", True):
            raise invalid_form(f"{here}.required", "Must be false if min_values is 0", "COMPONENT_INVALID")


def _walk(components: Any, path: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    if not isinstance(components, Sequence) or isinstance(components, str):
        return
    for index, component in enumerate(components):
        if isinstance(component, Mapping):
            yield from _with_below(component, f"{path}.{index}")


def _with_below(component: Mapping[str, Any], here: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    yield component, here
    yield from _walk(component.get("components"), f"{here}.components")
    for key in ("accessory", "component"):
        if isinstance(component.get(key), Mapping):
            yield from _with_below(component[key], f"{here}.{key}")


def _check_menu(menu: Mapping[str, Any], path: str) -> None:
    most = menu.get("max_values") or 1
    chosen = list(menu.get("default_values") or [])
    if menu["type"] == STRING_MENU:
        options = [each for each in menu.get("options") or [] if isinstance(each, Mapping)]
        if most > len(options):
            raise invalid_form(f"{path}.max_values", f"Must be less than or equal to {len(options)}", "NUMBER_TYPE_MAX")
        for index, option in enumerate(options):
            _check_emoji(option, f"{path}.options.{index}")
        chosen = [each for each in options if each.get("default")]
    if chosen and not (menu.get("min_values") or 0) <= len(chosen) <= most:
        raise invalid_form(path, f"{len(chosen)} are chosen, which is not in range", "SELECT_COMPONENT_INVALID_DEFAULT")


def _check_emoji(component: Mapping[str, Any], path: str) -> None:
    emoji = component.get("emoji")
    if not isinstance(emoji, Mapping) or emoji.get("id"):
        return
    name = str(emoji.get("name") or "")
    if not _OLD_EMOJI.match(name) and not _SECOND_PLANE.match(name):
        raise invalid_form(f"{path}.emoji.name", "Invalid emoji", "BUTTON_COMPONENT_INVALID_EMOJI")
