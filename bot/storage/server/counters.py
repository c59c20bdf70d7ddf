"""One server's counters: questions and judgements by day, never a text and never a person's id."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.core import CountRow
from bot.storage.counting import CountKey, Delta, add_counts, judgement
from bot.storage.schema import counts, votes
from bot.storage.server.scope import Scope


class Counters:
    """Counts what was asked and how it was judged, and returns the figures."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def today(self) -> date:
        """Returns the day that it is where the server is."""
        time_zone = (await self._scope.remembered()).settings.time_zone
        return self._scope.core.now().astimezone(ZoneInfo(time_zone)).date()

    def key(
        self, day: date, *, route: str = "", outcome: str, topic: str = "", entry: str = "", verdict: str = ""
    ) -> CountKey:
        """Returns what is counted apart, for `add`."""
        return CountKey(self._scope.guild_id, day, route, outcome, topic, entry, verdict)

    async def count(self, *, route: str, outcome: str, topic: str = "", entry: str = "", verdict: str = "") -> None:
        """Counts one question for today; returns once it is on the disk."""
        new = not (await self._scope.remembered()).there
        key = self.key(await self.today(), route=route, outcome=outcome, topic=topic, entry=entry, verdict=verdict)
        await self._scope.core.counting.count(key, new=new)

    async def add(self, deltas: Mapping[CountKey, Delta]) -> None:
        """Adds to many counters of this server at once, all or none. Raises ValueError for another server's key."""
        if any(key.guild_id != self._scope.guild_id for key in deltas):
            raise ValueError("a counter of another server")
        async with self._scope.writing() as connection:
            await add_counts(connection, deltas)

    async def judge(self, *, person: int, entry: str, topic: str, helpful: bool) -> bool:
        """Counts a judgement once a person and entry; who changes their mind moves it. Returns whether it counted.

        Kept of it is a keyed hash of the person, dropped after 30 days: asking anew is no second vote before.
        """
        core = self._scope.core
        voter = await core.voter_hash(person)
        today = await self.today()
        this = (votes.c.voter == voter, votes.c.entry == entry)
        async with self._scope.writing() as connection:
            row = (await connection.execute(self._scope.select(votes).where(*this))).mappings().first()
            if row is not None and row["helpful"] == helpful:
                return False
            if row is not None:
                await self._add_judgement(connection, row["day"], row["topic"], entry, row["helpful"], -1)
                changed = {"helpful": helpful, "day": today, "topic": topic}
                await connection.execute(self._scope.update(votes).where(*this).values(changed))
            else:
                await connection.execute(
                    self._scope.insert(connection, votes),
                    {
                        "voter": voter, "helpful": helpful, "entry": entry, "topic": topic, "day": today,
                        "at": core.now(),
                    },
                )  # fmt: skip
            await self._add_judgement(connection, today, topic, entry, helpful, 1)
        return True

    async def judgement(self, *, person: int, entry: str) -> bool | None:
        """Returns how a person judged an entry in the last 30 days: whether as helpful; None for not at all."""
        voter = await self._scope.core.voter_hash(person)
        wanted = self._scope.select(votes, votes.c.helpful).where(votes.c.voter == voter, votes.c.entry == entry)
        async with self._scope.reading() as connection:
            found: bool | None = (await connection.execute(wanted)).scalar_one_or_none()
        return found

    async def take_back(self, *, person: int, entry: str) -> bool | None:
        """Takes back how a person judged an entry in the last 30 days, and returns it as `judgement` does."""
        voter = await self._scope.core.voter_hash(person)
        this = (votes.c.voter == voter, votes.c.entry == entry)
        async with self._scope.writing() as connection:
            row = (await connection.execute(self._scope.select(votes).where(*this))).mappings().first()
            if row is None:
                return None
            await connection.execute(self._scope.delete(votes).where(*this))
            await self._add_judgement(connection, row["day"], row["topic"], entry, row["helpful"], -1)
        return bool(row["helpful"])

    async def _add_judgement(
        self, connection: AsyncConnection, day: date, topic: str, entry: str, helpful: bool, number: int
    ) -> None:
        await add_counts(connection, judgement(self._scope.guild_id, day, topic, entry, helpful, number))

    async def between(self, since: date, until: date) -> list[CountRow]:
        """Returns the counters of these days, both included. Judgements have the outcome `judged` and no questions."""
        wanted = self._scope.select(counts).where(counts.c.day.between(since, until)).order_by(counts.c.day)
        async with self._scope.reading() as connection:
            return [CountRow(**row) for row in (await connection.execute(wanted)).mappings()]
