"""Erases words: of a submission that came to nothing, and of incidents whose period is over."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Integer, case, cast, delete, exists, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from db.tables import (
    AttachmentRow,
    BulletinRow,
    ErasureRow,
    IdempotencyRow,
    IncidentRow,
    LedgerRow,
    NoticeRow,
    TextRow,
)
from domain.retention import erasable_at
from domain.vocabulary import Digest, IncidentId, Phase

_ENDED = [phase for phase in Phase if phase.ended]
PATIENCE_MS = 10_000
"""How long a table that is to be written anew is waited for; others wait behind it."""
_WORDED = ("texts", "attachments", "notices", "idempotency")
"""The tables that erasing deletes from."""


async def forget_submission(session: AsyncSession, scope: str, key: str, incident: IncidentId) -> None:
    """Delete a refused submission's key and texts. Changes nothing once the ledger knows the incident."""
    known = exists().where(LedgerRow.incident == incident)
    await session.execute(delete(TextRow).where(TextRow.incident == incident, ~known))
    await session.execute(
        delete(IdempotencyRow).where(IdempotencyRow.scope == scope, IdempotencyRow.key == key, ~known)
    )


class Due(NamedTuple):
    """An ended incident whose period is over: `days` since `idle_since`, its ledger's last entry."""

    incident: IncidentId
    number: str
    idle_since: datetime
    days: int


class Erased(NamedTuple):
    texts: int
    attachments: int
    notices: int


async def due(session: AsyncSession, periods: Mapping[str, int], now: datetime) -> list[Due]:
    """Incidents to be erased, the longest idle first. Where nobody ever said how long, words stay.
    `periods` are days by policy, for those that froze none.
    """
    state = cast(IncidentRow.state, JSONB)
    frozen = cast(state["policy"]["retention_days"].astext, Integer)
    by_policy = case(periods, value=state["policy"]["id"].astext) if periods else literal(None)
    days = func.coalesce(frozen, cast(by_policy, Integer), 0)
    erased = exists().where(ErasureRow.incident == IncidentRow.id, ErasureRow.erased_at > IncidentRow.updated_at)
    query = select(IncidentRow.id, IncidentRow.number, IncidentRow.updated_at, days)
    ended = query.where(IncidentRow.phase.in_(_ENDED), ~erased).order_by(IncidentRow.updated_at)
    return [
        Due(IncidentId(id_), number, idle_since, period)
        for id_, number, idle_since, period in await session.execute(ended)
        if period and erasable_at(idle_since, period) <= now
    ]


async def lock(session: AsyncSession, one: Due) -> bool:
    """Keep the incident as it is until the end of the transaction; False when it has moved on since."""
    unchanged = (IncidentRow.id == one.incident, IncidentRow.updated_at == one.idle_since)
    row = select(IncidentRow.phase).where(*unchanged, IncidentRow.phase.in_(_ENDED))
    return await session.scalar(row.with_for_update(skip_locked=True)) is not None


async def files_to_erase(session: AsyncSession, incident: IncidentId) -> list[Digest]:
    """Its files but those beside a release that stands on the bulletin."""
    shown = select(func.unnest(BulletinRow.attachments)).where(*_public(incident))
    query = select(AttachmentRow.digest).where(AttachmentRow.incident == incident, AttachmentRow.digest.not_in(shown))
    return [Digest(digest) for digest in await session.scalars(query)]


async def erase(session: AsyncSession, one: Due, files: list[Digest], by: str, now: datetime) -> Erased:
    """Delete the incident's words, but for releases that stand on the bulletin, and write down that it was done.

    The ledger stays as it is: it holds references alone, and their salts go with the words.
    """
    mine = one.incident
    public = select(BulletinRow.digest).where(*_public(mine))
    words = delete(TextRow).where(TextRow.incident == mine, TextRow.digest.not_in(public))
    rows = delete(AttachmentRow).where(AttachmentRow.incident == mine, AttachmentRow.digest.in_(files))
    notices = delete(NoticeRow).where(NoticeRow.incident == mine)
    erased = Erased(
        len((await session.scalars(words.returning(TextRow.digest))).all()),
        len((await session.scalars(rows.returning(AttachmentRow.digest))).all()),
        len((await session.scalars(notices.returning(NoticeRow.id))).all()),
    )
    await session.execute(delete(IdempotencyRow).where(IdempotencyRow.incident == mine))
    # What a file that stays was called is nobody's business outside.
    await session.execute(update(AttachmentRow).where(AttachmentRow.incident == mine).values(name=""))
    said = {"incident": mine, "erased_at": now, "by": by, "idle_since": one.idle_since, "days": one.days}
    await session.execute(insert(ErasureRow).values(**said, **erased._asdict()))
    return erased


def _public(incident: IncidentId) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return BulletinRow.incident == incident, BulletinRow.withdrawn_at.is_(None)


async def last_erasure(session: AsyncSession, incident: IncidentId) -> datetime | None:
    """When the incident's words were erased last."""
    return await session.scalar(select(func.max(ErasureRow.erased_at)).where(ErasureRow.incident == incident))


async def is_unscrubbed(session: AsyncSession) -> bool:
    """Whether the database's files may hold what was erased."""
    return bool(await session.scalar(select(exists().where(ErasureRow.scrubbed_at.is_(None)))))


class TablesBusy(Exception):
    """Somebody holds a table, or still sees what was deleted, for longer than it may be waited for."""


async def scrub(connection: AsyncConnection, now: datetime) -> bool:
    """Write the tables anew without what was deleted, and let go of the log that repeats it. Raises TablesBusy.

    The connection must commit by itself. While a table is written nobody reads it: seconds, unless it is very large.
    False when this role may not turn the log over: then it does so by itself, within hours on a busy server.
    """
    await connection.execute(text(f"SET lock_timeout = '{PATIENCE_MS}ms'"))
    await connection.execute(text("SET statement_timeout = 0"))
    await _wait_until_nobody_sees_it(connection)
    for table in _WORDED:
        try:
            await connection.execute(text(f"VACUUM (FULL) {table}"))
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                raise
            raise TablesBusy(table) from error
    may = await connection.scalar(text(_MAY_TURN_THE_LOG))
    if may:
        await connection.execute(text("SELECT pg_switch_wal()"))
        await connection.execute(text("CHECKPOINT"))
    done = update(ErasureRow).where(ErasureRow.scrubbed_at.is_(None), ErasureRow.erased_at <= now)
    await connection.execute(done.values(scrubbed_at=now))
    return bool(may)


async def _wait_until_nobody_sees_it(connection: AsyncConnection) -> None:
    """A row that an older snapshot may still read is kept, deleted or not, however a table is written anew."""
    newest = await connection.scalar(text("SELECT pg_current_xact_id()::xid::text"))
    try:
        async with asyncio.timeout(PATIENCE_MS / 1000):
            while await connection.scalar(text(_OLDER_SNAPSHOT), {"newest": newest}):  # noqa: ASYNC110  # Another process.
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    except TimeoutError as error:
        raise TablesBusy("snapshots") from error


_LOOK_AGAIN_SECONDS = 0.05
_OLDER_SNAPSHOT = """
    SELECT EXISTS (
        SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND age(backend_xmin) >= age(CAST(CAST(:newest AS text) AS xid))
    )
"""
"""Of sessions this role may look at: its own; with `pg_read_all_stats` all others, the server's chores among them."""
_LOCK_NOT_AVAILABLE = "55P03"
_MAY_TURN_THE_LOG = """
    SELECT pg_has_role('pg_checkpoint', 'MEMBER') AND has_function_privilege('pg_switch_wal()', 'EXECUTE')
"""
