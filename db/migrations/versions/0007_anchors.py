"""Signed anchors of the ledgers' heads."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

# As for the ledger: for each statement, and also for a session that calls itself a replica.
_GUARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    op.create_table(
        "anchors",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("v", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("algorithm", sa.Text, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("root", sa.Text, nullable=False),
        sa.Column("prev", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
    )
    op.create_table(
        "anchor_heads",
        sa.Column("incident", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.UniqueConstraint("number", "position"),
    )
    for table in ("anchors", "anchor_heads"):
        op.execute(_GUARD.format(table=table))
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only")
