"""All that is kept of one server: an object for each kind, and none of them can reach another server's rows."""

from __future__ import annotations

from collections.abc import Callable

from bot.storage.core import Core, Remembered
from bot.storage.engine import scrub_later
from bot.storage.schema import OF_SERVERS
from bot.storage.server.counters import Counters
from bot.storage.server.entries import Entries
from bot.storage.server.inbox import Inbox
from bot.storage.server.scope import Scope
from bot.storage.server.settings import Settings
from bot.storage.server.waiting import Waiting


class ServerStore:
    """One server. Every method of its parts raises DatabaseUnavailable when the database is out of reach."""

    def __init__(self, core: Core, guild_id: int, committed: Callable[[], None] = lambda: None) -> None:
        """`committed` is called whenever something was changed for good, but for what only waits."""
        self._scope = Scope(core, guild_id, committed)
        self.guild_id = guild_id
        self.settings = Settings(self._scope)
        """What the server chose."""
        self.entries = Entries(self._scope)
        """Its own guidance, with all earlier versions, and the built-in entries that it hides."""
        self.inbox = Inbox(self._scope)
        """Questions that got no answer, or one that did not help."""
        self.waiting = Waiting(Scope(core, guild_id))
        """What waits for a press, such as a draft."""
        self.counters = Counters(self._scope)
        """How many questions and judgements there were, by day: never a text, never a person."""

    async def row(self) -> Remembered:
        """Returns its settings and the revision of its guidance, from memory while they are fresh."""
        return await self._scope.remembered()

    def fresh_row(self) -> Remembered | None:
        """Returns the same without a look at the database; None where memory is not fresh."""
        return self._scope.core.fresh(self.guild_id)

    def last_known_row(self) -> Remembered | None:
        """Returns what was last known of it, however long ago: for when the database is away."""
        return self._scope.core.last_known(self.guild_id)

    async def forget(self) -> None:
        """Deletes all that is kept of this server, at once, and out of the database's file."""
        await self.delete()
        await scrub_later(self._scope.core.engine)

    async def delete(self) -> None:
        """As `forget`, for whoever deletes more, and calls `scrub` in the end."""
        async with self._scope.deleting() as connection:
            for table in OF_SERVERS:
                await connection.execute(self._scope.delete(table))
        self._scope.core.chosen(self.guild_id, None)
