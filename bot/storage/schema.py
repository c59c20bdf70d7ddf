"""The tables. Every server's table has the server's id first in its key.

Indexes that begin otherwise are for what is looked for in all servers at once: what is past its days, and a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

from bot.documents.plain_text import storable

metadata = MetaData()

SERVER = "guild_id"


class Instant(TypeDecorator[datetime]):
    """A moment in UTC: SQLite keeps no time zone, so it is put back when read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return moment


def cleaned(value: Any) -> Any:
    """Returns a text, or a structure of texts, as any database takes it: see `plain_text.storable`. Discord's clients
    send half a character when they cut a text in the middle of an emoji."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {cleaned(key): cleaned(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(each) for each in value]
    return value


class Name(TypeDecorator[str]):
    """A short text by which something is found."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        return cleaned(value)


class Words(TypeDecorator[str]):
    """A text that somebody wrote."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        return cleaned(value)


class Structure(TypeDecorator[Any]):
    """A document, as JSON."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return cleaned(value)


def _server() -> Column[int]:
    return Column(SERVER, BigInteger, primary_key=True, autoincrement=False)


servers = Table(
    "servers",
    metadata,
    _server(),
    Column("settings", Structure, nullable=False, default=dict),
    Column("entries_version", Integer, nullable=False, default=0),
    Column("left_at", Instant, nullable=True),
    Column("application", BigInteger, nullable=True),
)
"""One row a server of which anything is kept: its settings, how often its entries changed, since when we are not there
any more, and which bot (its application's id) was there last: what one bot has left another may still serve."""

entries = Table(
    "entries",
    metadata,
    _server(),
    Column("entry_id", Name(64), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("removed_at", Instant, nullable=True),
    Column("size", Integer, nullable=False),
    Column("wordings", Integer, nullable=False),
    Column("document", Structure, nullable=False),
)
"""A server's own guidance as it is now, with each entry's bytes and wordings; a removed entry stays for some time, so
that it can be restored."""

entry_versions = Table(
    "entry_versions",
    metadata,
    _server(),
    Column("entry_id", Name(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("editor", BigInteger, nullable=True),
    Column("action", Name(16), nullable=False),
    Column("size", Integer, nullable=False),
    Column("document", Structure, nullable=False),
)
"""Who changed what, and when. `editor` is emptied when that person asks to be forgotten."""
OPERATOR = 0
"""The editor of what was changed in the terminal: nobody's id, and not empty as that of somebody forgotten is."""

hidden_entries = Table(
    "hidden_entries",
    metadata,
    _server(),
    Column("entry_id", Name(64), primary_key=True),
)
"""Built-in entries that a server does not want."""

unanswered = Table(
    "unanswered",
    metadata,
    _server(),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("question", Words, nullable=False),
    Column("reason", Name(16), nullable=False),
    Column("at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)
"""The inbox: questions without an answer, without who asked."""

pending = Table(
    "pending",
    metadata,
    _server(),
    Column("name", Name(16), primary_key=True),
    Column("kind", Name(16), nullable=False),
    Column("at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("size", Integer, nullable=False),
    Column("document", Structure, nullable=False),
)
"""What waits for a press of an editor's, such as a draft: without who wrote it, for a day."""

counts = Table(
    "counts",
    metadata,
    _server(),
    Column("day", Date, primary_key=True),
    Column("route", Name(16), primary_key=True),
    Column("outcome", Name(16), primary_key=True),
    Column("topic", Name(40), primary_key=True),
    Column("entry", Name(64), primary_key=True),
    Column("verdict", Name(16), primary_key=True),
    Column("questions", Integer, nullable=False, default=0),
    Column("helpful", Integer, nullable=False, default=0),
    Column("unhelpful", Integer, nullable=False, default=0),
)
"""Counters only: never a text, never a person's id."""

votes = Table(
    "votes",
    metadata,
    _server(),
    Column("voter", LargeBinary(32), primary_key=True),
    Column("entry", Name(64), primary_key=True),
    Column("helpful", Boolean, nullable=False),
    Column("topic", Name(40), nullable=False),
    Column("day", Date, nullable=False),
    Column("at", Instant, nullable=False),
)
"""How somebody judged an entry: a keyed hash of who, dropped after 30 days."""


def _of_few(name: str, column: Column[Any]) -> None:
    """An index of the rows that have the column, which are few."""
    Index(name, column, sqlite_where=column.is_not(None), postgresql_where=column.is_not(None))


Index("ix_votes_voter", votes.c.voter)
Index("ix_entry_versions_editor", entry_versions.c.editor)
Index("ix_votes_at", votes.c.at)
Index("ix_unanswered_expires_at", unanswered.c.expires_at)
Index("ix_pending_expires_at", pending.c.expires_at)
_of_few("ix_servers_left_at", servers.c.left_at)
_of_few("ix_entries_removed_at", entries.c.removed_at)

secrets = Table(
    "keys", metadata, Column("name", Name(32), primary_key=True), Column("key", LargeBinary, nullable=False)
)
"""The key of the hashes."""

notes = Table("notes", metadata, Column("name", Name(64), primary_key=True), Column("value", Words, nullable=False))
"""Small facts of the operator's, such as which commands were registered last."""

OF_SERVERS = (counts, votes, unanswered, pending, hidden_entries, entry_versions, entries, servers)
"""All that is kept of a server, in the order in which it may be deleted."""
