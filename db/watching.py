"""What auditor and metrics look at: every incident in which something is still to happen, in one statement."""

import asyncio
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db import ledger
from db.projections import stored_state
from db.tables import IncidentRow
from domain.auditing import Seen
from domain.vocabulary import IncidentId, Phase
from domain.watching import Watched, watched

# States are long and few of them change from one look to the next: only those not known yet are read.
_OPEN = """
    SELECT i.id, i.head_seq, coalesce(l.written, 0) AS written, i.updated_at, i.state_version,
        CASE WHEN known.id IS NULL THEN i.state END AS state
    FROM incidents i
    LEFT JOIN LATERAL (SELECT max(seq) AS written FROM ledger WHERE incident = i.id) l ON true
    LEFT JOIN unnest(CAST(:ids AS text[]), CAST(:seqs AS integer[])) AS known (id, seq)
        ON known.id = i.id AND known.seq = i.head_seq
    WHERE i.phase <> ALL (CAST(:ended AS text[])) OR i.needs_attention
"""
# Ended by their rows, which may be behind a ledger that goes on, or not there at all.
_OTHERS = """
    SELECT i.id, i.head_seq, (SELECT max(seq) FROM ledger WHERE incident = i.id), i.updated_at, i.state_version, i.state
    FROM incidents i
    WHERE i.phase = ANY (CAST(:ended AS text[])) AND NOT i.needs_attention
        AND EXISTS (SELECT FROM ledger WHERE incident = i.id AND seq > i.head_seq)
    UNION ALL
    SELECT l.incident, NULL, (SELECT max(seq) FROM ledger WHERE incident = l.incident), NULL, NULL, NULL
    FROM ledger l WHERE l.seq = 1 AND NOT EXISTS (SELECT FROM incidents i WHERE i.id = l.incident)
"""
_LOOK = text(_OPEN)
_LOOK_AT_ALL = text(f"{_OPEN} UNION ALL {_OTHERS}")
_ENDED = [phase for phase in Phase if phase.ended]


class _Known(NamedTuple):
    seq: int
    watched: Watched


class Watch:
    """Looks again and again, and remembers what it made of each state: one for each process."""

    def __init__(self) -> None:
        self._known: dict[IncidentId, _Known] = {}

    async def look(self, session: AsyncSession, *, at_all: bool = False) -> list[Seen]:
        """Every incident that has not ended or needs attention; `at_all`: also those whose rows are behind."""
        before = self._known
        given = {"ids": list(before), "seqs": [one.seq for one in before.values()], "ended": _ENDED}
        rows = (await session.execute(_LOOK_AT_ALL if at_all else _LOOK, given)).all()
        # Reading thousands of states for the first time must not hold up everybody else.
        read = await asyncio.to_thread(_read, rows)
        known: dict[IncidentId, _Known] = {}
        for row in rows:
            if row.state is None:
                # Known as it is, or a ledger without a row.
                found = before[row.id].watched if row.id in before and row.head_seq is not None else None
            else:
                found = read.get(row.id) or await _fold(session, row.id, row.head_seq)
            if found is not None:
                known[row.id] = _Known(row.head_seq, found)
        self._known = known
        return [_seen(row, known.get(row.id)) for row in rows]


def _read(rows: Sequence[Row[Any]]) -> dict[IncidentId, Watched]:
    states = {row.id: stored_state(row.state, row.state_version, row.head_seq) for row in rows if row.state}
    return {id_: watched(state) for id_, state in states.items() if state is not None}


async def _fold(session: AsyncSession, incident: IncidentId, seq: int) -> Watched | None:
    """What another version of the program stored, made anew; nothing where the ledger is not as far as its row."""
    folded = await ledger.load(session, incident)
    return watched(folded) if folded is not None and folded.seq == seq else None


def _seen(row: Row[Any], known: _Known | None) -> Seen:
    return Seen(row.id, row.head_seq, row.written, row.updated_at, known.watched if known else None)


async def known_incidents(session: AsyncSession, incidents: Collection[IncidentId]) -> set[IncidentId]:
    """Which of these there are."""
    if not incidents:
        return set()
    return set(map(IncidentId, await session.scalars(select(IncidentRow.id).where(IncidentRow.id.in_(incidents)))))
