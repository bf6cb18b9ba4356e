"""Words: the one place they are kept. Everything else carries their references."""

import hashlib
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar, cast

from pydantic import ValidationError
from sqlalchemy import delete, select
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import TextRow
from db.tokens import tokens
from domain import commands as c
from domain.releases import Document
from domain.vocabulary import Digest, IncidentId

ORPHANED_FOR = timedelta(days=7)
_SALT_BYTES = 16

C = TypeVar("C", bound=c.Command)

_READ = sql("SELECT digest, text FROM texts WHERE incident = :incident AND digest = ANY (CAST(:digests AS text[]))")
# As text, because the mapper would build it anew for each command.
_STORE = sql(
    """
    INSERT INTO texts (incident, digest, salt, text, created_at, tokens)
    VALUES (:incident, :digest, :salt, :text, :created_at, :tokens)
    """
)


@dataclass(frozen=True)
class Salted:
    """A text with the salt that keeps anybody from guessing it by its reference."""

    reference: str
    salt: bytes
    text: str


def salted(text: str) -> Salted:
    salt = secrets.token_bytes(_SALT_BYTES)
    return Salted(reference(salt, text), salt, text)


def reference(salt: bytes, text: str) -> str:
    """`t1:` and the SHA-256 of the salt followed by the text in UTF-8."""
    return "t1:" + hashlib.sha256(salt + text.encode()).hexdigest()


async def refer(session: AsyncSession, incident: IncidentId, command: C, now: datetime) -> C:
    """Store all words of a command; the command with references in their place. Those of a report can be searched."""
    kept: list[Salted] = []

    def keep(text: str) -> str:
        kept.append(salted(text))
        return kept[-1].reference

    referring = c.refer(command, keep)
    searched = {referring.title, referring.summary} if isinstance(referring, c.Submit) else set[str]()
    await store_all(session, incident, kept, now, searched)
    return cast("C", referring)


async def store(session: AsyncSession, incident: IncidentId, text: str, now: datetime) -> str:
    """Store one text under a new salt; its reference."""
    one = salted(text)
    await store_all(session, incident, [one], now)
    return one.reference


async def store_all(
    session: AsyncSession,
    incident: IncidentId,
    kept: Sequence[Salted],
    now: datetime,
    searched: Collection[str] = (),
) -> None:
    """Store these; those whose references are `searched` are found by their words."""
    rows = [
        {
            "incident": incident,
            "digest": one.reference,
            "salt": one.salt,
            "text": one.text,
            "created_at": now,
            "tokens": tokens(one.text) if one.reference in searched else None,
        }
        for one in kept
    ]
    if rows:
        await session.execute(_STORE, rows)


async def store_document(session: AsyncSession, document: Document, now: datetime) -> Digest:
    """Store a release version's words under their digest. The same words again change nothing."""
    digest = document.digest()
    row = insert(TextRow).values(
        incident=document.incident, digest=digest, text=document.canonical().decode(), created_at=now
    )
    # Storing an orphan again keeps it from being swept before its command arrives.
    await session.execute(
        row.on_conflict_do_update(index_elements=["incident", "digest"], set_={"created_at": row.excluded.created_at})
    )
    return digest


async def read(session: AsyncSession, incident: IncidentId, digests: Iterable[str]) -> dict[str, str]:
    """The texts behind references; those that were erased are left out."""
    found = await session.execute(_READ, {"incident": incident, "digests": list(set(digests))})
    return dict(found.all())


async def with_salts(session: AsyncSession, incident: IncidentId, references: Iterable[str]) -> list[Salted]:
    """The same with what their references were made from, for evidence; as stored, whether or not it fits."""
    query = select(TextRow.digest, TextRow.salt, TextRow.text).order_by(TextRow.digest)
    found = await session.execute(query.where(TextRow.incident == incident, TextRow.digest.in_(set(references))))
    return [Salted(reference, salt or b"", text) for reference, salt, text in found]


async def altered(session: AsyncSession, incident: IncidentId) -> list[str]:
    """References and digests under which other words are stored than they were made from."""
    query = select(TextRow.digest, TextRow.salt, TextRow.text).where(TextRow.incident == incident)
    found = await session.execute(query.order_by(TextRow.digest))
    return [digest for digest, salt, text in found if digest != _digest_of(salt, text)]


def _digest_of(salt: bytes | None, text: str) -> str | None:
    if salt is None:
        return hashlib.sha256(text.encode()).hexdigest()
    # A salt of another length would hold what the text begins with.
    return reference(salt, text) if len(salt) == _SALT_BYTES else None


async def document(session: AsyncSession, incident: IncidentId, digest: Digest) -> Document | None:
    """A release version's words as stored. Whoever relies on them computes the digest anew."""
    found = await session.scalar(select(TextRow.text).where(TextRow.incident == incident, TextRow.digest == digest))
    return read_document(found)


def read_document(text: str | None) -> Document | None:
    """The document in a stored text; None where there is none, or none any more that can be read."""
    if text is None:
        return None
    try:
        return Document.model_validate_json(text)
    except ValidationError:
        # Somebody changed the row. The error would quote it, and no digest would fit it anyway.
        return None


async def missing(session: AsyncSession, incident: IncidentId, digests: Iterable[str]) -> set[str]:
    """Those of `digests` that are not stored."""
    wanted = set(digests)
    query = select(TextRow.digest).where(TextRow.incident == incident, TextRow.digest.in_(wanted))
    return wanted - set(await session.scalars(query))


async def sweep(session: AsyncSession, now: datetime) -> int:
    """Delete texts whose command never arrived, a week after they were stored; how many."""
    orphans = delete(TextRow).where(~TextRow.adopted, TextRow.created_at < now - ORPHANED_FOR)
    return len((await session.scalars(orphans.returning(TextRow.digest))).all())
