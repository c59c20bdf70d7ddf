"""What went over the wire, in order: for transcripts, and to look at what a bot really did. Never the token."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Exchange:
    """One REST call with its answer, or one gateway payload. Bodies are kept as the text that was sent."""

    at: datetime
    kind: Literal["rest", "to bot", "from bot"]
    name: str
    """`POST /channels/1/messages`, or the gateway's event or operation."""
    sent_text: str = "null"
    received_text: str = "null"
    status: int | None = None
    files: tuple[tuple[str, int], ...] = ()
    """Names and sizes of the files that came with a call."""
    headers: dict[str, str] = field(default_factory=dict)
    """The answer's headers of a REST call."""

    @property
    def sent(self) -> Any:
        """What the bot sent: the JSON body of a call, or an operation's data."""
        return json.loads(self.sent_text)

    @property
    def received(self) -> Any:
        """What the bot got: the answer's JSON, or an event's data."""
        return json.loads(self.received_text)


class Traffic:
    """The last exchanges, oldest first."""

    def __init__(self, most: int = 5000) -> None:
        self.exchanges: deque[Exchange] = deque(maxlen=most)
        self.count = 0

    def add(self, exchange: Exchange) -> None:
        """Keeps one exchange, and drops the oldest when there are too many."""
        self.count += 1
        self.exchanges.append(exchange)

    def since(self, count: int) -> list[Exchange]:
        """Returns what came after the first `count` exchanges, as far as it is still kept."""
        new = min(self.count - count, len(self.exchanges))
        return list(self.exchanges)[len(self.exchanges) - new :] if new > 0 else []

    def calls(self, name: str = "") -> list[Exchange]:
        """Returns the REST calls whose `METHOD /path` holds `name`."""
        return [exchange for exchange in self.exchanges if exchange.kind == "rest" and name in exchange.name]
