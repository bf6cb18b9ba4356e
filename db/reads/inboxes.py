"""Notices: an officer's inbox, and what became of them on their way out of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.reads.incidents import known_to
from db.tables import IncidentRow, NoticeRow
from domain.notices import NoticeKind
from domain.standing import Sight
from domain.vocabulary import DeliveryState, IncidentId, Means, OfficerId


@dataclass(frozen=True)
class Told:
    """A notice, and how far it came. `data` holds ids, codes and instants only; `number` is its incident's."""

    id: int
    officer: OfficerId
    incident: IncidentId
    number: str | None
    seq: int
    kind: NoticeKind
    data: dict[str, Any]
    created_at: datetime
    read_at: datetime | None
    delivery: DeliveryState
    means: Means | None
    code: str | None
    sent_at: datetime | None


async def notices(  # Whose, of what, and which page of it.
    session: AsyncSession,
    officer: OfficerId,
    before: int | None = None,
    limit: int = 50,
    *,
    unread: bool = False,
    hidden: Collection[IncidentId] = (),
) -> list[Told]:
    """The newest first, none about `hidden` incidents; `before` is the id that the page before ended with."""
    query = _page(before, limit).where(NoticeRow.officer == officer, NoticeRow.incident.not_in(hidden))
    if unread:
        query = query.where(NoticeRow.read_at.is_(None))
    return [_told(row) for row in await session.execute(query)]


async def told_of_restricted(session: AsyncSession, officer: OfficerId, sight: Sight) -> list[IncidentId]:
    """Restricted incidents that the officer has notices of and that their list does not show."""
    mine = select(NoticeRow.incident).where(NoticeRow.officer == officer)
    query = select(IncidentRow.id).where(IncidentRow.restricted, ~known_to(sight), IncidentRow.id.in_(mine))
    return [IncidentId(id_) for id_ in await session.scalars(query)]


async def deliveries(
    session: AsyncSession, state: DeliveryState, sight: Sight, before: int | None = None, limit: int = 50
) -> list[Told]:
    """Everybody's notices that came this far and no further, the newest first, of what the overseer's list shows."""
    seen = or_(IncidentRow.id.is_(None), ~IncidentRow.restricted, known_to(sight))
    query = _page(before, limit).where(NoticeRow.delivery == state, seen)
    return [_told(row) for row in await session.execute(query)]


def _page(before: int | None, limit: int) -> Select[NoticeRow, str]:
    columns = select(NoticeRow, IncidentRow.number).outerjoin(IncidentRow, IncidentRow.id == NoticeRow.incident)
    if before is not None:
        columns = columns.where(NoticeRow.id < before)
    return columns.order_by(NoticeRow.id.desc()).limit(limit)


def _told(found: Row[NoticeRow, str]) -> Told:
    row, number = found
    return Told(
        id=row.id,
        officer=OfficerId(row.officer),
        incident=IncidentId(row.incident),
        number=number,
        seq=row.seq,
        kind=NoticeKind(row.kind),
        data=row.data,
        created_at=row.created_at,
        read_at=row.read_at,
        delivery=DeliveryState(row.delivery),
        means=Means(row.means) if row.means else None,
        code=row.code,
        sent_at=row.sent_at,
    )
