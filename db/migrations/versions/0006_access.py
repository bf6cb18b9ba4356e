"""Accounts and sessions of the console, scopes of API tokens, logins at an identity provider."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


def _text(name: str, *, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=key, nullable=False)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _officer(*, key: bool = False) -> sa.Column[str]:
    return sa.Column("officer", sa.Text, sa.ForeignKey("officers.id"), primary_key=key, nullable=False)


def upgrade() -> None:
    # Tokens given out before there were scopes keep all they could do.
    everything = sa.text("'{read,write,ops}'")
    op.add_column(
        "api_tokens", sa.Column("scopes", postgresql.ARRAY(sa.Text), nullable=False, server_default=everything)
    )
    op.add_column("api_tokens", _instant("last_used_at", nullable=True))
    op.create_table(
        "accounts",
        _officer(key=True),
        sa.Column("password", sa.Text),
        sa.Column("must_change", sa.Boolean, nullable=False, server_default=sa.true()),
        _instant("changed_at"),
    )
    op.create_table(
        "identities", _text("issuer", key=True), _text("subject", key=True), _officer(), _instant("linked_at")
    )
    op.create_table(
        "sessions",
        _text("hash", key=True),
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False, unique=True),
        _officer(),
        *map(_text, ("means", "address", "agent")),
        *map(_instant, ("created_at", "seen_at", "expires_at")),
    )
    op.create_index("ix_sessions_officer", "sessions", ["officer"])
    op.create_table("devices", _text("hash", key=True), _officer(), _instant("seen_at"))
    op.create_table(
        "attempts",
        _text("name", key=True),
        _text("device", key=True),
        sa.Column("count", sa.Integer, nullable=False),
        _instant("last_at"),
    )
    op.create_index("ix_attempts_last", "attempts", ["last_at"])
    op.create_table(
        "provider_logins",
        _text("state", key=True),
        *map(_text, ("browser", "nonce", "verifier", "next")),
        _instant("expires_at"),
    )
    op.create_index("ix_provider_logins_expires", "provider_logins", ["expires_at"])
