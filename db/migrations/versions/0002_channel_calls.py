"""Calls on outside channels, and what was taken back there."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("incident", sa.Text, primary_key=True),
        sa.Column("release", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("begun_at", sa.DateTime(timezone=True)),
        sa.Column("handle", sa.Text),
    )
    op.add_column("receipts", sa.Column("retracted_at", sa.DateTime(timezone=True)))
