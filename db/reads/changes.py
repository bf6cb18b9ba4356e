"""What has happened since: each incident once, as of its last entry, in an order in which nothing is overlooked.

A change is placed by the transaction that wrote it. Told are only those before which no transaction is under way any
more: one that began earlier and commits later is not passed by.
"""

from typing import NamedTuple

from sqlalchemy import BigInteger, cast, func, select, tuple_
from sqlalchemy import Text as SqlText
from sqlalchemy.ext.asyncio import AsyncSession

from db import ledger
from db.projections import stored_state
from db.tables import IncidentRow, LedgerRow
from domain.incident import Incident
from domain.vocabulary import IncidentId

_SETTLED = cast(cast(func.pg_snapshot_xmin(func.pg_current_snapshot()), SqlText), BigInteger)


class Moment(NamedTuple):
    """After the change of `incident` in `transaction`."""

    transaction: int
    incident: IncidentId


class Change(NamedTuple):
    """`kind` is the type of the entry `seq`, the incident's last."""

    at: Moment
    incident: Incident
    seq: int
    kind: str


async def present(session: AsyncSession) -> Moment:
    """After all that can have been told by now."""
    settled: int = (await session.execute(select(_SETTLED))).scalar_one()
    return Moment(settled, IncidentId(""))


async def changes(session: AsyncSession, after: Moment, limit: int) -> list[Change]:
    """The next changes in order. What happened several times to one incident is told once."""
    row, entry = IncidentRow, LedgerRow
    query = (
        select(row.id, row.state, row.state_version, row.head_seq, row.changed_in, entry.type)
        .join(entry, (entry.incident == row.id) & (entry.seq == row.head_seq))
        .where(tuple_(row.changed_in, row.id) > tuple_(*after), row.changed_in < _SETTLED)
        .order_by(row.changed_in, row.id)
        .limit(limit)
    )
    found: list[Change] = []
    for id_, state, version, head_seq, changed_in, kind in await session.execute(query):
        incident = stored_state(state, version, head_seq) or await ledger.load(session, IncidentId(id_))
        if incident is not None:
            found.append(Change(Moment(changed_in, IncidentId(id_)), incident, head_seq, kind))
    return found
