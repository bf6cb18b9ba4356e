"""The ledger: the one state of every incident. Appending also writes all that is computed from it."""

import json
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, DateTime, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from db import projections
from db.chain import Link, read
from db.directory import Counties
from db.tables import LedgerRow
from db.writing import prepare
from domain import events as e
from domain.case import command_key
from domain.folding import fold
from domain.hashing import GENESIS, Algorithm
from domain.incident import Incident
from domain.refusals import RefusalRecord
from domain.vocabulary import CommandId, IncidentId


class ProjectionMissing(LookupError):
    """The row of an incident that has entries is gone. `db.rebuilding` makes it again."""


class Appended(NamedTuple):
    """`seq` is the batch's first entry, or the head when it `moved`: then load and decide again."""

    status: Literal["appended", "known", "moved"]
    seq: int


class Recorded(NamedTuple):
    """What the ledger holds of a command: its first entry, and the refusal if it was refused."""

    seq: int
    refusal: RefusalRecord | None


class _Head(NamedTuple):
    seq: int
    hash: str
    state: str
    state_version: int
    known: int | None
    county_version: int | None


_LOCK = text(
    """
    SELECT i.head_seq, i.head_hash, i.state, i.state_version,
        (SELECT l.seq FROM ledger l WHERE l.incident = i.id AND l.key = :key),
        (SELECT version FROM county)
    FROM incidents i WHERE i.id = :incident FOR UPDATE OF i
    """
)


# PostgreSQL knows instants that Python does not: an entry given one is to be named, and nothing to fail on it.
_INSTANTS = (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))


def within_reach(column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """The column; of an instant, the nearest that can be read."""
    if not isinstance(column.type, DateTime):
        return column.expression
    first, last = _INSTANTS
    return func.greatest(func.least(column, last), first).label(column.key)


_LINK = tuple(within_reach(getattr(LedgerRow, name)) for name in Link._fields)

# As text, because each command asks, and building a statement costs more than running it.
_OUTCOME = text("SELECT seq, type, data FROM ledger WHERE incident = :incident AND key = :key")
_ISSUED_AT = text("SELECT issued_at FROM ledger WHERE incident = :incident AND key = :key")


async def entries(
    session: AsyncSession, incident: IncidentId, after: int = 0, limit: int | None = None
) -> list[e.RecordedEntry]:
    """Entries with a sequence above `after`, in order."""
    return [read(stored) for stored in await links(session, incident, after, limit)]


async def links(
    session: AsyncSession, incident: IncidentId, after: int | None = None, limit: int | None = None
) -> list[Link]:
    """The same as stored, for verifying and for evidence; with no `after`, also what stands before the first entry."""
    query = select(*_LINK).where(LedgerRow.incident == incident)
    if after is not None:
        query = query.where(LedgerRow.seq > after)
    found = await session.execute(query.order_by(LedgerRow.seq).limit(limit))
    return [Link(*row) for row in found]


async def load(session: AsyncSession, incident: IncidentId) -> Incident | None:
    """The state folded from the entries themselves; None when there are none."""
    return fold(await entries(session, incident), incident)


async def head(session: AsyncSession, incident: IncidentId) -> int:
    """The last sequence; 0 when the ledger knows nothing of the incident."""
    return await session.scalar(select(func.max(LedgerRow.seq)).where(LedgerRow.incident == incident)) or 0


async def outcome(session: AsyncSession, incident: IncidentId, command_id: CommandId) -> Recorded | None:
    """What became of a command; None while the ledger does not know it."""
    found = (await session.execute(_OUTCOME, {"incident": incident, "key": command_key(command_id)})).one_or_none()
    return recorded(*found) if found else None


async def issued_at(session: AsyncSession, incident: IncidentId, command_id: CommandId) -> datetime | None:
    """When the API issued a command that is recorded."""
    found: datetime | None = await session.scalar(_ISSUED_AT, {"incident": incident, "key": command_key(command_id)})
    return found


def recorded(seq: int, type_: str, data: str) -> Recorded:
    """What a command's first entry says of it."""
    refused = type_ == "refused"
    return Recorded(seq, RefusalRecord.model_validate(json.loads(data)["refusal"]) if refused else None)


async def append(
    session: AsyncSession,
    incident: IncidentId,
    expected_head: int,
    batch: e.Batch,
    counties: Counties,
    algorithm: Algorithm = Algorithm.SHA256,
) -> Appended:
    """Append all of `batch` if the head is where the caller believes; else change nothing and say so.

    The same batch again, by the key of its first entry, is `known`. Whoever appends holds the lock on
    the incident's row until they commit, so entries of one incident are written one batch at a time.
    Raises ProjectionMissing, and ValueError for an empty batch or a ledger that would not begin with
    `submitted`.
    """
    if expected_head == 0:
        writing = prepare(incident, None, GENESIS, batch, algorithm)
        if await writing.found(session):
            await writing.write(session, (await counties.current(session)).on(batch.by.decided_at))
            return Appended("appended", 1)
    head = await _lock(session, incident, batch.key)
    if head.known is not None:
        return Appended("known", head.known)
    if head.seq != expected_head:
        # While it waited for the lock, the statement saw the ledger as it was before: look once more.
        known = await seq_of(session, incident, batch.key)
        return Appended("moved", head.seq) if known is None else Appended("known", known)
    before = await stored(session, incident, head.state, head.state_version, head.seq)
    writing = prepare(incident, before, head.hash, batch, algorithm)
    await writing.write(session, (await counties.at(session, head.county_version)).on(batch.by.decided_at))
    return Appended("appended", expected_head + 1)


async def stored(
    session: AsyncSession, incident: IncidentId, state: str, state_version: int, head_seq: int
) -> Incident | None:
    """The state a row holds; folded where another version wrote it or it is not that of the head."""
    return projections.stored_state(state, state_version, head_seq) or await load(session, incident)


async def seq_of(session: AsyncSession, incident: IncidentId, key: str) -> int | None:
    """The entry of this key, if there is one."""
    return await session.scalar(select(LedgerRow.seq).where(LedgerRow.incident == incident, LedgerRow.key == key))


async def _lock(session: AsyncSession, incident: IncidentId, key: str) -> _Head:
    found = (await session.execute(_LOCK, {"incident": incident, "key": key})).one_or_none()
    if found is None:
        raise ProjectionMissing(f"incident {incident} has entries but no row: rebuild it")
    return _Head(*found)
