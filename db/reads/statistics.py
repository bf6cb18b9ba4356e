"""How incidents went, as `domain.statistics` counts it, read from the stored states."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, cast, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from db import ledger
from db.projections import STATE_VERSION
from db.reads.incidents import seen_by
from db.tables import IncidentRow, LedgerRow
from domain.standing import Sight
from domain.statistics import Course, Owed, steps_of
from domain.vocabulary import (
    ConferenceForm,
    IncidentId,
    Level,
    ObligationKind,
    ObligationState,
    Phase,
    ReleaseKind,
    UnitId,
)

_AT_ONCE = 500
"""States parsed by one statement: none takes long, and none spills to a disk."""
_KEPT = ("assessed_at", "obligations", "releases", "conferences")


class Courses:
    """Remembers every course as of its incident's last entry: only what has gone on since is read again."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, Course]] = {}

    async def read(self, session: AsyncSession, sight: Sight, since: datetime | None, *, drills: bool) -> list[Course]:
        """Of the incidents that `sight` shows, detected since then (None: ever); those that were merged into another
        or dismissed went no course of their own.
        """
        row = IncidentRow
        query = select(row.id, row.head_seq).where(
            true() if since is None else row.detected_at >= since,
            row.drill == drills,
            row.phase.not_in([Phase.MERGED, Phase.DISMISSED]),
            seen_by(sight),
        )
        heads = {one.id: one.head_seq for one in await session.execute(query)}
        gone_on = sorted(id_ for id_, seq in heads.items() if self._known.get(id_, (0,))[0] != seq)
        for begin in range(0, len(gone_on), _AT_ONCE):
            for course in await _courses(session, gone_on[begin : begin + _AT_ONCE]):
                # What is newer than its head was a moment ago is read once more the next time.
                self._known[course.incident] = (heads[course.incident], course)
        return [self._known[id_][1] for id_ in heads]


async def _courses(session: AsyncSession, ids: Sequence[str]) -> list[Course]:
    row = IncidentRow
    # Parsed once, and only what is counted leaves the database.
    parsed = (
        select(
            row.id,
            row.lead,
            row.level,
            row.phase,
            row.detected_at,
            row.state_version,
            cast(row.state, JSONB).label("s"),
        )
        .where(row.id.in_(ids))
        .cte("parsed")
        .prefix_with("MATERIALIZED")
    )
    # The last change of phase is among an incident's last entries: found from the end, by the primary key.
    closed_at = (
        select(LedgerRow.decided_at)
        .where(LedgerRow.incident == parsed.c.id, LedgerRow.type == "phase_changed")
        .order_by(LedgerRow.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(
        parsed.c.id,
        parsed.c.lead,
        parsed.c.level,
        parsed.c.phase,
        parsed.c.detected_at,
        parsed.c.state_version,
        case((parsed.c.phase == Phase.CLOSED, closed_at)).label("closed_at"),
        parsed.c.s[("policy", "mandatory_channel")].astext.label("channel"),
        *(parsed.c.s[name].label(name) for name in _KEPT),
    )
    found: list[Course] = []
    for told in await session.execute(query):
        kept: Mapping[str, Any] = told._asdict()
        if told.state_version != STATE_VERSION:
            folded = await ledger.load(session, IncidentId(told.id))
            kept = json.loads(folded.model_dump_json()) if folded else kept
        found.append(
            Course(
                incident=IncidentId(told.id),
                lead=UnitId(told.lead),
                level=Level(told.level),
                detected_at=told.detected_at,
                open=not Phase(told.phase).ended,
                steps=steps_of(
                    _instant(kept["assessed_at"]), _published(kept, told.channel), _held(kept), told.closed_at
                ),
                duties=tuple(_owed(duty) for duty in kept["obligations"]),
            )
        )
    return found


def _published(kept: Mapping[str, Any], channel: str) -> list[tuple[ReleaseKind, datetime]]:
    return [
        (ReleaseKind(release["kind"]), datetime.fromisoformat(receipt["at"]))
        for release in kept["releases"].values()
        for receipt in release["receipts"]
        if receipt["channel"] == channel
    ]


def _held(kept: Mapping[str, Any]) -> list[datetime]:
    held = (one for one in kept["conferences"] if one["form"] == ConferenceForm.CONFERENCE)
    return [datetime.fromisoformat(one["held_at"]) for one in held if one["held_at"]]


def _owed(duty: Mapping[str, Any]) -> Owed:
    return Owed(
        ObligationKind(duty["kind"]), ObligationState(duty["state"]), _instant(duty["due_at"]), bool(duty["ran_late"])
    )


def _instant(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
