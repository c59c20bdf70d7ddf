"""One server's inbox: questions for its admins, without who asked."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import bindparam
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.schema import unanswered
from bot.storage.server.scope import Scope

Reason = Literal["none", "unhelpful", "reported"]

MOST_QUESTION = 500
"""Characters of a question in the inbox."""
MOST_UNANSWERED = 2000
"""Rows of one server's inbox; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question in the inbox. `reason`: it got no answer, one that did not help, or one that was reported as wrong."""

    id: int
    question: str
    reason: str
    at: datetime


class Inbox:
    """Keeps and dismisses a server's questions. What is past the server's days is not shown, and purged hourly."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def keep(self, question: str, reason: Reason) -> bool:
        """Keeps a question for the admins, without who asked; returns False where the inbox is off."""
        settings = (await self._scope.remembered()).settings
        if not settings.inbox:
            return False
        now = self._scope.core.now()
        row = {
            "id": secrets.randbits(62), "question": question[:MOST_QUESTION], "reason": reason,
            "at": now, "expires_at": now + timedelta(days=settings.inbox_days),
        }  # fmt: skip
        async with self._scope.writing() as connection:
            await connection.execute(self._scope.insert(connection, unanswered), row)
            newest_first = self._scope.select(unanswered, unanswered.c.id).order_by(unanswered.c.at.desc())
            surplus = list(await connection.scalars(newest_first.offset(MOST_UNANSWERED).limit(1000)))
            if surplus:
                await connection.execute(self._scope.delete(unanswered).where(unanswered.c.id.in_(surplus)))
        return True

    async def take_back(self, question: str) -> bool:
        """Deletes the newest question of this text that an answer did not help; returns whether there was one."""
        this = (unanswered.c.question == question[:MOST_QUESTION], unanswered.c.reason != "none")
        async with self._scope.writing() as connection:
            newest = self._scope.select(unanswered, unanswered.c.id).where(*this).order_by(unanswered.c.at.desc())
            found = await connection.scalar(newest.limit(1))
            if found is None:
                return False
            await connection.execute(self._scope.delete(unanswered).where(unanswered.c.id == found))
        return True

    async def all(self) -> list[Unanswered]:
        """Returns the inbox, the newest first, without what is past its days."""
        now = self._scope.core.now()
        wanted = self._scope.select(unanswered).where(unanswered.c.expires_at > now).order_by(unanswered.c.at.desc())
        async with self._scope.reading() as connection:
            rows = (await connection.execute(wanted)).mappings()
            return [Unanswered(row["id"], row["question"], row["reason"], row["at"]) for row in rows]

    async def dismiss(self, ids: Collection[int]) -> int:
        """Deletes questions from the inbox; returns how many were there."""
        async with self._scope.writing() as connection:
            gone = await connection.execute(self._scope.delete(unanswered).where(unanswered.c.id.in_(list(ids))))
            return gone.rowcount


async def expire_after(scope: Scope, connection: AsyncConnection, days: int) -> None:
    """Lets all that is in a server's inbox go so many days after it came, within a transaction."""
    rows = (await connection.execute(scope.select(unanswered, unanswered.c.id, unanswered.c.at))).all()
    if rows:
        change = scope.update(unanswered).where(unanswered.c.id == bindparam("number"))
        then = [{"number": row.id, "then": row.at + timedelta(days=days)} for row in rows]
        await connection.execute(change.values(expires_at=bindparam("then")), then)
