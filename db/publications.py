"""Receipts of what went out, and the bulletin that shows it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
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
    columns = select(*(getattr(ReceiptRow, name) for name in Receipt.model_fields))
    query = columns.where(
        ReceiptRow.incident == place.incident,
        ReceiptRow.release == place.release,
        ReceiptRow.version == place.version,
        ReceiptRow.channel == place.channel,
    )
    found = (await session.execute(query)).one_or_none()
    return Receipt.model_validate(found._asdict()) if found else None


async def receipts(session: AsyncSession, incident: IncidentId) -> list[dict[str, Any]]:
    """All receipts of an incident as they are kept, with what each is for, in the order in which they came."""
    columns = [getattr(ReceiptRow, name) for name in ("release", "version", *Receipt.model_fields)]
    query = select(*columns).where(ReceiptRow.incident == incident)
    found = await session.execute(query.order_by(ReceiptRow.at, ReceiptRow.channel))
    return [dict(row) for row in found.mappings()]


async def keep_receipt(session: AsyncSession, place: Place, given: Receipt) -> Receipt:
    """Keep the receipt; the one that stands if there is one already."""
    row = insert(ReceiptRow).values(
        incident=place.incident,
        release=place.release,
        version=place.version,
        **given.model_dump(exclude={"retracted_at"}),
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
        attachments=list(document.attachments),
    )
    await session.execute(row.on_conflict_do_nothing())


async def keep_retraction(session: AsyncSession, place: Place, receipt: Receipt, at: datetime) -> datetime:
    """Keep since when a release is taken back there; the instant that stands if there is one already.

    A receipt that only the ledger knew, because a person gave it or a backup lost it, is kept with it.
    """
    stands = await keep_receipt(session, place, receipt)
    if stands.retracted_at is not None:
        return stands.retracted_at
    await session.execute(
        update(ReceiptRow)
        .where(
            ReceiptRow.incident == place.incident,
            ReceiptRow.release == place.release,
            ReceiptRow.version == place.version,
            ReceiptRow.channel == place.channel,
        )
        .values(retracted_at=at)
    )
    return at


async def mark_withdrawn(session: AsyncSession, place: Place, at: datetime) -> None:
    """Say on the public page that the release was withdrawn. Doing it again changes nothing."""
    shown = (BulletinRow.incident == place.incident, BulletinRow.release == place.release)
    await session.execute(update(BulletinRow).where(*shown, BulletinRow.withdrawn_at.is_(None)).values(withdrawn_at=at))
