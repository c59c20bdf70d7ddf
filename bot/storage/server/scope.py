"""One server's rows. The other modules of this folder import no `select`, `insert`, `update` or `delete` of their own:
each of their statements begins with one of the four below, which cannot be written without the server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from sqlalchemy import Delete, Select, Table, Update, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.core import Core, Remembered
from bot.storage.counting import upsert
from bot.storage.engine import reading, writing
from bot.storage.schema import servers
from bot.storage.settings import ServerSettings


class Scope:
    """The connection to one server's rows, for the stores' own use. Its transactions raise DatabaseUnavailable."""

    def __init__(self, core: Core, guild_id: int, committed: Callable[[], None] = lambda: None) -> None:
        self.core = core
        self.guild_id = guild_id
        self._committed = committed

    # ------------------------------------------------------------ statements

    def select(self, table: Table, *columns: Any) -> Select[Any]:
        """Begins a query of a table's rows of this server: all its columns, or those named."""
        return select(*(columns or (table,))).where(table.c.guild_id == self.guild_id)

    def insert(self, connection: AsyncConnection, table: Table) -> Any:
        """Begins an INSERT of rows of this server, which need not name it. It knows ON CONFLICT."""
        return upsert(connection, table).values(guild_id=self.guild_id)

    def update(self, table: Table) -> Update:
        """Begins an UPDATE of a table's rows of this server."""
        return update(table).where(table.c.guild_id == self.guild_id)

    def delete(self, table: Table) -> Delete:
        """Begins a DELETE of a table's rows of this server."""
        return delete(table).where(table.c.guild_id == self.guild_id)

    # ---------------------------------------------------------- transactions

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A transaction that only reads."""
        return reading(self.core.engine)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes what is not remembered. A server for which anything is written was not left."""
        there = (await self.remembered()).there
        async with writing(self.core.engine) as connection:
            if not there:
                await self.core.touch(connection, [self.guild_id])
            yield connection
        self._committed()
        if not there:
            self.core.forget(self.guild_id)

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that changes the server's own row, which is there in it; after it, nothing is remembered."""
        async with writing(self.core.engine) as connection:
            await self.core.touch(connection, [self.guild_id])
            yield connection
        self._committed()
        self.core.forget(self.guild_id)

    @asynccontextmanager
    async def deleting(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that deletes what there is of the server; after it, nothing is remembered."""
        async with writing(self.core.engine) as connection:
            yield connection
        self._committed()
        self.core.forget(self.guild_id)

    # ---------------------------------------------------------- the row itself

    async def remembered(self) -> Remembered:
        """Returns the server's settings and the revision of its guidance, from memory while they are fresh."""
        return await self.core.server_row(self.guild_id)

    async def settings(self, connection: AsyncConnection) -> ServerSettings:
        """Returns the server's settings as a transaction sees them."""
        return self.core.settings_of(self.guild_id, await self.stored_settings(connection))

    async def stored_settings(self, connection: AsyncConnection) -> dict[str, Any]:
        """Returns the server's settings as they are stored, those too that this version does not know."""
        found = (await connection.execute(self.select(servers, servers.c.settings))).scalar_one_or_none()
        return dict(found) if isinstance(found, dict) else {}
