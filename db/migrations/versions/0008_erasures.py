"""What was erased when its period was over, and no statistics that would repeat words."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

WORDED = (("texts", "text"), ("attachments", "name"), ("notices", "data"))


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("incident", sa.Text, primary_key=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("idle_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("texts", sa.Integer, nullable=False),
        sa.Column("attachments", sa.Integer, nullable=False),
        sa.Column("notices", sa.Integer, nullable=False),
        sa.Column("scrubbed_at", sa.DateTime(timezone=True)),
    )
    op.create_index(
        "ix_erasures_unscrubbed", "erasures", ["erased_at"], postgresql_where=sa.text("scrubbed_at IS NULL")
    )
    for table, column in WORDED:
        # The planner's samples would outlive the rows. The change of type, to the same, drops those there are.
        kind = "jsonb" if column == "data" else "text"
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {kind}")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")
