"""Every table, in the order the migrations create them. What a column means stands here and nowhere else."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        datetime: DateTime(timezone=True),
        list[str]: ARRAY(Text),
        dict[str, Any]: JSONB,
    }


class LedgerRow(Base):
    """An entry for ever: a trigger refuses UPDATE, DELETE and TRUNCATE. `db.chain` says how `hash` is made."""

    __tablename__ = "ledger"
    __table_args__ = (UniqueConstraint("incident", "key"),)

    incident: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    v: Mapped[int]
    key: Mapped[str]
    type: Mapped[str]
    issued_at: Mapped[datetime]
    decided_at: Mapped[datetime]
    actor: Mapped[str | None]
    seat_unit: Mapped[str | None]
    seat_role: Mapped[str | None]
    on_behalf_of: Mapped[str | None]
    origin: Mapped[str]
    command_id: Mapped[str | None]
    data: Mapped[str]
    prev: Mapped[str]
    hash: Mapped[str]


class AnchorRow(Base):
    """A signed statement over all heads (`domain.anchoring`), kept for ever by the ledger's trigger."""

    __tablename__ = "anchors"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    v: Mapped[int]
    at: Mapped[datetime]
    algorithm: Mapped[str]
    size: Mapped[int]
    root: Mapped[str]
    prev: Mapped[str]
    key: Mapped[str]
    signature: Mapped[str]


class AnchorHeadRow(Base):
    """A head that had moved when anchor `number` was made; the others are as in the anchors before. As the anchors,
    kept for ever.
    """

    __tablename__ = "anchor_heads"
    __table_args__ = (UniqueConstraint("number", "position"),)

    incident: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int]
    seq: Mapped[int]
    hash: Mapped[str]


class IncidentRow(Base):
    """Projection: what lists show and where the chain ends. `title` is a reference into `texts`.

    `units` are those whose lists show it, `course` is what statistics count. `changed_in` is the transaction that
    wrote its last entry: whoever follows what happens goes by it.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        Index("ix_incidents_newest", "submitted_at", "id"),
        Index("ix_incidents_units", "units", postgresql_using="gin"),
        Index("ix_incidents_number", "number"),
        Index("ix_incidents_changed", "changed_in", "id"),
        Index("ix_incidents_restricted", "id", postgresql_where=text("restricted")),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str]
    drill: Mapped[bool]
    reporter: Mapped[str]
    level: Mapped[str]
    category: Mapped[str]
    phase: Mapped[str]
    lead: Mapped[str]
    units: Mapped[list[str]]
    restricted: Mapped[bool] = mapped_column(server_default=false())
    title: Mapped[str]
    detected_at: Mapped[datetime]
    submitted_at: Mapped[datetime]
    next_due_at: Mapped[datetime | None]
    needs_attention: Mapped[bool]
    course: Mapped[dict[str, Any]]
    head_seq: Mapped[int]
    head_hash: Mapped[str]
    state: Mapped[str]
    state_version: Mapped[int]
    updated_at: Mapped[datetime]
    changed_in: Mapped[int] = mapped_column(BigInteger, server_default=text("pg_current_xact_id()::text::bigint"))


class TextRow(Base):
    """Words. A plain text stands under its salted reference, a release document (no salt) under its digest.

    Titles and summaries are found by their `tokens`, which are here so that they go when the words go.
    """

    __tablename__ = "texts"
    __table_args__ = (
        Index("ix_texts_orphans", "created_at", postgresql_where=text("NOT adopted")),
        Index("ix_texts_tokens", "tokens", postgresql_using="gin", postgresql_where=text("tokens IS NOT NULL")),
    )

    incident: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    text: Mapped[str]
    adopted: Mapped[bool] = mapped_column(server_default=false())
    """Whether a ledger entry refers to it; until then it is an orphan to be swept."""
    created_at: Mapped[datetime]
    tokens: Mapped[list[str] | None]


class AttachmentRow(Base):
    """A file beside the words of a release, its bytes in the attachment store under incident and digest."""

    __tablename__ = "attachments"
    __table_args__ = (Index("ix_attachments_orphans", "created_at", postgresql_where=text("NOT adopted")),)

    incident: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    media_type: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    """What its uploader called it; internal."""
    uploaded_by: Mapped[str] = mapped_column(ForeignKey("officers.id"))
    created_at: Mapped[datetime]
    """Since when it waits for a release to name it."""
    stored_at: Mapped[datetime | None]
    """Since when its bytes are there; None while they are being written."""
    adopted: Mapped[bool] = mapped_column(server_default=false())
    """Whether a ledger entry names it; until then it is an orphan to be swept."""


class ReceiptRow(Base):
    """What a channel answered. Its existence is what keeps a version from going out twice."""

    __tablename__ = "receipts"

    incident: Mapped[str] = mapped_column(primary_key=True)
    release: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    channel: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str]
    url: Mapped[str]
    at: Mapped[datetime]
    retracted_at: Mapped[datetime | None]


class CallRow(Base):
    """A call on a channel that must not be made twice: since when it may have arrived, and what it is called there."""

    __tablename__ = "calls"

    incident: Mapped[str] = mapped_column(primary_key=True)
    release: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    channel: Mapped[str] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    begun_at: Mapped[datetime | None]
    handle: Mapped[str | None]


class BulletinRow(Base):
    """A release on the county's public page. Its words are the document of `digest` in `texts`."""

    __tablename__ = "bulletin"
    __table_args__ = (
        UniqueConstraint("incident", "release", "version"),
        Index("ix_bulletin_newest", "drill", "published_at", "digest"),
        Index("ix_bulletin_attachments", "attachments", postgresql_using="gin"),
    )

    digest: Mapped[str] = mapped_column(primary_key=True)
    incident: Mapped[str]
    release: Mapped[str]
    version: Mapped[int]
    kind: Mapped[str]
    unit: Mapped[str]
    drill: Mapped[bool]
    published_at: Mapped[datetime]
    corrects: Mapped[str | None]
    """The release this one corrects, of the same incident."""
    withdrawn_at: Mapped[datetime | None]
    attachments: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Digests of the files beside it, to find it by; the document says which they really are."""


class NoticeRow(Base):
    """An officer's inbox, and how far each notice came on its way out of it. `subject` tells apart two notices of
    one kind from one entry; `incident` is empty where it is about a register.
    """

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("incident", "seq", "officer", "kind", "subject"),
        Index("ix_notices_inbox", "officer", "id"),
        Index("ix_notices_due", "next_at", postgresql_where=text("delivery IN ('waiting', 'handed_over')")),
        Index("ix_notices_failed", "id", postgresql_where=text("delivery = 'undelivered'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    officer: Mapped[str]
    incident: Mapped[str]
    seq: Mapped[int]
    kind: Mapped[str]
    subject: Mapped[str]
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    delivery: Mapped[str] = mapped_column(server_default="waiting")
    next_at: Mapped[datetime | None]
    """When to look at it again; at once when NULL."""
    turn: Mapped[int] = mapped_column(server_default="0")
    attempts: Mapped[int] = mapped_column(server_default="0")
    """On the address of this turn."""
    means: Mapped[str | None]
    code: Mapped[str | None]
    """What the last service answered that would not take it."""
    handle: Mapped[str | None]
    """What a service calls a message that it took; its outcome is asked for by it."""
    sent_at: Mapped[datetime | None]
    """When a service took it last."""


class AuditRow(Base):
    """The last audit of the clocks: when, how long it took, how many incidents and processes it compared."""

    __tablename__ = "audits"
    __table_args__ = (CheckConstraint("one"),)

    one: Mapped[bool] = mapped_column(primary_key=True, server_default=true())
    at: Mapped[datetime]
    milliseconds: Mapped[int]
    incidents: Mapped[int]
    processes: Mapped[int]


class FindingRow(Base):
    """What audits of the clocks find, from the first that does to the last; what one no longer finds goes."""

    __tablename__ = "findings"

    fault: Mapped[str] = mapped_column(primary_key=True)
    incident: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    seen_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    """When ops were told."""


class ContactRow(Base):
    """How to reach an officer, or all of a unit. Personal data: shown to them and to who keeps the register."""

    __tablename__ = "contacts"

    owner: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    means: Mapped[str]
    address: Mapped[str]
    to: Mapped[str]


class ErasureRow(Base):
    """That the words of an ended incident were erased: by what, on which ground, how much. Says nothing of them."""

    __tablename__ = "erasures"
    __table_args__ = (Index("ix_erasures_unscrubbed", "erased_at", postgresql_where=text("scrubbed_at IS NULL")),)

    incident: Mapped[str] = mapped_column(primary_key=True)
    erased_at: Mapped[datetime] = mapped_column(primary_key=True)
    by: Mapped[str]
    idle_since: Mapped[datetime]
    days: Mapped[int]
    texts: Mapped[int]
    attachments: Mapped[int]
    notices: Mapped[int]
    scrubbed_at: Mapped[datetime | None]
    """Since when the database's files do not hold them either."""


class IdempotencyRow(Base):
    """A POST once accepted. `scope` is `unit:<id>` for submissions and `officer:<id>` for all else."""

    __tablename__ = "idempotency"

    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    route: Mapped[str]
    body_hash: Mapped[str]
    incident: Mapped[str]
    command_id: Mapped[str]
    created_at: Mapped[datetime]


class CountyRow(Base):
    """The one county. Triggers raise `version` whenever it, its units, officers or posts change."""

    __tablename__ = "county"
    __table_args__ = (CheckConstraint("one"),)

    one: Mapped[bool] = mapped_column(primary_key=True, server_default=true())
    name: Mapped[str]
    timezone: Mapped[str]
    policy: Mapped[str]
    version: Mapped[int] = mapped_column(BigInteger, server_default="1")


class UnitRow(Base):
    __tablename__ = "units"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    position: Mapped[int]
    active: Mapped[bool] = mapped_column(server_default=true())


class OfficerRow(Base):
    """Never deleted: the ledger names officers long after they left. Inactive ones can do nothing."""

    __tablename__ = "officers"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    position: Mapped[int]
    active: Mapped[bool] = mapped_column(server_default=true())


class PostRow(Base):
    __tablename__ = "posts"

    officer: Mapped[str] = mapped_column(ForeignKey("officers.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    unit: Mapped[str] = mapped_column(ForeignKey("units.id"))
    title: Mapped[str]
    roles: Mapped[list[str]]
    rank: Mapped[str]


class TemplateRow(Base):
    """How releases of a kind begin. Every version is kept; the latest is in force. `key` is the POST it came with."""

    __tablename__ = "release_templates"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str]
    title: Mapped[str]
    body: Mapped[str]
    saved_by: Mapped[str | None] = mapped_column(ForeignKey("officers.id"))
    """None for what came with the program."""
    saved_at: Mapped[datetime]
    key: Mapped[str] = mapped_column(unique=True)


class FilingRow(Base):
    """Registers that only grow: a trigger refuses UPDATE, DELETE and TRUNCATE. `key` is the POST it came with."""

    __tablename__ = "filings"
    __table_args__ = (Index("ix_filings_unit", "unit", "kind"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str]
    unit: Mapped[str] = mapped_column(ForeignKey("units.id"))
    data: Mapped[dict[str, Any]]
    filed_by: Mapped[str] = mapped_column(ForeignKey("officers.id"))
    filed_at: Mapped[datetime]
    key: Mapped[str] = mapped_column(unique=True)


class TokenRow(Base):
    """A bearer token of an officer; only its SHA-256 is kept. `scopes` says what it is good for: `domain.access`."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    officer: Mapped[str] = mapped_column(ForeignKey("officers.id"))
    hash: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    scopes: Mapped[list[str]] = mapped_column(server_default=text("'{read,write,ops}'"))
    last_used_at: Mapped[datetime | None]
    """To the minute."""


class AccountRow(Base):
    """With what an officer signs in. Without a password only the county's identity provider lets them in."""

    __tablename__ = "accounts"

    officer: Mapped[str] = mapped_column(ForeignKey("officers.id"), primary_key=True)
    password: Mapped[str | None]
    """Argon2id, with its salt and costs."""
    must_change: Mapped[bool] = mapped_column(server_default=true())
    """Whether the password was given to them, and serves only to choose one of their own."""
    changed_at: Mapped[datetime]


class IdentityRow(Base):
    """Who an officer is at an identity provider."""

    __tablename__ = "identities"

    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    officer: Mapped[str] = mapped_column(ForeignKey("officers.id"))
    linked_at: Mapped[datetime]


class SessionRow(Base):
    """Somebody signed in to the console; `hash` is the SHA-256 of the cookie's secret. Ending it deletes the row."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_officer", "officer"),)

    hash: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    """To speak of it, which the hash is too good for."""
    officer: Mapped[str] = mapped_column(ForeignKey("officers.id"))
    means: Mapped[str]
    address: Mapped[str]
    agent: Mapped[str]
    """What the browser calls itself."""
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    """To the minute."""
    expires_at: Mapped[datetime]


class DeviceRow(Base):
    """A browser that an officer has signed in with: what strangers guess wrong does not keep it out."""

    __tablename__ = "devices"

    hash: Mapped[str] = mapped_column(primary_key=True)
    officer: Mapped[str] = mapped_column(ForeignKey("officers.id"))
    seen_at: Mapped[datetime]


class AttemptRow(Base):
    """Attempts to sign in that have not succeeded, counted for each name and known device, all strangers together.

    `name` is the SHA-256 of what was typed, which may be a password in the wrong field or nobody's name.
    """

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_last", "last_at"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    device: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime]
    """The last one that was looked at, not refused unseen."""


class ProviderLoginRow(Base):
    """A login under way at the identity provider. `state` and `browser` are SHA-256 of what only that browser has."""

    __tablename__ = "provider_logins"
    __table_args__ = (Index("ix_provider_logins_expires", "expires_at"),)

    state: Mapped[str] = mapped_column(primary_key=True)
    browser: Mapped[str]
    nonce: Mapped[str]
    verifier: Mapped[str]
    next: Mapped[str]
    expires_at: Mapped[datetime]


class NumberRow(Base):
    """The last incident number given in a year, drills counted apart."""

    __tablename__ = "numbers"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    drill: Mapped[bool] = mapped_column(primary_key=True)
    last: Mapped[int]
