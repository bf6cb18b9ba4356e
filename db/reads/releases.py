"""Releases on the county's bulletin, as the public sees them."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

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
    """A release as published; `corrected_by` is its latest correction that was not withdrawn. `document` is None once
    its words are gone. `thread` is the first release of the same incident: what all of them are found by, and no more
    than is public already.
    """

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
    thread: Digest
    corrected_at: datetime | None = None
    attachments: tuple[Attachment, ...] = ()
    """Files shown with it, in order: those its document names and nobody has erased; none once it is withdrawn."""

    @property
    def updated_at(self) -> datetime:
        """When its page last changed what it says."""
        return max(at for at in (self.published_at, self.corrected_at, self.withdrawn_at) if at is not None)

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


async def bulletin_changes(session: AsyncSession, *, limit: int) -> list[PublicRelease]:
    """Real releases, the latest published, corrected or withdrawn first: what a feed has to tell."""
    changed = func.greatest(BulletinRow.published_at, BulletinRow.withdrawn_at, _correction(_made.published_at))
    query = _query().where(~BulletinRow.drill).order_by(changed.desc(), BulletinRow.digest).limit(limit)
    return await _with_files(session, [_public(row) for row in await session.execute(query)])


async def bulletin_thread(session: AsyncSession, incident: IncidentId) -> list[PublicRelease]:
    """All public releases of an incident, the first first."""
    query = _query().where(BulletinRow.incident == incident)
    query = query.order_by(BulletinRow.published_at, BulletinRow.digest)
    return await _with_files(session, [_public(row) for row in await session.execute(query)])


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


_made, _opening = aliased(BulletinRow), aliased(BulletinRow)


def _correction(column: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ScalarSelect[Any]:
    """A column of the latest correction that stands."""
    same = (_made.incident == BulletinRow.incident, _made.corrects == BulletinRow.release)
    query = select(column).where(*same, _made.withdrawn_at.is_(None)).order_by(_made.published_at.desc()).limit(1)
    return query.correlate(BulletinRow).scalar_subquery()


def _query() -> Select[Any]:
    corrected = aliased(BulletinRow)
    corrects = (
        select(corrected.digest)
        .where(corrected.incident == BulletinRow.incident, corrected.release == BulletinRow.corrects)
        .scalar_subquery()
    )
    thread = (
        select(_opening.digest)
        .where(_opening.incident == BulletinRow.incident)
        .order_by(_opening.published_at, _opening.digest)
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
            _correction(_made.digest).label("corrected_by"),
            _correction(_made.published_at).label("corrected_at"),
            thread.label("thread"),
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
        thread=Digest(row.thread),
        corrected_at=row.corrected_at,
    )
