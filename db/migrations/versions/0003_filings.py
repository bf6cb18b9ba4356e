"""Registers of units: spokespersons, duty, delegations."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

_GUARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON filings
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""
_ALWAYS = "ALTER TABLE filings ENABLE ALWAYS TRIGGER append_only"
# Who may act changes with a filing: whoever keeps the county in memory has to notice.
_RENEW = """
CREATE TRIGGER renew AFTER INSERT ON filings
FOR EACH STATEMENT EXECUTE FUNCTION renew_county()
"""


def upgrade() -> None:
    op.create_table(
        "filings",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, sa.ForeignKey("units.id"), nullable=False),
        sa.Column("data", postgresql.JSONB, nullable=False),
        sa.Column("filed_by", sa.Text, sa.ForeignKey("officers.id"), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.Text, nullable=False, unique=True),
    )
    op.create_index("ix_filings_unit", "filings", ["unit", "kind"])
    op.execute(_GUARD)
    op.execute(_ALWAYS)
    op.execute(_RENEW)
