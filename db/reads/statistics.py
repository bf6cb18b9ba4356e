"""How incidents went, as `domain.statistics` counts it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import case, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from db import ledger, projections
from db.reads.incidents import seen_by
from db.tables import IncidentRow, LedgerRow
from domain.standing import Sight
from domain.statistics import Course, Owed, steps_of
from domain.vocabulary import IncidentId, Level, Milestone, ObligationKind, ObligationState, Phase, ReleaseKind, UnitId


async def courses(session: AsyncSession, sight: Sight, since: datetime | None, *, drills: bool) -> list[Course]:
    """Of the incidents that `sight` shows, detected since then (None: ever); those that were merged into another
    or dismissed went no course of their own.
    """
    row = IncidentRow
    # The last change of phase is among an incident's last entries: found from the end, by the primary key.
    closed_at = (
        select(LedgerRow.decided_at)
        .where(LedgerRow.incident == row.id, LedgerRow.type == "phase_changed")
        .order_by(LedgerRow.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(
        row.id,
        row.lead,
        row.level,
        row.phase,
        row.detected_at,
        row.state_version,
        row.course,
        case((row.phase == Phase.CLOSED, closed_at)).label("closed_at"),
    ).where(
        true() if since is None else row.detected_at >= since,
        row.drill == drills,
        row.phase.not_in([Phase.MERGED, Phase.DISMISSED]),
        seen_by(sight),
    )
    return [
        Course(
            incident=IncidentId(told.id),
            lead=UnitId(told.lead),
            level=Level(told.level),
            detected_at=told.detected_at,
            open=not Phase(told.phase).ended,
            steps=_steps(kept, told.closed_at),
            duties=tuple(_owed(*duty) for duty in kept["duties"]),
        )
        for told in (await session.execute(query)).all()
        if (kept := await _counted(session, told.id, told.state_version, told.course))
    ]


async def _counted(
    session: AsyncSession, id_: str, state_version: int, course: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """What the row holds, or what another version should have put there."""
    if state_version == projections.STATE_VERSION:
        return course
    folded = await ledger.load(session, IncidentId(id_))
    return projections.course(folded) if folded else None


def _steps(kept: Mapping[str, Any], closed_at: datetime | None) -> Mapping[Milestone, datetime]:
    published = [(ReleaseKind(kind), datetime.fromisoformat(at)) for kind, at in kept["published"]]
    held = [datetime.fromisoformat(at) for at in kept["held"]]
    return steps_of(_instant(kept["assessed_at"]), published, held, closed_at)


def _owed(kind: str, state: str, due_at: str | None, ran_late: bool) -> Owed:  # noqa: FBT001  # As it is stored.
    return Owed(ObligationKind(kind), ObligationState(state), _instant(due_at), ran_late)


def _instant(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
