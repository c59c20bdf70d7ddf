"""What of one server waits for somebody's press, such as a draft of an entry: for a day, and only so much of it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.schema import pending
from bot.storage.server.scope import Scope

MOST_WAITING = 50
"""Of one server; the oldest go first."""
MOST_WAITING_BYTES = 5_000_000
"""Of one server, together; the oldest go first, but never the newest."""
WAITING_KEPT = timedelta(days=1)


class Waiting:
    """Keeps documents under random names. Without who wrote them: whoever may edit the server's guidance may go on."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def keep(self, kind: str, document: Mapping[str, Any], name: str = "") -> str:
        """Keeps a document and returns the name under which it can be had: a new one, or that which is given."""
        name = name or secrets.token_hex(8)
        now = self._scope.core.now()
        row = {
            "name": name, "kind": kind, "at": now, "expires_at": now + WAITING_KEPT,
            "size": len(json.dumps(document)), "document": dict(document),
        }  # fmt: skip
        async with self._scope.writing() as connection:
            insert = self._scope.insert(connection, pending)
            changed = {each: getattr(insert.excluded, each) for each in row if each != "name"}
            await connection.execute(
                insert.on_conflict_do_update(index_elements=["guild_id", "name"], set_=changed), row
            )
            await self._let_go(connection, name)
        return name

    async def _let_go(self, connection: AsyncConnection, newest: str) -> None:
        columns = (pending.c.name, pending.c.size)
        found = await connection.execute(self._scope.select(pending, *columns).order_by(pending.c.at.desc()))
        rows = sorted(found.all(), key=lambda row: row.name != newest)
        kept, surplus = 0, []
        for number, row in enumerate(rows):
            kept += row.size
            if number and (number >= MOST_WAITING or kept > MOST_WAITING_BYTES):
                surplus.append(row.name)
        if surplus:
            await connection.execute(self._scope.delete(pending).where(pending.c.name.in_(surplus)))

    async def get(self, kind: str, name: str) -> Mapping[str, Any] | None:
        """Returns what waits under a name; None if it is gone, or past its day."""
        wanted = self._scope.select(pending, pending.c.document).where(
            pending.c.name == name, pending.c.kind == kind, pending.c.expires_at > self._scope.core.now()
        )
        async with self._scope.reading() as connection:
            found: Mapping[str, Any] | None = (await connection.execute(wanted)).scalar_one_or_none()
            return found

    async def take(self, kind: str, name: str) -> Mapping[str, Any] | None:
        """The same, once: of two who take it at the same time, one gets it."""
        found = await self.get(kind, name)
        if found is None:
            return None
        async with self._scope.writing() as connection:
            gone = await connection.execute(self._scope.delete(pending).where(pending.c.name == name))
            return found if gone.rowcount else None
