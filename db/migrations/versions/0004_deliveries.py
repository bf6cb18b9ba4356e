"""Notices leave the console: where to, and how far each has come."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "contacts",
        sa.Column("owner", sa.Text, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("means", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("to", sa.Text, nullable=False),
    )
    # What was told before there were addresses is not sent after the fact.
    op.add_column("notices", sa.Column("delivery", sa.Text, nullable=False, server_default="inbox_only"))
    op.alter_column("notices", "delivery", server_default="waiting")
    op.add_column("notices", sa.Column("next_at", sa.DateTime(timezone=True)))
    op.add_column("notices", sa.Column("turn", sa.Integer, nullable=False, server_default="0"))
    op.add_column("notices", sa.Column("attempts", sa.Integer, nullable=False, server_default="0"))
    for name in ("means", "code", "handle"):
        op.add_column("notices", sa.Column(name, sa.Text))
    op.add_column("notices", sa.Column("sent_at", sa.DateTime(timezone=True)))
    open_ones, failed = sa.text("delivery IN ('waiting', 'handed_over')"), sa.text("delivery = 'undelivered'")
    op.create_index("ix_notices_due", "notices", ["next_at"], postgresql_where=open_ones)
    op.create_index("ix_notices_failed", "notices", ["id"], postgresql_where=failed)
