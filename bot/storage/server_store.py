"""One server's rows: its settings, guidance, inbox and counters. No query here can be written without the server."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Select, Table, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.core import Core, CountRow
from bot.storage.counting import CountKey, Delta, add_counts, upsert
from bot.storage.engine import reading, writing
from bot.storage.faults import AlreadyExists, LimitReached, NotFound
from bot.storage.schema import OF_SERVERS, counts, entries, entry_versions, hidden_entries, servers, unanswered, votes
from bot.storage.settings import ServerSettings

Document = Mapping[str, Any]
Reason = Literal["none", "unhelpful"]

MOST_QUESTION = 500
"""Characters of a question in the inbox."""
MOST_UNANSWERED = 2000
"""Rows of one server's inbox; the oldest go first."""


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """A server's own entry as it is now. `document` is in the knowledge format."""

    entry_id: str
    version: int
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Version:
    """One change of an entry: `action` is added, edited, removed, restored or imported; `editor` None: forgotten."""

    number: int
    at: datetime
    editor: int | None
    action: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """An entry that is or was there."""

    entry_id: str
    question: str
    removed: bool


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question in the inbox. `reason`: it got no answer, or one that did not help."""

    id: int
    question: str
    reason: str
    at: datetime


class ServerStore:
    """All that is kept of one server. Every method raises DatabaseUnavailable when the database is out of reach."""

    def __init__(self, core: Core, guild_id: int) -> None:
        self._core = core
        self._engine = core.engine
        self.guild_id = guild_id

    def _of(self, table: Table, *columns: Any) -> Select[Any]:
        """The only way in which a query begins: within this server."""
        return select(*(columns or (table,))).where(table.c.guild_id == self.guild_id)

    # -------------------------------------------------------------- settings

    async def settings(self) -> ServerSettings:
        """Returns what the server chose."""
        return (await self._core.row_of(self.guild_id)).settings

    async def change_settings(self, **changes: Any) -> ServerSettings:
        """Changes settings and returns them all. Raises pydantic.ValidationError for a value that cannot be: then
        nothing is changed."""
        async with writing(self._engine) as connection:
            found = await connection.execute(self._of(servers, servers.c.settings))
            old = found.scalar_one_or_none() or {}
            settings = ServerSettings.model_validate({**old, **changes})
            data = settings.model_dump(mode="json", exclude_defaults=True)
            for name in ("listening_channels", "editor_roles"):
                if name in data:
                    data[name] = sorted(data[name])
            await self._keep(connection, settings=data)
        self._core.cache.pop(self.guild_id, None)
        return settings

    async def _keep(self, connection: AsyncConnection, **values: Any) -> None:
        insert = upsert(connection, servers)
        statement = insert.on_conflict_do_update(
            index_elements=["guild_id"], set_={name: getattr(insert.excluded, name) for name in values}
        )
        row = {"guild_id": self.guild_id, "settings": {}, "entries_version": 0, "left_at": None, **values}
        await connection.execute(statement, row)

    # --------------------------------------------------------------- entries

    async def entries_version(self) -> int:
        """Returns a number that grows with each change of the server's guidance (hidden entries included)."""
        return (await self._core.row_of(self.guild_id)).entries_version

    async def _touch(self, connection: AsyncConnection) -> None:
        insert = upsert(connection, servers)
        statement = insert.on_conflict_do_update(
            index_elements=["guild_id"], set_={"entries_version": servers.c.entries_version + 1}
        )
        row = {"guild_id": self.guild_id, "settings": {}, "entries_version": 1, "left_at": None}
        await connection.execute(statement, row)

    def _changed(self) -> None:
        self._core.cache.pop(self.guild_id, None)

    async def entries(self) -> list[StoredEntry]:
        """Returns the server's own entries, in the order in which they were added."""
        wanted = self._of(entries).where(entries.c.removed.is_(False)).order_by(entries.c.position)
        async with reading(self._engine) as connection:
            rows = (await connection.execute(wanted)).mappings()
            return [StoredEntry(row["entry_id"], row["version"], row["document"]) for row in rows]

    async def entry(self, entry_id: str) -> StoredEntry:
        """Returns one entry. Raises NotFound."""
        async with reading(self._engine) as connection:
            return await self._entry(connection, entry_id)

    async def _entry(self, connection: AsyncConnection, entry_id: str) -> StoredEntry:
        wanted = self._of(entries).where(entries.c.entry_id == entry_id, entries.c.removed.is_(False))
        row = (await connection.execute(wanted)).mappings().first()
        if row is None:
            raise NotFound(f"this server has no entry '{entry_id[:64]}'", entry=entry_id[:64])
        return StoredEntry(entry_id, row["version"], row["document"])

    async def add_entry(self, document: Document, *, editor: int | None, action: str = "added") -> StoredEntry:
        """Adds an entry. Raises AlreadyExists for an id that is taken, and LimitReached."""
        async with writing(self._engine) as connection:
            stored = await self._add(connection, document, editor, action)
            await self._touch(connection)
        self._changed()
        return stored

    async def _add(
        self, connection: AsyncConnection, document: Document, editor: int | None, action: str
    ) -> StoredEntry:
        entry_id = str(document["id"])
        found = await connection.execute(self._of(servers, servers.c.settings))
        limit = ServerSettings.model_validate(found.scalar_one_or_none() or {}).entries_limit
        number = await connection.scalar(
            select(func.count()).where(entries.c.guild_id == self.guild_id, entries.c.removed.is_(False))
        )
        row = (await connection.execute(self._of(entries).where(entries.c.entry_id == entry_id))).mappings().first()
        if row is not None and not row["removed"]:
            raise AlreadyExists(f"there is already an entry '{entry_id}'", entry=entry_id)
        if (number or 0) >= limit:
            message = f"this server already has {number} entries of its own, and may have {limit}"
            raise LimitReached(message, number=number, limit=limit)
        position = await connection.scalar(
            select(func.coalesce(func.max(entries.c.position), 0)).where(entries.c.guild_id == self.guild_id)
        )
        version = row["version"] + 1 if row is not None else 1
        await self._write(connection, entry_id, (position or 0) + 1, version, document, editor, action)
        return StoredEntry(entry_id, version, document)

    async def edit_entry(
        self, entry_id: str, document: Document, *, editor: int | None, action: str = "edited"
    ) -> StoredEntry:
        """Changes an entry, whose id stays. Raises NotFound."""
        async with writing(self._engine) as connection:
            stored = await self._edit(connection, entry_id, document, editor, action)
            await self._touch(connection)
        self._changed()
        return stored

    async def _edit(
        self, connection: AsyncConnection, entry_id: str, document: Document, editor: int | None, action: str
    ) -> StoredEntry:
        old = await self._entry(connection, entry_id)
        document = {**document, "id": entry_id}
        await self._write(connection, entry_id, None, old.version + 1, document, editor, action)
        return StoredEntry(entry_id, old.version + 1, document)

    async def remove_entry(self, entry_id: str, *, editor: int | None) -> None:
        """Removes an entry; its history stays, so that it can be restored. Raises NotFound."""
        async with writing(self._engine) as connection:
            old = await self._entry(connection, entry_id)
            await self._write(
                connection, entry_id, None, old.version + 1, old.document, editor, "removed", removed=True
            )
            await self._touch(connection)
        self._changed()

    async def _write(
        self,
        connection: AsyncConnection,
        entry_id: str,
        position: int | None,
        version: int,
        document: Document,
        editor: int | None,
        action: str,
        *,
        removed: bool = False,
    ) -> None:
        insert = upsert(connection, entries)
        kept = (
            ("version", "removed", "document") if position is None else ("version", "removed", "document", "position")
        )
        statement = insert.on_conflict_do_update(
            index_elements=["guild_id", "entry_id"], set_={name: getattr(insert.excluded, name) for name in kept}
        )
        row = {
            "guild_id": self.guild_id, "entry_id": entry_id, "position": position or 0, "version": version,
            "removed": removed, "document": dict(document),
        }  # fmt: skip
        await connection.execute(statement, row)
        await connection.execute(
            entry_versions.insert(),
            {
                "guild_id": self.guild_id, "entry_id": entry_id, "version": version, "at": self._core.now(),
                "editor": editor, "action": action, "document": dict(document),
            },
        )  # fmt: skip

    async def history(self, entry_id: str) -> list[Version]:
        """Returns an entry's changes, the newest first. Raises NotFound if it never was."""
        wanted = self._of(entry_versions).where(entry_versions.c.entry_id == entry_id)
        async with reading(self._engine) as connection:
            rows = (await connection.execute(wanted.order_by(entry_versions.c.version.desc()))).mappings().all()
        if not rows:
            raise NotFound(f"this server never had an entry '{entry_id[:64]}'", entry=entry_id[:64])
        return [Version(row["version"], row["at"], row["editor"], row["action"], row["document"]) for row in rows]

    async def ever_known(self) -> list[Known]:
        """Returns all entries that are or were there, in the order in which they were added."""
        async with reading(self._engine) as connection:
            rows = (await connection.execute(self._of(entries).order_by(entries.c.position))).mappings()
            return [Known(row["entry_id"], str(row["document"].get("question", "")), row["removed"]) for row in rows]

    async def restore(self, entry_id: str, version: int, *, editor: int | None) -> StoredEntry:
        """Makes an earlier version the present one, of a removed entry too. Raises NotFound, and LimitReached."""
        async with writing(self._engine) as connection:
            wanted = self._of(entry_versions, entry_versions.c.document).where(
                entry_versions.c.entry_id == entry_id, entry_versions.c.version == version
            )
            document = (await connection.execute(wanted)).scalar_one_or_none()
            if document is None:
                raise NotFound(
                    f"entry '{entry_id[:64]}' has no version {version}", entry=f"{entry_id[:64]} ({version})"
                )
            row = (await connection.execute(self._of(entries).where(entries.c.entry_id == entry_id))).mappings().one()
            if row["removed"]:
                stored = await self._add(connection, document, editor, "restored")
            else:
                stored = await self._edit(connection, entry_id, document, editor, "restored")
            await self._touch(connection)
        self._changed()
        return stored

    async def import_entries(self, add: Sequence[Document], change: Sequence[Document], *, editor: int | None) -> None:
        """Adds and changes many entries, all or none. Raises AlreadyExists, NotFound or LimitReached."""
        async with writing(self._engine) as connection:
            for document in add:
                await self._add(connection, document, editor, "imported")
            for document in change:
                await self._edit(connection, str(document["id"]), document, editor, "imported")
            await self._touch(connection)
        self._changed()

    async def hidden(self) -> frozenset[str]:
        """Returns the built-in entries that the server hides."""
        async with reading(self._engine) as connection:
            return frozenset(await connection.scalars(self._of(hidden_entries, hidden_entries.c.entry_id)))

    async def hide(self, entry_id: str) -> None:
        """Hides a built-in entry; hiding it twice is the same."""
        async with writing(self._engine) as connection:
            insert = upsert(connection, hidden_entries).on_conflict_do_nothing()
            await connection.execute(insert, {"guild_id": self.guild_id, "entry_id": entry_id})
            await self._touch(connection)
        self._changed()

    async def unhide(self, entry_id: str) -> None:
        """Shows a built-in entry again. Raises NotFound if it was not hidden."""
        async with writing(self._engine) as connection:
            gone = await connection.execute(
                delete(hidden_entries).where(
                    hidden_entries.c.guild_id == self.guild_id, hidden_entries.c.entry_id == entry_id
                )
            )
            if not gone.rowcount:
                raise NotFound(f"'{entry_id[:64]}' is not hidden", entry=entry_id[:64])
            await self._touch(connection)
        self._changed()

    # ----------------------------------------------------------------- inbox

    async def keep_unanswered(self, question: str, reason: Reason) -> bool:
        """Keeps a question for the admins, without who asked; returns False where the inbox is off."""
        if not (await self.settings()).inbox:
            return False
        row = {
            "guild_id": self.guild_id, "id": secrets.randbits(62), "question": question[:MOST_QUESTION],
            "reason": reason, "at": self._core.now(),
        }  # fmt: skip
        async with writing(self._engine) as connection:
            await connection.execute(unanswered.insert(), row)
            kept = self._of(unanswered, unanswered.c.id).order_by(unanswered.c.at.desc()).offset(MOST_UNANSWERED)
            surplus = list(await connection.scalars(kept.limit(1000)))
            if surplus:
                await self._dismiss(connection, surplus)
        return True

    async def unanswered(self) -> list[Unanswered]:
        """Returns the inbox, the newest first, without what is past its days."""
        since = self._core.now() - timedelta(days=(await self.settings()).inbox_days)
        wanted = self._of(unanswered).where(unanswered.c.at >= since).order_by(unanswered.c.at.desc())
        async with reading(self._engine) as connection:
            rows = (await connection.execute(wanted)).mappings()
            return [Unanswered(row["id"], row["question"], row["reason"], row["at"]) for row in rows]

    async def dismiss(self, ids: Collection[int]) -> int:
        """Deletes questions from the inbox; returns how many were there."""
        async with writing(self._engine) as connection:
            return await self._dismiss(connection, ids)

    async def _dismiss(self, connection: AsyncConnection, ids: Collection[int]) -> int:
        gone = await connection.execute(
            delete(unanswered).where(unanswered.c.guild_id == self.guild_id, unanswered.c.id.in_(list(ids)))
        )
        return gone.rowcount

    # -------------------------------------------------------------- counters

    async def today(self) -> date:
        """Returns the day that it is where the server is."""
        return self._core.now().astimezone(ZoneInfo((await self.settings()).time_zone)).date()

    async def count(self, *, route: str, outcome: str, topic: str = "", entry: str = "", verdict: str = "") -> None:
        """Counts one question for today; returns once it is on the disk."""
        key = CountKey(self.guild_id, await self.today(), route, outcome, topic, entry, verdict)
        await self._core.counting.count(key)

    async def count_helpful(self, *, person: int, answer: int, entry: str, topic: str, helpful: bool) -> bool:
        """Counts a judgement once a person and answer; who changes their mind moves it. Returns whether it counted.

        Kept of it is a keyed hash of the person and one of the answer, dropped after 30 days.
        """
        voter, judged = await self._core.voter_hash(person), await self._core.answer_hash(answer)
        today = await self.today()
        here = (votes.c.guild_id == self.guild_id, votes.c.voter == voter, votes.c.answer == judged)
        async with writing(self._engine) as connection:
            row = (await connection.execute(select(votes).where(*here))).mappings().first()
            if row is not None and row["helpful"] == helpful:
                return False
            if row is not None:
                await self._add_judgement(connection, row["day"], row["topic"], row["entry"], row["helpful"], -1)
                await connection.execute(update(votes).where(*here).values(helpful=helpful, day=today))
            else:
                await connection.execute(
                    votes.insert(),
                    {
                        "guild_id": self.guild_id, "voter": voter, "answer": judged, "helpful": helpful, "entry": entry,
                        "topic": topic, "day": today, "at": self._core.now(),
                    },
                )  # fmt: skip
            await self._add_judgement(connection, today, topic, entry, helpful, 1)
        return True

    async def _add_judgement(
        self, connection: AsyncConnection, day: date, topic: str, entry: str, helpful: bool, number: int
    ) -> None:
        key = CountKey(self.guild_id, day, "", "judged", topic, entry, "")
        await add_counts(connection, {key: Delta(helpful=number) if helpful else Delta(unhelpful=number)})

    async def stats(self, since: date, until: date) -> list[CountRow]:
        """Returns the counters of these days, both included. Judgements have the outcome `judged` and no questions."""
        wanted = self._of(counts).where(counts.c.day.between(since, until)).order_by(counts.c.day)
        async with reading(self._engine) as connection:
            return [CountRow(**row) for row in (await connection.execute(wanted)).mappings()]

    # ---------------------------------------------------------------- forget

    async def forget(self) -> None:
        """Deletes all that is kept of this server, at once."""
        async with writing(self._engine) as connection:
            for table in OF_SERVERS:
                await connection.execute(delete(table).where(table.c.guild_id == self.guild_id))
        self._changed()
