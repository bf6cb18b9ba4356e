"""Receipts of what went out, and the bulletin that shows it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import BulletinRow, ReceiptRow
from domain.releases import Document, Receipt
from domain.vocabulary import Channel, IncidentId, ReleaseId, UnitId


@dataclass(frozen=True)
class Place:
    """What a receipt is for: one version on one channel, once."""

    incident: IncidentId
    release: ReleaseId
    version: int
    channel: Channel


async def receipt(session: AsyncSession, place: Place) -> Receipt | None:
    """The receipt of this version on this channel, if it went out."""
    columns = select(ReceiptRow.channel, ReceiptRow.external_id, ReceiptRow.url, ReceiptRow.at)
    query = columns.where(
        ReceiptRow.incident == place.incident,
        ReceiptRow.release == place.release,
        ReceiptRow.version == place.version,
        ReceiptRow.channel == place.channel,
    )
    found = (await session.execute(query)).one_or_none()
    return Receipt.model_validate(found._asdict()) if found else None


async def keep_receipt(session: AsyncSession, place: Place, given: Receipt) -> Receipt:
    """Keep the receipt; the one that stands if there is one already."""
    row = insert(ReceiptRow).values(
        incident=place.incident, release=place.release, version=place.version, **given.model_dump()
    )
    await session.execute(row.on_conflict_do_nothing())
    return await receipt(session, place) or given


async def show_on_bulletin(
    session: AsyncSession, document: Document, version: int, unit: UnitId, at: datetime, *, drill: bool
) -> None:
    """Put a version on the public page, with the unit that answers for it. Doing it again changes nothing."""
    row = insert(BulletinRow).values(
        digest=document.digest(),
        incident=document.incident,
        release=document.release,
        version=version,
        kind=document.kind,
        unit=unit,
        drill=drill,
        published_at=at,
        corrects=document.corrects,
    )
    await session.execute(row.on_conflict_do_nothing())
