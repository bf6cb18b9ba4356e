"""Releases on the county's bulletin, as the public sees them."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, and_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db import attachments
from db.tables import BulletinRow, TextRow, UnitRow
from db.texts import read_document
from domain.attachments import Attachment
from domain.releases import Document
from domain.vocabulary import Digest, IncidentId, ReleaseKind


class PublicPlace(NamedTuple):
    """Where a page of the bulletin ended."""

    published_at: datetime
    digest: Digest


@dataclass(frozen=True)
class PublicRelease:
    """A release as published; `corrected_by` is its latest correction. `document` is None once its words are gone."""

    digest: Digest
    kind: ReleaseKind
    unit: str
    """The name of the unit that answers for it."""
    drill: bool
    published_at: datetime
    document: Document | None
    corrects: Digest | None
    corrected_by: Digest | None
    withdrawn_at: datetime | None
    incident: IncidentId
    attachments: tuple[Attachment, ...] = ()
    """Files shown with it, in order: those its document names and nobody has erased; none once it is withdrawn."""

    @property
    def place(self) -> PublicPlace:
        return PublicPlace(self.published_at, self.digest)


async def bulletin(
    session: AsyncSession, *, drill: bool, before: PublicPlace | None = None, limit: int = 30
) -> list[PublicRelease]:
    """The newest first, drills apart from what is real."""
    query = _query().where(BulletinRow.drill == drill)
    if before is not None:
        query = query.where(tuple_(BulletinRow.published_at, BulletinRow.digest) < tuple_(*before))
    query = query.order_by(BulletinRow.published_at.desc(), BulletinRow.digest.desc()).limit(limit)
    return await _with_files(session, [_public(row) for row in await session.execute(query)])


async def bulletin_release(session: AsyncSession, digest: Digest) -> PublicRelease | None:
    found = await session.execute(_query().where(BulletinRow.digest == digest))
    return next(iter(await _with_files(session, [_public(row) for row in found])), None)


async def releases_showing(session: AsyncSession, attachment: Digest, *, drills: bool) -> list[PublicRelease]:
    """Releases that show the file now, by what their documents say; real ones before drills."""
    query = _query().where(BulletinRow.attachments.contains([attachment]), BulletinRow.withdrawn_at.is_(None))
    if not drills:
        query = query.where(~BulletinRow.drill)
    found = await session.execute(query.order_by(BulletinRow.drill, BulletinRow.published_at))
    releases = await _with_files(session, [_public(row) for row in found])
    return [release for release in releases if attachment in {file.digest for file in release.attachments}]


async def _with_files(session: AsyncSession, releases: list[PublicRelease]) -> list[PublicRelease]:
    named = {
        release.digest: release.document.attachments
        for release in releases
        if release.document is not None and release.withdrawn_at is None
    }
    wanted = {(release.incident, file) for release in releases for file in named.get(release.digest, ())}
    known = await attachments.find_all(session, wanted)
    return [
        replace(
            release,
            attachments=tuple(
                known[release.incident, file]
                for file in named.get(release.digest, ())
                if (release.incident, file) in known
            ),
        )
        for release in releases
    ]


def _query() -> Select[Any]:
    corrected, correction = aliased(BulletinRow), aliased(BulletinRow)
    corrects = (
        select(corrected.digest)
        .where(corrected.incident == BulletinRow.incident, corrected.release == BulletinRow.corrects)
        .scalar_subquery()
    )
    corrected_by = (
        select(correction.digest)
        .where(correction.incident == BulletinRow.incident, correction.corrects == BulletinRow.release)
        .order_by(correction.published_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    words = and_(TextRow.incident == BulletinRow.incident, TextRow.digest == BulletinRow.digest)
    return (
        select(
            BulletinRow.digest,
            BulletinRow.kind,
            UnitRow.name.label("unit"),
            BulletinRow.drill,
            BulletinRow.published_at,
            BulletinRow.withdrawn_at,
            BulletinRow.incident,
            TextRow.text,
            corrects.label("corrects"),
            corrected_by.label("corrected_by"),
        )
        .join(UnitRow, UnitRow.id == BulletinRow.unit)
        .outerjoin(TextRow, words)
    )


def _public(row: Row[Any]) -> PublicRelease:
    digest, document = Digest(row.digest), read_document(row.text)
    # The page vouches for the digest: words that do not have it are not shown under it.
    if document is not None and document.digest() != digest:
        document = None
    return PublicRelease(
        digest=digest,
        kind=ReleaseKind(row.kind),
        unit=row.unit,
        drill=row.drill,
        published_at=row.published_at,
        document=document,
        corrects=row.corrects,
        corrected_by=row.corrected_by,
        withdrawn_at=row.withdrawn_at,
        incident=IncidentId(row.incident),
    )
