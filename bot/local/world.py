"""The world that people act in: the engine, what they see of it, and waiting for it to change."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TypeVar

from simcord.backend.models import Message

from bot.local.clock import MovableClock
from bot.local.engine import Engine
from bot.local.errors import NotAnswered
from bot.local.views import Seen

Result = TypeVar("Result")


class World:
    """One Discord as those see it who are in it. `url` is where its files are served from, once it runs."""

    pace = 1.0
    """How fast what is waited for must come: below 1, deadlines hold on a machine that is busy with other things."""

    def __init__(self, bot_name: str, clock_ahead: float = 0.0) -> None:
        self.clock = MovableClock(clock_ahead)
        self.engine = Engine(self.clock, bot_name, self.pace)
        self.url = ""
        self._changed = asyncio.Event()
        self.watchers: set[Callable[[], None]] = set()
        """Called at each change."""

    def seen(self, user_id: int, message: Message) -> Seen:
        """Returns a stored message as this person's client shows it."""
        raw = json.loads(self.engine.with_cdn(json.dumps(self.engine.message_for(user_id, message)), self.url))
        components = tuple(self.engine.components(raw))
        return Seen(message.id, message.channel_id, raw, components, tuple(self.engine.pings(message)))

    def note_change(self) -> None:
        """Wakes all who wait for a change."""
        self._changed.set()
        for watcher in tuple(self.watchers):
            watcher()

    async def until(self, look: Callable[[], Result | None], seconds: float = 10.0, otherwise: str = "") -> Result:
        """Waits until `look()` returns something that is not None and not False, and returns it.

        It is asked anew at each change of this Discord. Raises NotAnswered(`otherwise`) after `seconds` by its pace.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds / self.pace
        while True:
            found = look()
            if found is not None and found is not False:
                return found
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), max(deadline - loop.time(), 0.0))
            except TimeoutError:
                found = look()
                if found is not None and found is not False:
                    return found
                raise NotAnswered(otherwise or "nothing of the kind happened") from None
