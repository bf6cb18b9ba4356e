"""What the database tells of channels and services. Which accounts a worker has, only the worker knows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.reads.incidents import seen_by, states
from db.tables import CallRow, ContactRow, IncidentRow, NoticeRow, ReceiptRow
from domain.incident import Incident
from domain.standing import Sight
from domain.vocabulary import Channel, DeliveryState, IncidentId, Means


@dataclass(frozen=True)
class Outlet:
    """Real releases only. `last_at` is the last receipt, `under_way` the calls that have none yet."""

    under_way: int = 0
    receipts: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True)
class Service:
    """`addresses` in the address book that name it; `undelivered` notices that ended with it."""

    addresses: int = 0
    last_at: datetime | None = None
    undelivered: int = 0


@dataclass(frozen=True)
class Outbox:
    """Notices due to leave the inbox, since when the oldest of them is there, and those that reached nobody."""

    due: int
    oldest_at: datetime | None
    undelivered: int


async def outbox(session: AsyncSession, now: datetime) -> Outbox:
    """How far notices are behind."""
    row = NoticeRow
    is_open = row.delivery.in_((DeliveryState.WAITING, DeliveryState.HANDED_OVER))
    due = select(func.count(), func.min(row.created_at)).where(is_open, or_(row.next_at.is_(None), row.next_at <= now))
    count, oldest_at = (await session.execute(due)).one()
    failed = select(func.count()).select_from(row).where(row.delivery == DeliveryState.UNDELIVERED)
    return Outbox(count, oldest_at, await session.scalar(failed) or 0)


async def outlets(session: AsyncSession) -> dict[Channel, Outlet]:
    """Every channel that was ever used."""
    real = select(IncidentRow.id).where(~IncidentRow.drill)
    went = select(ReceiptRow.channel, func.count(), func.max(ReceiptRow.at)).where(ReceiptRow.incident.in_(real))
    sent = {c: (count, at) for c, count, at in await session.execute(went.group_by(ReceiptRow.channel))}
    same = and_(*(getattr(ReceiptRow, n) == getattr(CallRow, n) for n in ("incident", "release", "version", "channel")))
    calling = (
        select(CallRow.channel, func.count().label("open"))
        .outerjoin(ReceiptRow, same)
        .where(CallRow.begun_at.is_not(None), ReceiptRow.at.is_(None), CallRow.incident.in_(real))
        .group_by(CallRow.channel)
    )
    open_ = {one.channel: one.open for one in await session.execute(calling)}
    return {Channel(one): Outlet(open_.get(one, 0), *sent.get(one, (0, None))) for one in {*sent, *open_}}


async def services(session: AsyncSession) -> dict[Means, Service]:
    """Every service that is in the address book, or carried a notice."""
    listed = select(ContactRow.means, func.count().label("listed")).group_by(ContactRow.means)
    addresses = {one.means: one.listed for one in await session.execute(listed)}
    failed = func.count().filter(NoticeRow.delivery == DeliveryState.UNDELIVERED)
    told = select(NoticeRow.means, func.max(NoticeRow.sent_at), failed).where(NoticeRow.means.is_not(None))
    sent = {means: (at, count) for means, at, count in await session.execute(told.group_by(NoticeRow.means))}
    return {Means(one): Service(addresses.get(one, 0), *sent.get(one, (None, 0))) for one in {*addresses, *sent} if one}


async def waiting_for_a_person(session: AsyncSession, sight: Sight) -> list[Incident]:
    """States of those incidents that `sight` shows and that need attention, oldest first."""
    query = select(IncidentRow.id).where(IncidentRow.needs_attention, seen_by(sight))
    found = await states(session, [IncidentId(id_) for id_ in await session.scalars(query)])
    return sorted(found.values(), key=lambda incident: incident.submitted_at)
