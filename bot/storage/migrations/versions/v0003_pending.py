"""What waits for a press survives a restart."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Adds the table of what waits."""
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "pending",
        sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(16), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("expires_at", instant, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
    )
    op.create_index("ix_pending_expires_at", "pending", ["expires_at"])
