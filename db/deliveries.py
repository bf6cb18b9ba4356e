"""The outbox: notices on their way to people, and how far each came. Any number of workers may empty it at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import false, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import IncidentRow, NoticeRow
from domain.delivering import Data
from domain.notices import NoticeKind
from domain.vocabulary import DeliveryState, Means, OfficerId

LEASE = timedelta(minutes=2)
"""A worker that was killed while sending leaves its notices to others after this long."""
_OPEN = (DeliveryState.WAITING, DeliveryState.HANDED_OVER)


@dataclass(frozen=True)
class Outgoing:
    """A notice on its way. `number` and `drill` are its incident's; a register's has none."""

    id: int
    officer: OfficerId
    incident: str
    kind: NoticeKind
    data: dict[str, Any]
    state: DeliveryState
    turn: int
    attempts: int
    means: Means | None
    handle: str | None
    number: str | None
    drill: bool
    restricted: bool


async def claim(session: AsyncSession, now: datetime, limit: int) -> list[Outgoing]:
    """Notices to see to now, of hard duties first, then the oldest; nobody else gets them before LEASE is over."""
    row = NoticeRow
    order = func.coalesce(row.data["hard"].as_boolean(), false()).desc(), row.id
    due = (
        select(row.id)
        .where(row.delivery.in_(_OPEN), or_(row.next_at.is_(None), row.next_at <= now))
        .order_by(*order)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(await session.scalars(due))
    if not ids:
        return []
    await session.execute(update(row).where(row.id.in_(ids)).values(next_at=now + LEASE))
    columns = select(row, IncidentRow.number, IncidentRow.drill, IncidentRow.restricted)
    query = columns.outerjoin(IncidentRow, IncidentRow.id == row.incident).where(row.id.in_(ids)).order_by(*order)
    found = await session.execute(query)
    return [_outgoing(notice, number, drill=bool(d), restricted=bool(r)) for notice, number, d, r in found]


def _outgoing(notice: NoticeRow, number: str | None, *, drill: bool, restricted: bool) -> Outgoing:
    return Outgoing(
        id=notice.id,
        officer=OfficerId(notice.officer),
        incident=notice.incident,
        kind=NoticeKind(notice.kind),
        data=notice.data,
        state=DeliveryState(notice.delivery),
        turn=notice.turn,
        attempts=notice.attempts,
        means=Means(notice.means) if notice.means else None,
        handle=notice.handle,
        number=number,
        drill=drill,
        restricted=restricted,
    )


async def last_sent(session: AsyncSession, officers: Iterable[str], since: datetime) -> dict[str, datetime]:
    """When each officer was last sent something, where that was after `since`."""
    row = NoticeRow
    mine = (row.officer.in_(list(officers)), row.sent_at > since)
    found = select(row.officer, func.max(row.sent_at)).where(*mine).group_by(row.officer)
    return {officer: at for officer, at in await session.execute(found) if at is not None}


async def settle(session: AsyncSession, ids: Sequence[int], **values: Any) -> None:  # noqa: ANN401  # Columns.
    """Write down how far these came."""
    await session.execute(update(NoticeRow).where(NoticeRow.id.in_(ids)).values(**values))


async def tell(
    session: AsyncSession,
    kind: NoticeKind,
    officers: Sequence[OfficerId],
    subject: str,
    period: int,
    data: Data,
    now: datetime,
) -> None:
    """A notice of no incident, about `subject`: to each officer once in a `period`."""
    rows = [
        {
            "officer": officer,
            "incident": "",
            "seq": period,
            "kind": kind,
            "subject": subject,
            "data": data,
            "created_at": now,
        }
        for officer in officers
    ]
    if rows:
        await session.execute(insert(NoticeRow).values(rows).on_conflict_do_nothing())


async def mark_read(session: AsyncSession, officer: OfficerId, up_to: int, now: datetime) -> None:
    """The officer has seen the notice `up_to` and all before it."""
    mine = (NoticeRow.officer == officer, NoticeRow.id <= up_to, NoticeRow.read_at.is_(None))
    await session.execute(update(NoticeRow).where(*mine).values(read_at=now))
