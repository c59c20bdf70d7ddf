"""The tables. Every server's table has the server's id first in its key and in its indexes."""

from __future__ import annotations

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


def _server() -> Column[int]:
    return Column(SERVER, BigInteger, primary_key=True, autoincrement=False)


servers = Table(
    "servers",
    metadata,
    _server(),
    Column("settings", JSON, nullable=False, default=dict),
    Column("entries_version", Integer, nullable=False, default=0),
    Column("left_at", Instant, nullable=True),
)
"""One row a server: its settings, how often its entries changed, and since when we are not there any more."""

entries = Table(
    "entries",
    metadata,
    _server(),
    Column("entry_id", String(64), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("removed", Boolean, nullable=False, default=False),
    Column("document", JSON, nullable=False),
)
"""A server's own guidance as it is now; a removed entry stays, so that it can be restored."""

entry_versions = Table(
    "entry_versions",
    metadata,
    _server(),
    Column("entry_id", String(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("editor", BigInteger, nullable=True),
    Column("action", String(16), nullable=False),
    Column("document", JSON, nullable=False),
)
"""Who changed what, and when. `editor` is emptied when that person asks to be forgotten."""
OPERATOR = 0
"""The editor of what was changed in the terminal: nobody's id, and not empty as that of somebody forgotten is."""

hidden_entries = Table(
    "hidden_entries",
    metadata,
    _server(),
    Column("entry_id", String(64), primary_key=True),
)
"""Built-in entries that a server does not want."""

unanswered = Table(
    "unanswered",
    metadata,
    _server(),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("question", Text, nullable=False),
    Column("reason", String(16), nullable=False),
    Column("at", Instant, nullable=False),
)
"""The inbox: questions without an answer, without who asked."""

counts = Table(
    "counts",
    metadata,
    _server(),
    Column("day", Date, primary_key=True),
    Column("route", String(16), primary_key=True),
    Column("outcome", String(16), primary_key=True),
    Column("topic", String(40), primary_key=True),
    Column("entry", String(64), primary_key=True),
    Column("verdict", String(16), primary_key=True),
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
    Column("answer", LargeBinary(32), primary_key=True),
    Column("helpful", Boolean, nullable=False),
    Column("entry", String(64), nullable=False),
    Column("topic", String(40), nullable=False),
    Column("day", Date, nullable=False),
    Column("at", Instant, nullable=False),
)
"""That somebody judged an answer already: keyed hashes, dropped after 30 days."""

Index("ix_votes_voter", votes.c.voter)
Index("ix_entry_versions_editor", entry_versions.c.editor)

secrets = Table(
    "keys", metadata, Column("name", String(32), primary_key=True), Column("key", LargeBinary, nullable=False)
)
"""The key of the hashes."""

notes = Table("notes", metadata, Column("name", String(64), primary_key=True), Column("value", Text, nullable=False))
"""Small facts of the operator's, such as which commands were registered last."""

OF_SERVERS = (counts, votes, unanswered, hidden_entries, entry_versions, entries, servers)
"""All that is kept of a server, in the order in which it may be deleted."""
