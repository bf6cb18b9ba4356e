"""Files beside the words of releases, and which of them the bulletin shows."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("incident", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("uploaded_by", sa.Text, sa.ForeignKey("officers.id"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True)),
        sa.Column("adopted", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    orphans = sa.text("NOT adopted")
    op.create_index("ix_attachments_orphans", "attachments", ["created_at"], postgresql_where=orphans)
    op.add_column(
        "bulletin", sa.Column("attachments", postgresql.ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'"))
    )
    op.create_index("ix_bulletin_attachments", "bulletin", ["attachments"], postgresql_using="gin")
