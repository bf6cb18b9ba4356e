"""The ledger and what stands around it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

_REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$
"""

# For each statement: one that would touch no row is refused as well.
_GUARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""

# Also for a session that calls itself a replica, where ordinary triggers rest.
_ALWAYS = "ALTER TABLE ledger ENABLE ALWAYS TRIGGER append_only"

_RENEW = """
CREATE FUNCTION renew_county() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE county SET version = version + 1;
    RETURN NULL;
END $$
"""

# The condition keeps the function's own statement from starting it again.
_RENEW_COUNTY = """
CREATE TRIGGER renew AFTER INSERT OR UPDATE OR DELETE ON county
FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION renew_county()
"""

_RENEW_PART = """
CREATE TRIGGER renew AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION renew_county()
"""


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _integer(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, autoincrement=False)


def _flag(name: str, default: str | None = None) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.text(default) if default else None)


def _identity() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True)


def _texts(name: str) -> sa.Column[object]:
    return sa.Column(name, postgresql.ARRAY(sa.Text), nullable=False)


def upgrade() -> None:
    _create_ledger()
    _create_incidents()
    _create_texts()
    _create_publications()
    _create_notices()
    _create_directory()


def _create_ledger() -> None:
    op.create_table(
        "ledger",
        _text("incident"),
        _integer("seq"),
        _integer("v"),
        _text("key"),
        _text("type"),
        _instant("issued_at"),
        _instant("decided_at"),
        _text("actor", nullable=True),
        _text("seat_unit", nullable=True),
        _text("seat_role", nullable=True),
        _text("on_behalf_of", nullable=True),
        _text("origin"),
        _text("command_id", nullable=True),
        _text("data"),
        _text("prev"),
        _text("hash"),
        sa.PrimaryKeyConstraint("incident", "seq"),
        sa.UniqueConstraint("incident", "key"),
    )
    for statement in (_REFUSE, _GUARD, _ALWAYS):
        op.execute(statement)


def _create_incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Text, primary_key=True),
        _text("number"),
        _flag("drill"),
        _text("reporter"),
        _text("level"),
        _text("category"),
        _text("phase"),
        _text("lead"),
        _texts("units"),
        _text("title"),
        _instant("detected_at"),
        _instant("submitted_at"),
        _instant("next_due_at", nullable=True),
        _flag("needs_attention"),
        _integer("head_seq"),
        _text("head_hash"),
        _text("state"),
        _integer("state_version"),
        _instant("updated_at"),
    )
    op.create_index("ix_incidents_newest", "incidents", ["submitted_at", "id"])
    op.create_index("ix_incidents_units", "incidents", ["units"], postgresql_using="gin")
    op.create_index("ix_incidents_number", "incidents", ["number"])


def _create_texts() -> None:
    op.create_table(
        "texts",
        _text("incident"),
        _text("digest"),
        sa.Column("salt", sa.LargeBinary),
        _text("text"),
        _flag("adopted", "false"),
        _instant("created_at"),
        sa.PrimaryKeyConstraint("incident", "digest"),
    )
    orphans = sa.text("NOT adopted")
    op.create_index("ix_texts_orphans", "texts", ["created_at"], postgresql_where=orphans)


def _create_publications() -> None:
    op.create_table(
        "receipts",
        _text("incident"),
        _text("release"),
        _integer("version"),
        _text("channel"),
        _text("external_id"),
        _text("url"),
        _instant("at"),
        sa.PrimaryKeyConstraint("incident", "release", "version", "channel"),
    )
    op.create_table(
        "bulletin",
        sa.Column("digest", sa.Text, primary_key=True),
        _text("incident"),
        _text("release"),
        _integer("version"),
        _text("kind"),
        _text("unit"),
        _flag("drill"),
        _instant("published_at"),
        _text("corrects", nullable=True),
        _instant("withdrawn_at", nullable=True),
        sa.UniqueConstraint("incident", "release", "version"),
    )
    op.create_index("ix_bulletin_newest", "bulletin", ["drill", "published_at", "digest"])


def _create_notices() -> None:
    op.create_table(
        "notices",
        _identity(),
        _text("officer"),
        _text("incident"),
        _integer("seq"),
        _text("kind"),
        _text("subject"),
        sa.Column("data", postgresql.JSONB, nullable=False),
        _instant("created_at"),
        _instant("read_at", nullable=True),
        sa.UniqueConstraint("incident", "seq", "officer", "kind", "subject"),
    )
    op.create_index("ix_notices_inbox", "notices", ["officer", "id"])
    op.create_table(
        "idempotency",
        _text("scope"),
        _text("key"),
        _text("route"),
        _text("body_hash"),
        _text("incident"),
        _text("command_id"),
        _instant("created_at"),
        sa.PrimaryKeyConstraint("scope", "key"),
    )


def _create_directory() -> None:
    op.create_table(
        "county",
        sa.Column("one", sa.Boolean, primary_key=True, server_default=sa.text("true")),
        _text("name"),
        _text("timezone"),
        _text("policy"),
        sa.Column("version", sa.BigInteger, nullable=False, server_default=sa.text("1")),
        sa.CheckConstraint("one"),
    )
    for table in ("units", "officers"):
        kind = [_text("kind")] if table == "units" else []
        op.create_table(
            table,
            sa.Column("id", sa.Text, primary_key=True),
            _text("name"),
            *kind,
            _integer("position"),
            _flag("active", "true"),
        )
    op.create_table(
        "posts",
        _text("officer"),
        _integer("position"),
        _text("unit"),
        _text("title"),
        _texts("roles"),
        _text("rank"),
        sa.PrimaryKeyConstraint("officer", "position"),
        sa.ForeignKeyConstraint(["officer"], ["officers.id"]),
        sa.ForeignKeyConstraint(["unit"], ["units.id"]),
    )
    op.create_table(
        "api_tokens",
        _identity(),
        _text("officer"),
        _text("hash"),
        _text("label"),
        _instant("created_at"),
        _instant("expires_at", nullable=True),
        _instant("revoked_at", nullable=True),
        sa.UniqueConstraint("hash"),
        sa.ForeignKeyConstraint(["officer"], ["officers.id"]),
    )
    op.create_table(
        "numbers",
        _integer("year"),
        _flag("drill"),
        _integer("last"),
        sa.PrimaryKeyConstraint("year", "drill"),
    )
    op.execute(_RENEW)
    op.execute(_RENEW_COUNTY)
    for table in ("units", "officers", "posts"):
        op.execute(_RENEW_PART.format(table=table))
