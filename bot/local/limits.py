"""Limits that Discord checks when commands are registered and suggestions are offered.

Source: Discord's documentation, 'Application Commands' (names, descriptions, options, choices, counts, the 8,000
characters of a command) and 'Receiving and Responding' (25 autocomplete choices).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from bot.local.errors import ApiError, invalid_form

CHAT_INPUT, USER, MESSAGE = 1, 2, 3
SUBCOMMAND, SUBCOMMAND_GROUP, STRING, INTEGER, NUMBER = 1, 2, 3, 4, 10

MOST_COMMANDS = {CHAT_INPUT: 100, USER: 5, MESSAGE: 5}
MOST_OPTIONS = 25
MOST_CHOICES = 25
MOST_CHARACTERS = 8000

_NAME = re.compile(r"[-_'\w]{1,32}")


def check_commands(payloads: Any) -> None:
    """Raises ApiError if a bulk overwrite of commands breaks one of Discord's limits."""
    if not isinstance(payloads, list) or not all(isinstance(payload, Mapping) for payload in payloads):
        raise invalid_form("commands", "Only lists of commands are allowed.", "LIST_TYPE_CONVERT")
    names: Counter[tuple[int, str]] = Counter()
    kinds: Counter[int] = Counter()
    for index, payload in enumerate(payloads):
        kind = int(payload.get("type", CHAT_INPUT))
        kinds[kind] += 1
        names[kind, str(payload.get("name"))] += 1
        _check_command(payload, kind, str(index))
    for (_, name), count in names.items():
        if count > 1:
            raise invalid_form(
                "name", f"Application command names must be unique: '{name}'", "APPLICATION_COMMANDS_DUPLICATE_NAME"
            )
    for kind, count in kinds.items():
        if count > MOST_COMMANDS.get(kind, 0):
            raise ApiError(400, 30032, f"Maximum number of application commands reached ({MOST_COMMANDS.get(kind, 0)})")


def _check_command(payload: Mapping[str, Any], kind: int, path: str) -> None:
    if kind == CHAT_INPUT:
        _check_name(payload.get("name"), f"{path}.name")
        _check_length(payload.get("description"), 1, 100, f"{path}.description")
        _check_options(payload.get("options") or [], f"{path}.options", depth=0)
        if _characters(payload) > MOST_CHARACTERS:
            raise invalid_form(path, "Command exceeds maximum size (8000)", "APPLICATION_COMMAND_TOO_LARGE")
    else:
        _check_length(payload.get("name"), 1, 32, f"{path}.name")
        if payload.get("description"):
            raise invalid_form(
                f"{path}.description",
                "Context menu commands cannot have description",
                "APPLICATION_COMMAND_NO_DESCRIPTION",
            )


def _check_options(options: Sequence[Mapping[str, Any]], path: str, *, depth: int) -> None:
    if len(options) > MOST_OPTIONS:
        raise invalid_form(path, f"Must be {MOST_OPTIONS} or fewer in length.")
    seen: set[str] = set()
    optional_came = False
    for index, option in enumerate(options):
        here = f"{path}.{index}"
        _check_name(option.get("name"), f"{here}.name")
        _check_length(option.get("description"), 1, 100, f"{here}.description")
        if option["name"] in seen:
            raise invalid_form(here, "Option names must be unique", "APPLICATION_COMMAND_OPTIONS_NAME_INVALID")
        seen.add(option["name"])
        kind = int(option.get("type", 0))
        if kind in (SUBCOMMAND, SUBCOMMAND_GROUP):
            if depth > 1 or (kind == SUBCOMMAND_GROUP and depth > 0):
                raise invalid_form(here, "Sub-commands are nested too deep", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID")
            _check_options(option.get("options") or [], f"{here}.options", depth=depth + 1)
            continue
        if option.get("required"):
            if optional_came:
                raise invalid_form(
                    here,
                    "Required options must be placed before non-required options",
                    "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                )
        else:
            optional_came = True
        choices = option.get("choices") or []
        if choices and option.get("autocomplete"):
            raise invalid_form(
                here, "Autocomplete options cannot have choices", "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES"
            )
        check_choices(choices, f"{here}.choices", kind)


def check_choices(choices: Sequence[Mapping[str, Any]], path: str, kind: int = STRING) -> None:
    """Raises ApiError if an option's choices, or the suggestions offered for one, break a limit."""
    if not isinstance(choices, list):
        raise invalid_form(path, "Only lists are allowed.", "LIST_TYPE_CONVERT")
    if len(choices) > MOST_CHOICES:
        raise invalid_form(path, f"Must be {MOST_CHOICES} or fewer in length.")
    for index, choice in enumerate(choices):
        _check_length(choice.get("name"), 1, 100, f"{path}.{index}.name")
        value = choice.get("value")
        if kind == STRING:
            _check_length(value, 1, 100, f"{path}.{index}.value")
        elif isinstance(value, bool) or not isinstance(value, int | float):
            raise invalid_form(f"{path}.{index}.value", f'Value "{value}" is not a number.', "NUMBER_TYPE_COERCE")


def _check_name(value: Any, path: str) -> None:
    if not isinstance(value, str) or _NAME.fullmatch(value) is None or value != value.lower():
        raise invalid_form(
            path, "Command name is invalid: 1 to 32 lower-case word characters", "APPLICATION_COMMAND_INVALID_NAME"
        )


def _check_length(value: Any, least: int, most: int, path: str) -> None:
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise invalid_form(path, f"Must be between {least} and {most} in length.")


def _characters(node: Mapping[str, Any]) -> int:
    total = len(str(node.get("name", ""))) + len(str(node.get("description", "")))
    total += sum(len(str(choice["name"])) + len(str(choice["value"])) for choice in node.get("choices") or [])
    return total + sum(_characters(option) for option in node.get("options") or [])
