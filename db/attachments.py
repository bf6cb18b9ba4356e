"""Files beside the words of releases: what is known of each. Their bytes lie elsewhere, under the same names."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import AttachmentRow
from db.texts import ORPHANED_FOR
from domain.attachments import Attachment
from domain.vocabulary import Digest, IncidentId, OfficerId

SWEPT_AT_ONCE = 100


@dataclass(frozen=True)
class Upload:
    """Who brought a file, what they called it, and since when it waits for a release that names it."""

    by: OfficerId
    name: str
    at: datetime


async def expect(session: AsyncSession, incident: IncidentId, attachment: Attachment, upload: Upload) -> None:
    """Keep a place for a file before its bytes are written, so that none lie about that nobody knows of.

    The same file again waits for a release anew.
    """
    row = insert(AttachmentRow).values(
        incident=incident,
        **attachment.model_dump(),
        name=upload.name,
        uploaded_by=upload.by,
        created_at=upload.at,
    )
    await session.execute(
        row.on_conflict_do_update(index_elements=["incident", "digest"], set_={"created_at": row.excluded.created_at})
    )


async def mark_stored(session: AsyncSession, incident: IncidentId, digest: Digest, at: datetime) -> None:
    """Its bytes are there. From now on a release may name it."""
    await session.execute(update(AttachmentRow).where(*_these(incident, [digest])).values(stored_at=at))


@dataclass(frozen=True)
class Stored:
    """A file an incident has, and what its uploader calls it."""

    attachment: Attachment
    name: str


async def of_incident(session: AsyncSession, incident: IncidentId) -> list[Stored]:
    """Every file that a release of the incident may name, the oldest first."""
    query = select(AttachmentRow).where(AttachmentRow.incident == incident, AttachmentRow.stored_at.is_not(None))
    rows = await session.scalars(query.order_by(AttachmentRow.created_at, AttachmentRow.digest))
    return [
        Stored(Attachment(digest=Digest(row.digest), media_type=row.media_type, bytes=row.bytes), row.name)
        for row in rows
    ]


async def find(session: AsyncSession, incident: IncidentId, digests: Collection[Digest]) -> dict[Digest, Attachment]:
    """Those of the digests whose files the incident has."""
    found = await find_all(session, [(incident, digest) for digest in digests])
    return {digest: attachment for (_, digest), attachment in found.items()}


async def find_all(
    session: AsyncSession, wanted: Collection[tuple[IncidentId, Digest]]
) -> dict[tuple[IncidentId, Digest], Attachment]:
    """The same for files of several incidents at once."""
    if not wanted:
        return {}
    query = select(AttachmentRow.incident, AttachmentRow.digest, AttachmentRow.media_type, AttachmentRow.bytes)
    place = tuple_(AttachmentRow.incident, AttachmentRow.digest)
    found = await session.execute(query.where(place.in_(wanted), AttachmentRow.stored_at.is_not(None)))
    return {
        (IncidentId(incident), Digest(digest)): Attachment(digest=Digest(digest), media_type=media_type, bytes=size)
        for incident, digest, media_type, size in found
    }


async def renew(session: AsyncSession, incident: IncidentId, digests: Sequence[Digest], now: datetime) -> list[Digest]:
    """Keep files that a draft names from being swept before its command arrives; those that are not there."""
    if not digests:
        return []
    kept = update(AttachmentRow).where(*_these(incident, digests), AttachmentRow.stored_at.is_not(None))
    found = set(await session.scalars(kept.values(created_at=now).returning(AttachmentRow.digest)))
    return [digest for digest in digests if digest not in found]


async def orphans(session: AsyncSession, now: datetime) -> list[tuple[IncidentId, Digest]]:
    """Files that no release has named for a week. Locked: none is named while its bytes are deleted."""
    query = select(AttachmentRow.incident, AttachmentRow.digest)
    waiting = query.where(~AttachmentRow.adopted, AttachmentRow.created_at < now - ORPHANED_FOR)
    locked = waiting.order_by(AttachmentRow.created_at).limit(SWEPT_AT_ONCE).with_for_update(skip_locked=True)
    return [(IncidentId(incident), Digest(digest)) for incident, digest in await session.execute(locked)]


async def forget(session: AsyncSession, incident: IncidentId, digest: Digest) -> None:
    await session.execute(delete(AttachmentRow).where(*_these(incident, [digest])))


def _these(incident: IncidentId, digests: Collection[Digest]) -> tuple[Any, ...]:
    return AttachmentRow.incident == incident, AttachmentRow.digest.in_(digests)
