"""All that is kept of one server: an object for each kind, and none of them can reach another server's rows."""

from __future__ import annotations

from bot.storage.core import Core
from bot.storage.schema import OF_SERVERS
from bot.storage.server.counters import Counters
from bot.storage.server.entries import Entries
from bot.storage.server.inbox import Inbox
from bot.storage.server.scope import Scope
from bot.storage.server.settings import Settings


class ServerStore:
    """One server. Every method of its parts raises DatabaseUnavailable when the database is out of reach."""

    def __init__(self, core: Core, guild_id: int) -> None:
        self._scope = Scope(core, guild_id)
        self.guild_id = guild_id
        self.settings = Settings(self._scope)
        """What the server chose."""
        self.entries = Entries(self._scope)
        """Its own guidance, with all earlier versions, and the built-in entries that it hides."""
        self.inbox = Inbox(self._scope)
        """Questions that got no answer, or one that did not help."""
        self.counters = Counters(self._scope)
        """How many questions and judgements there were, by day: never a text, never a person."""

    async def forget(self) -> None:
        """Deletes all that is kept of this server, at once."""
        async with self._scope.changing() as connection:
            for table in OF_SERVERS:
                await connection.execute(self._scope.delete(table))
