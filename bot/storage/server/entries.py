"""One server's own guidance: its entries, all their earlier versions, and the built-in entries that it hides."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, func
from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.faults import AlreadyExists, ChangedMeanwhile, LimitReached, NotFound, TooLarge, TooManyWordings
from bot.storage.schema import cleaned, entries, entry_versions, hidden_entries, servers
from bot.storage.server.scope import Scope
from bot.storage.settings import MOST_ENTRIES

Document = Mapping[str, Any]
"""An entry in the knowledge format."""
Action = Literal["added", "edited", "removed", "restored", "imported"]

MOST_WORDINGS = 5_000
MOST_BYTES = 5_000_000
"""Of all a server's entries together; in proportion more where the operator gave it more entries than is usual."""
MOST_VERSIONS = 50
"""Of one entry; the oldest go first."""
MOST_HISTORY_BYTES = 10_000_000
"""Of all versions of a server's entries, with those of removed ones; the oldest go first."""


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """A server's own entry as it is now."""

    entry_id: str
    version: int
    document: Document


@dataclass(frozen=True, slots=True)
class Latest(StoredEntry):
    """An entry as it is now, or as it was when it was removed."""

    removed: bool


@dataclass(frozen=True, slots=True)
class Version:
    """One change of an entry. `editor` None: forgotten; `storage.OPERATOR`: at the terminal."""

    number: int
    at: datetime
    editor: int | None
    action: str
    document: Document


@dataclass(frozen=True, slots=True)
class Known:
    """An entry that is or was there."""

    entry_id: str
    question: str
    removed: bool


_PRESENT = entries.c.removed_at.is_(None)
_REMOVED = entries.c.removed_at.is_not(None).label("removed")


class Entries:
    """Reads and edits a server's guidance. Each edit is a new version of its entry, and makes the revision grow."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    # --------------------------------------------------------------- reading

    async def revision(self) -> int:
        """Returns a number that grows with each change of the server's guidance (hidden entries included)."""
        return (await self._scope.remembered()).entries_revision

    async def all(self) -> list[StoredEntry]:
        """Returns the server's own entries, in the order in which they were added."""
        wanted = self._scope.select(entries).where(_PRESENT).order_by(entries.c.position)
        async with self._scope.reading() as connection:
            rows = (await connection.execute(wanted)).mappings()
            return [StoredEntry(row["entry_id"], row["version"], row["document"]) for row in rows]

    async def get(self, entry_id: str) -> StoredEntry:
        """Returns one entry. Raises NotFound."""
        async with self._scope.reading() as connection:
            return await self._present(connection, entry_id)

    async def latest(self, entry_id: str) -> Latest:
        """Returns one entry, though it was removed. Raises NotFound if it never was, or is long gone."""
        async with self._scope.reading() as connection:
            row = await self._row(connection, entry_id)
        if row is None:
            raise NotFound(f"this server has no entry '{entry_id[:64]}'", entry=entry_id[:64])
        return Latest(entry_id, row["version"], row["document"], removed=row["removed_at"] is not None)

    async def version(self, entry_id: str, number: int) -> Version | None:
        """Returns one version of an entry; None if it is not kept any more."""
        wanted = self._scope.select(entry_versions).where(
            entry_versions.c.entry_id == entry_id, entry_versions.c.version == number
        )
        async with self._scope.reading() as connection:
            row = (await connection.execute(wanted)).mappings().first()
        return _version(row) if row is not None else None

    async def history(self, entry_id: str) -> list[Version]:
        """Returns an entry's changes, the newest first. Raises NotFound if it never was."""
        wanted = self._scope.select(entry_versions).where(entry_versions.c.entry_id == entry_id)
        async with self._scope.reading() as connection:
            rows = (await connection.execute(wanted.order_by(entry_versions.c.version.desc()))).mappings().all()
        if not rows:
            raise NotFound(f"this server never had an entry '{entry_id[:64]}'", entry=entry_id[:64])
        return [_version(row) for row in rows]

    async def ever_known(self) -> list[Known]:
        """Returns all entries that are or were there, in the order in which they were added."""
        async with self._scope.reading() as connection:
            found = await connection.execute(self._scope.select(entries).order_by(entries.c.position))
            return [
                Known(row["entry_id"], str(row["document"].get("question", "")), row["removed_at"] is not None)
                for row in found.mappings()
            ]

    async def hidden(self) -> frozenset[str]:
        """Returns the built-in entries that the server hides."""
        async with self._scope.reading() as connection:
            wanted = self._scope.select(hidden_entries, hidden_entries.c.entry_id)
            return frozenset(await connection.scalars(wanted))

    # --------------------------------------------------------------- editing

    @asynccontextmanager
    async def _editing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that changes the guidance: the one place where the revision grows, and where it is bounded."""
        async with self._scope.changing() as connection:
            before = await self._totals(connection)
            yield connection
            await self._check_bounds(connection, before)
            await self._shorten_history(connection)
            grown = servers.c.entries_version + 1
            await connection.execute(self._scope.update(servers).values(entries_version=grown))

    async def _totals(self, connection: AsyncConnection) -> tuple[int, int]:
        """Returns how many wordings and bytes the server's entries have together."""
        wanted = self._scope.select(entries, func.sum(entries.c.wordings), func.sum(entries.c.size)).where(_PRESENT)
        row = (await connection.execute(wanted)).one()
        return row[0] or 0, row[1] or 0

    async def _check_bounds(self, connection: AsyncConnection, before: tuple[int, int]) -> None:
        """Raises LimitReached if the guidance has grown beyond its bounds; who makes it smaller is never refused."""
        wordings, size = await self._totals(connection)
        if wordings <= MOST_WORDINGS and size <= MOST_BYTES:
            return
        more = max(1.0, (await self._scope.settings(connection)).entries_limit / MOST_ENTRIES)
        if wordings > (limit := int(MOST_WORDINGS * more)) and wordings > before[0]:
            message = f"this server's entries would have {wordings:,} wordings together, and may have {limit:,}"
            raise TooManyWordings(message, number=wordings, limit=limit)
        if size > (limit := int(MOST_BYTES * more)) and size > before[1]:
            message = f"this server's entries would have {size:,} bytes together, and may have {limit:,}"
            raise TooLarge(message, number=size, limit=limit)

    async def _shorten_history(self, connection: AsyncConnection) -> None:
        """Lets the oldest versions go, and removed entries of which none is left, until what is kept is in bounds."""
        kept = await connection.scalar(self._scope.select(entry_versions, func.sum(entry_versions.c.size))) or 0
        if kept <= MOST_HISTORY_BYTES:
            return
        found = await connection.execute(self._scope.select(entries, entries.c.entry_id, entries.c.version, _REMOVED))
        newest = {row.entry_id: (row.version, row.removed) for row in found}
        columns = (entry_versions.c.entry_id, entry_versions.c.version, entry_versions.c.size)
        oldest_first = self._scope.select(entry_versions, *columns).order_by(
            entry_versions.c.at, entry_versions.c.version
        )
        for row in (await connection.execute(oldest_first)).all():
            version, removed = newest.get(row.entry_id, (0, True))
            if kept <= MOST_HISTORY_BYTES:
                break
            if row.version == version and not removed:
                # as it is now
                continue
            kept -= row.size
            await self._delete_versions(connection, row.entry_id, entry_versions.c.version == row.version)
            if row.version == version:
                await connection.execute(self._scope.delete(entries).where(entries.c.entry_id == row.entry_id))

    async def _delete_versions(self, connection: AsyncConnection, entry_id: str, which: ColumnElement[bool]) -> None:
        gone = self._scope.delete(entry_versions).where(entry_versions.c.entry_id == entry_id, which)
        await connection.execute(gone)

    async def add(self, document: Document, *, editor: int | None) -> StoredEntry:
        """Adds an entry. Raises AlreadyExists for an id that is taken, and LimitReached."""
        async with self._editing() as connection:
            return await self._add(connection, document, editor, "added")

    async def edit(
        self, entry_id: str, document: Document, *, editor: int | None, expected: int | None = None
    ) -> StoredEntry:
        """Changes an entry, whose id stays. Raises NotFound, LimitReached, and ChangedMeanwhile where it is not any
        more in the `expected` version."""
        async with self._editing() as connection:
            return await self._edit(connection, entry_id, document, editor, "edited", expected)

    async def change(self, entry_id: str, change: Callable[[Document], Document], *, editor: int | None) -> StoredEntry:
        """Changes an entry as it is now: what others change at the same time stays. Raises NotFound, LimitReached, and
        whatever `change` raises: then nothing was changed."""
        async with self._editing() as connection:
            old = await self._present(connection, entry_id)
            return await self._edit(connection, entry_id, change(old.document), editor, "edited")

    async def remove(self, entry_id: str, *, editor: int | None) -> None:
        """Removes an entry; its history stays, so that it can be restored. Raises NotFound."""
        async with self._editing() as connection:
            old = await self._present(connection, entry_id)
            gone = StoredEntry(entry_id, old.version + 1, old.document)
            await self._write(connection, gone, editor, "removed", removed=True)

    async def restore(
        self, entry_id: str, version: int, *, editor: int | None, expected: int | None = None
    ) -> StoredEntry:
        """Makes an earlier version the present one, of a removed entry too. Raises NotFound, LimitReached, and
        ChangedMeanwhile where the newest version is not the `expected` one."""
        async with self._editing() as connection:
            wanted = self._scope.select(entry_versions, entry_versions.c.document).where(
                entry_versions.c.entry_id == entry_id, entry_versions.c.version == version
            )
            document = (await connection.execute(wanted)).scalar_one_or_none()
            if document is None:
                raise NotFound(
                    f"entry '{entry_id[:64]}' has no version {version}", entry=f"{entry_id[:64]} ({version})"
                )
            row = await self._row(connection, entry_id)
            if row is not None:
                _check(row["version"], expected, entry_id)
            if row is None or row["removed_at"] is not None:
                return await self._add(connection, document, editor, "restored")
            return await self._edit(connection, entry_id, document, editor, "restored")

    async def import_all(
        self,
        add: Sequence[Document],
        change: Sequence[Document],
        *,
        editor: int | None,
        expected: Mapping[str, int] | None = None,
    ) -> None:
        """Adds and changes many entries, all or none. Raises AlreadyExists, NotFound, LimitReached, and
        ChangedMeanwhile where one that is changed is not any more in its `expected` version (by id)."""
        async with self._editing() as connection:
            for document in add:
                await self._add(connection, document, editor, "imported")
            for document in change:
                entry_id = str(document["id"])
                await self._edit(connection, entry_id, document, editor, "imported", (expected or {}).get(entry_id))

    async def hide(self, entry_id: str) -> None:
        """Hides a built-in entry; hiding it twice is the same."""
        async with self._editing() as connection:
            insert = self._scope.insert(connection, hidden_entries).on_conflict_do_nothing()
            await connection.execute(insert, {"entry_id": entry_id})

    async def unhide(self, entry_id: str) -> None:
        """Shows a built-in entry again. Raises NotFound if it was not hidden."""
        async with self._editing() as connection:
            gone = await connection.execute(
                self._scope.delete(hidden_entries).where(hidden_entries.c.entry_id == entry_id)
            )
            if not gone.rowcount:
                raise NotFound(f"'{entry_id[:64]}' is not hidden", entry=entry_id[:64])

    # ------------------------------------------------------ in a transaction

    async def _row(self, connection: AsyncConnection, entry_id: str) -> RowMapping | None:
        wanted = self._scope.select(entries).where(entries.c.entry_id == entry_id)
        row: RowMapping | None = (await connection.execute(wanted)).mappings().first()
        return row

    async def _present(self, connection: AsyncConnection, entry_id: str) -> StoredEntry:
        row = await self._row(connection, entry_id)
        if row is None or row["removed_at"] is not None:
            raise NotFound(f"this server has no entry '{entry_id[:64]}'", entry=entry_id[:64])
        return StoredEntry(entry_id, row["version"], row["document"])

    async def _add(
        self, connection: AsyncConnection, document: Document, editor: int | None, action: Action
    ) -> StoredEntry:
        entry_id = str(document["id"])
        limit = (await self._scope.settings(connection)).entries_limit
        present = self._scope.select(entries, func.count()).where(_PRESENT)
        number = await connection.scalar(present) or 0
        row = await self._row(connection, entry_id)
        if row is not None and row["removed_at"] is None:
            raise AlreadyExists(f"there is already an entry '{entry_id}'", entry=entry_id)
        if number >= limit:
            message = f"this server already has {number} entries of its own, and may have {limit}"
            raise LimitReached(message, number=number, limit=limit)
        last = await connection.scalar(self._scope.select(entries, func.max(entries.c.position))) or 0
        stored = StoredEntry(entry_id, row["version"] + 1 if row is not None else 1, document)
        await self._write(connection, stored, editor, action, position=last + 1)
        return stored

    async def _edit(
        self,
        connection: AsyncConnection,
        entry_id: str,
        document: Document,
        editor: int | None,
        action: Action,
        expected: int | None = None,
    ) -> StoredEntry:
        old = await self._present(connection, entry_id)
        _check(old.version, expected, entry_id)
        stored = StoredEntry(entry_id, old.version + 1, {**document, "id": entry_id})
        await self._write(connection, stored, editor, action)
        return stored

    async def _write(
        self,
        connection: AsyncConnection,
        entry: StoredEntry,
        editor: int | None,
        action: Action,
        *,
        position: int | None = None,
        removed: bool = False,
    ) -> None:
        """Makes this the entry's present version, and adds it to the history. Without a `position` it keeps its own."""
        # in the letters in which it is stored
        size = len(json.dumps(cleaned(entry.document)))
        values: dict[str, Any] = {"version": entry.version, "size": size, "document": dict(entry.document)}
        insert = self._scope.insert(connection, entries)
        changed = ["version", "removed_at", "size", "wordings", "document"] + ([] if position is None else ["position"])
        statement = insert.on_conflict_do_update(
            index_elements=["guild_id", "entry_id"], set_={name: getattr(insert.excluded, name) for name in changed}
        )
        at = self._scope.core.now()
        now = {
            **values, "entry_id": entry.entry_id, "removed_at": at if removed else None, "position": position or 0,
            "wordings": _wordings(entry.document),
        }  # fmt: skip
        await connection.execute(statement, now)
        then = {**values, "entry_id": entry.entry_id, "at": at, "editor": editor, "action": action}
        await connection.execute(self._scope.insert(connection, entry_versions), then)
        await self._delete_versions(
            connection, entry.entry_id, entry_versions.c.version <= entry.version - MOST_VERSIONS
        )


def _version(row: RowMapping) -> Version:
    return Version(row["version"], row["at"], row["editor"], row["action"], row["document"])


def _check(version: int, expected: int | None, entry_id: str) -> None:
    if expected is not None and version != expected:
        raise ChangedMeanwhile(f"entry '{entry_id[:64]}' was changed meanwhile", entry=entry_id[:64])


def _wordings(document: Document) -> int:
    examples = document.get("examples")
    return 1 + (len(examples) if isinstance(examples, list | tuple) else 0)
