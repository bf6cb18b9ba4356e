"""What lists, searches and event streams go by: restriction, tokens of titles and summaries, the last change."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from db.tokens import tokens

revision = "0009"
down_revision = "0008"

# A transaction is over, for every later one to see, once all before it are: nothing that is told in their order is
# missed, in whichever order they commit.
_HERE = "pg_current_xact_id()::text::bigint"
_REPORTED = sa.text(
    """
    SELECT t.incident, t.digest, t.text FROM texts t JOIN ledger l ON l.incident = t.incident AND l.seq = 1
    WHERE t.digest IN (l.data::json ->> 'title', l.data::json ->> 'summary')
    """
)
_TOKENS = sa.text("UPDATE texts SET tokens = :tokens WHERE incident = :incident AND digest = :digest").bindparams(
    sa.bindparam("tokens", type_=postgresql.ARRAY(sa.Text))
)


def upgrade() -> None:
    op.add_column("incidents", sa.Column("restricted", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("incidents", sa.Column("changed_in", sa.BigInteger, nullable=False, server_default=sa.text(_HERE)))
    op.create_index("ix_incidents_changed", "incidents", ["changed_in", "id"])
    op.create_index("ix_incidents_restricted", "incidents", ["id"], postgresql_where=sa.text("restricted"))
    op.add_column("texts", sa.Column("tokens", postgresql.ARRAY(sa.Text)))
    # The planner's samples would outlive the words.
    op.execute("ALTER TABLE texts ALTER COLUMN tokens SET STATISTICS 0")
    op.create_index(
        "ix_texts_tokens",
        "texts",
        ["tokens"],
        postgresql_using="gin",
        postgresql_where=sa.text("tokens IS NOT NULL"),
    )
    connection = op.get_bind()
    for row in connection.execute(_REPORTED).all():
        found = {"incident": row.incident, "digest": row.digest, "tokens": tokens(row.text)}
        connection.execute(_TOKENS, found)
