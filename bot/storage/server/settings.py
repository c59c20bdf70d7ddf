"""One server's settings."""

from __future__ import annotations

from typing import Any

from bot.storage.schema import servers
from bot.storage.server.inbox import expire_after
from bot.storage.server.scope import Scope
from bot.storage.settings import ServerSettings


class Settings:
    """Reads and changes what a server chose."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def get(self) -> ServerSettings:
        """Returns what the server chose, from memory while it is fresh."""
        return (await self._scope.remembered()).settings

    async def change(self, **changes: Any) -> ServerSettings:
        """Changes settings and returns them all. Raises pydantic.ValidationError for a value that cannot be: then
        nothing is changed."""
        async with self._scope.changing() as connection:
            stored = await self._scope.stored_settings(connection)
            old, unreadable = ServerSettings.read(stored)
            settings = ServerSettings.model_validate({**old.model_dump(), **changes})
            data = settings.model_dump(mode="json", exclude_defaults=True)
            for name in ("listening_channels", "editor_roles"):
                if name in data:
                    data[name] = sorted(data[name])
            # what this version cannot read, another one can
            kept = {name: stored[name] for name in unreadable - changes.keys()}
            await connection.execute(self._scope.update(servers).values(settings={**kept, **data}))
            if settings.inbox_days != old.inbox_days:
                await expire_after(self._scope, connection, settings.inbox_days)
        self._scope.core.chosen(self._scope.guild_id, settings)
        return settings
