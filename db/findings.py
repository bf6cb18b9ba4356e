"""What audits of the clocks found, and the last of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import AuditRow, FindingRow
from domain.auditing import Finding, confirmed
from domain.vocabulary import Fault, IncidentId


class Audit(NamedTuple):
    """An audit that was completed."""

    at: datetime
    milliseconds: int
    incidents: int
    processes: int


class Changes(NamedTuple):
    """What an audit found first, what it no longer finds, and what it found again and nobody was told of yet."""

    new: list[Finding]
    gone: list[Finding]
    to_tell: list[Finding]


async def record(session: AsyncSession, audit: Audit, found: Sequence[Finding]) -> Changes:
    """Write down an audit. The same once more changes nothing but its duration."""
    row = FindingRow
    known = await session.execute(select(row.fault, row.incident))
    before = {Finding(Fault(fault), IncidentId(incident)) for fault, incident in known}
    rows = [one._asdict() | {"since": audit.at, "seen_at": audit.at} for one in found]
    if rows:
        again = insert(row).values(rows)
        again = again.on_conflict_do_update(index_elements=["fault", "incident"], set_={"seen_at": audit.at})
        await session.execute(again)
    await session.execute(delete(row).where(row.seen_at != audit.at))
    untold = await session.execute(select(row.fault, row.incident, row.since).where(row.told_at.is_(None)))
    to_tell = [Finding(Fault(f), IncidentId(incident)) for f, incident, since in untold if confirmed(since, audit.at)]
    if to_tell:
        mine = tuple_(row.fault, row.incident).in_(to_tell)
        await session.execute(update(row).where(mine).values(told_at=audit.at))
    values = {"one": True} | audit._asdict()
    await session.execute(insert(AuditRow).values(values).on_conflict_do_update(index_elements=["one"], set_=values))
    return Changes([one for one in found if one not in before], sorted(before - set(found)), to_tell)


async def last(session: AsyncSession) -> Audit | None:
    """The last audit; None before the first."""
    row = AuditRow
    found = (await session.execute(select(row.at, row.milliseconds, row.incidents, row.processes))).one_or_none()
    return Audit(*found) if found else None


async def counts(session: AsyncSession) -> dict[Fault, int]:
    """How many incidents each fault was found of."""
    query = select(FindingRow.fault, func.count()).group_by(FindingRow.fault)
    return {Fault(fault): count for fault, count in await session.execute(query)}
