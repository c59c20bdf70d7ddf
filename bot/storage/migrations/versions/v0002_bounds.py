"""What is kept is bounded, and what is past its days is found without reading whole tables."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_VERSIONS_KEPT = 50
_DAYS_AT_MOST = 30
_OF_SERVERS = ("counts", "votes", "unanswered", "hidden_entries", "entry_versions", "entries")
_BATCH = 1000

_instant = sa.DateTime(timezone=True)
_servers = sa.table(
    "servers", sa.column("guild_id"), sa.column("settings", sa.JSON), sa.column("entries_version"),
    sa.column("left_at", _instant),
)  # fmt: skip
_unanswered = sa.table(
    "unanswered", sa.column("guild_id"), sa.column("id"), sa.column("at", _instant), sa.column("expires_at", _instant)
)
_entries = sa.table(
    "entries", sa.column("guild_id"), sa.column("entry_id"), sa.column("version"), sa.column("removed", sa.Boolean),
    sa.column("removed_at", _instant), sa.column("size"), sa.column("wordings"), sa.column("document", sa.JSON),
)  # fmt: skip
_versions = sa.table(
    "entry_versions", sa.column("guild_id"), sa.column("entry_id"), sa.column("version"), sa.column("size"),
    sa.column("document", sa.JSON),
)  # fmt: skip


def upgrade() -> None:
    """Adds what is needed for that, and fills it in."""
    connection = op.get_bind()
    _upgrade_servers(connection)
    _upgrade_unanswered(connection)
    _upgrade_entries(connection)
    _upgrade_votes()


def _upgrade_servers(connection: sa.Connection) -> None:
    op.add_column("servers", sa.Column("application", sa.BigInteger, nullable=True))
    _index_of_few("servers", "left_at")
    # every server of which anything is kept has a row, so that this table alone tells which these are
    known = set(connection.scalars(sa.select(_servers.c.guild_id)))
    for name in _OF_SERVERS:
        table = sa.table(name, sa.column("guild_id"))
        found = set(connection.scalars(sa.select(table.c.guild_id).distinct())) - known
        known |= found
        rows = [{"guild_id": each, "settings": {}, "entries_version": 0, "left_at": None} for each in sorted(found)]
        for batch in _batches(rows):
            connection.execute(_servers.insert(), batch)


def _upgrade_unanswered(connection: sa.Connection) -> None:
    op.add_column("unanswered", sa.Column("expires_at", _instant, nullable=True))
    asked = sa.select(_unanswered.c.guild_id, _unanswered.c.id, _unanswered.c.at, _servers.c.settings).join(
        _servers, _servers.c.guild_id == _unanswered.c.guild_id
    )
    rows = [
        {"guild": row.guild_id, "number": row.id, "then": row.at + timedelta(days=_days(row.settings))}
        for row in connection.execute(asked)
    ]
    fill = (
        sa.update(_unanswered)
        .where(_unanswered.c.guild_id == sa.bindparam("guild"), _unanswered.c.id == sa.bindparam("number"))
        .values(expires_at=sa.bindparam("then"))
    )
    for batch in _batches(rows):
        connection.execute(fill, batch)
    with op.batch_alter_table("unanswered") as table:
        table.alter_column("expires_at", existing_type=_instant, nullable=False)
    op.create_index("ix_unanswered_expires_at", "unanswered", ["expires_at"])


def _days(settings: Any) -> int:
    days = settings.get("inbox_days", _DAYS_AT_MOST) if isinstance(settings, dict) else _DAYS_AT_MOST
    return days if isinstance(days, int) and 1 <= days <= _DAYS_AT_MOST else _DAYS_AT_MOST


def _upgrade_entries(connection: sa.Connection) -> None:
    op.add_column("entries", sa.Column("removed_at", _instant, nullable=True))
    for name in ("size", "wordings"):
        op.add_column("entries", sa.Column(name, sa.Integer, nullable=True))
    op.add_column("entry_versions", sa.Column("size", sa.Integer, nullable=True))
    rows = [
        {"guild": row.guild_id, "entry": row.entry_id, "number": _wordings(row.document)}
        for row in connection.execute(sa.select(_entries.c.guild_id, _entries.c.entry_id, _entries.c.document))
    ]
    fill = (
        sa.update(_entries)
        .where(_entries.c.guild_id == sa.bindparam("guild"), _entries.c.entry_id == sa.bindparam("entry"))
        .values(wordings=sa.bindparam("number"))
    )
    for batch in _batches(rows):
        connection.execute(fill, batch)
    # the time of a removal was not kept: the days until an entry goes begin now
    connection.execute(sa.update(_entries).where(_entries.c.removed).values(removed_at=datetime.now(UTC)))
    surplus = (
        sa.select(_entries.c.version - _VERSIONS_KEPT)
        .where(_entries.c.guild_id == _versions.c.guild_id, _entries.c.entry_id == _versions.c.entry_id)
        .scalar_subquery()
    )
    connection.execute(sa.delete(_versions).where(_versions.c.version <= surplus))
    for each in (_entries, _versions):
        connection.execute(sa.update(each).values(size=sa.func.length(sa.cast(each.c.document, sa.Text))))
    with op.batch_alter_table("entries") as table:
        table.drop_column("removed")
        for name in ("size", "wordings"):
            table.alter_column(name, existing_type=sa.Integer, nullable=False)
    with op.batch_alter_table("entry_versions") as table:
        table.alter_column("size", existing_type=sa.Integer, nullable=False)
    _index_of_few("entries", "removed_at")


def _wordings(document: Any) -> int:
    examples = document.get("examples", ()) if isinstance(document, dict) else ()
    return 1 + (len(examples) if isinstance(examples, list) else 0)


def _upgrade_votes() -> None:
    """One judgement a person and entry, the last; before it was one an answer."""
    op.create_table(
        "votes_new",
        sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("voter", sa.LargeBinary(32), primary_key=True),
        sa.Column("entry", sa.String(64), primary_key=True),
        sa.Column("helpful", sa.Boolean, nullable=False),
        sa.Column("topic", sa.String(40), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("at", _instant, nullable=False),
    )
    op.execute(
        "INSERT INTO votes_new (guild_id, voter, entry, helpful, topic, day, at) "
        "SELECT guild_id, voter, entry, helpful, topic, day, at FROM (SELECT guild_id, voter, entry, helpful, topic, "
        "day, at, row_number() OVER (PARTITION BY guild_id, voter, entry ORDER BY at DESC) AS place FROM votes) "
        "AS ranked WHERE place = 1"
    )
    op.drop_table("votes")
    op.rename_table("votes_new", "votes")
    op.create_index("ix_votes_voter", "votes", ["voter"])
    op.create_index("ix_votes_at", "votes", ["at"])


def _index_of_few(table: str, column: str) -> None:
    there = sa.text(f"{column} IS NOT NULL")
    op.create_index(f"ix_{table}_{column}", table, [column], sqlite_where=there, postgresql_where=there)


def _batches(rows: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]
