"""The first schema. Written out, not taken from today's tables: a released migration never changes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _guild() -> sa.Column[int]:
    return sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False)


def upgrade() -> None:
    """Makes every table."""
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "servers",
        _guild(),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("entries_version", sa.Integer, nullable=False),
        sa.Column("left_at", instant, nullable=True),
    )
    op.create_table(
        "entries",
        _guild(),
        sa.Column("entry_id", sa.String(64), primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("removed", sa.Boolean, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
    )
    op.create_table(
        "entry_versions",
        _guild(),
        sa.Column("entry_id", sa.String(64), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("editor", sa.BigInteger, nullable=True),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
    )
    op.create_index("ix_entry_versions_editor", "entry_versions", ["editor"])
    op.create_table("hidden_entries", _guild(), sa.Column("entry_id", sa.String(64), primary_key=True))
    op.create_table(
        "unanswered",
        _guild(),
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("at", instant, nullable=False),
    )
    op.create_table(
        "counts",
        _guild(),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("route", sa.String(16), primary_key=True),
        sa.Column("outcome", sa.String(16), primary_key=True),
        sa.Column("topic", sa.String(40), primary_key=True),
        sa.Column("entry", sa.String(64), primary_key=True),
        sa.Column("verdict", sa.String(16), primary_key=True),
        sa.Column("questions", sa.Integer, nullable=False),
        sa.Column("helpful", sa.Integer, nullable=False),
        sa.Column("unhelpful", sa.Integer, nullable=False),
    )
    op.create_table(
        "votes",
        _guild(),
        sa.Column("voter", sa.LargeBinary(32), primary_key=True),
        sa.Column("answer", sa.LargeBinary(32), primary_key=True),
        sa.Column("helpful", sa.Boolean, nullable=False),
        sa.Column("entry", sa.String(64), nullable=False),
        sa.Column("topic", sa.String(40), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("at", instant, nullable=False),
    )
    op.create_index("ix_votes_voter", "votes", ["voter"])
    op.create_table(
        "keys", sa.Column("name", sa.String(32), primary_key=True), sa.Column("key", sa.LargeBinary, nullable=False)
    )
    op.create_table(
        "notes", sa.Column("name", sa.String(64), primary_key=True), sa.Column("value", sa.Text, nullable=False)
    )
