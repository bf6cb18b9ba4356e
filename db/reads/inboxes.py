"""An officer's inbox."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import NoticeRow
from domain.notices import NoticeKind
from domain.vocabulary import IncidentId, OfficerId


@dataclass(frozen=True)
class Told:
    """A notice as delivered. `data` holds ids, codes and instants only."""

    id: int
    incident: IncidentId
    seq: int
    kind: NoticeKind
    data: dict[str, Any]
    created_at: datetime
    read_at: datetime | None


async def notices(
    session: AsyncSession, officer: OfficerId, before: int | None = None, limit: int = 50, *, unread: bool = False
) -> list[Told]:
    """The newest first; `before` is the id that the page before ended with."""
    row = NoticeRow
    columns = select(row.id, row.incident, row.seq, row.kind, row.data, row.created_at, row.read_at)
    query = columns.where(row.officer == officer)
    if before is not None:
        query = query.where(row.id < before)
    if unread:
        query = query.where(row.read_at.is_(None))
    found = await session.execute(query.order_by(row.id.desc()).limit(limit))
    return [
        Told(
            id=told.id,
            incident=IncidentId(told.incident),
            seq=told.seq,
            kind=NoticeKind(told.kind),
            data=told.data,
            created_at=told.created_at,
            read_at=told.read_at,
        )
        for told in found
    ]
