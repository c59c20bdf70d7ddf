"""What goes over the wire, in Discord's form: ids as text, and the role that a bot brings along marked as its own."""

from __future__ import annotations

from typing import Any

UNSAFE = 1 << 53
"""A number from here on loses its last digits in JavaScript; of all that Discord sends, only ids are so large."""


def as_sent(value: Any, bot_id: int) -> Any:
    """Returns a deep copy of a payload as Discord sends it."""
    if isinstance(value, dict):
        sent = {str(key): as_sent(each, bot_id) for key, each in value.items()}
        if sent.get("managed") is True and "permissions" in sent and "position" in sent:
            # the only such role here is the one that came with the bot
            sent["tags"] = {"bot_id": str(bot_id)}
        return sent
    if isinstance(value, list | tuple):
        return [as_sent(each, bot_id) for each in value]
    if isinstance(value, int) and value >= UNSAFE:
        return str(value)
    return value
