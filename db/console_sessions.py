"""Who is signed in to the console. Only the SHA-256 of a cookie's secret is kept."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.accounts import hash_secret
from db.tables import AccountRow, OfficerRow, SessionRow
from domain.access import Means
from domain.vocabulary import OfficerId

LASTS = timedelta(hours=12)
"""From signing in, however busy somebody is."""
PRECISION = timedelta(minutes=1)
"""How exactly `seen_at` is kept: not every request needs a write."""
LONGEST_AGENT = 200


@dataclass(frozen=True)
class Origin:
    """Where somebody signs in from, for them to recognise."""

    address: str
    agent: str


@dataclass(frozen=True)
class ConsoleSession:
    """A session that is neither over nor ended. `must_change`: all it is good for is choosing a password."""

    id: int
    officer: OfficerId
    means: Means
    must_change: bool
    origin: Origin
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


async def begin(session: AsyncSession, officer: OfficerId, means: Means, origin: Origin, now: datetime) -> str:
    """A new session's secret, for its cookie."""
    secret = secrets.token_urlsafe(32)
    row = {
        "hash": hash_secret(secret),
        "officer": officer,
        "means": means,
        "address": origin.address,
        "agent": origin.agent[:LONGEST_AGENT],
        "created_at": now,
        "seen_at": now,
        "expires_at": now + LASTS,
    }
    await session.execute(insert(SessionRow).values(**row))
    return secret


async def find(session: AsyncSession, secret: str, now: datetime, idle: timedelta) -> ConsoleSession | None:
    """The living session of this secret, of an active officer."""
    found = await _living(session, now, idle, SessionRow.hash == hash_secret(secret))
    return found[0] if found else None


async def living(
    session: AsyncSession, now: datetime, idle: timedelta, officer: OfficerId | None = None
) -> Sequence[ConsoleSession]:
    """All living sessions (of one officer), the newest first."""
    return await _living(session, now, idle, *(() if officer is None else (SessionRow.officer == officer,)))


async def _living(
    session: AsyncSession, now: datetime, idle: timedelta, *which: ColumnElement[bool]
) -> Sequence[ConsoleSession]:
    asked = (
        select(SessionRow, AccountRow.must_change)
        .join(OfficerRow, OfficerRow.id == SessionRow.officer)
        .outerjoin(AccountRow, AccountRow.officer == SessionRow.officer)
        .where(SessionRow.expires_at > now, SessionRow.seen_at > now - idle, OfficerRow.active, *which)
        .order_by(SessionRow.id.desc())
    )
    return [_shown(row, must_change=bool(must_change)) for row, must_change in await session.execute(asked)]


def _shown(row: SessionRow, *, must_change: bool) -> ConsoleSession:
    means = Means(row.means)
    return ConsoleSession(
        id=row.id,
        officer=OfficerId(row.officer),
        means=means,
        must_change=must_change and means is Means.PASSWORD,
        origin=Origin(row.address, row.agent),
        created_at=row.created_at,
        seen_at=row.seen_at,
        expires_at=row.expires_at,
    )


async def touch(session: AsyncSession, secret: str, now: datetime) -> None:
    """Somebody is there."""
    await session.execute(update(SessionRow).where(SessionRow.hash == hash_secret(secret)).values(seen_at=now))


async def end(session: AsyncSession, secret: str) -> None:
    await session.execute(delete(SessionRow).where(SessionRow.hash == hash_secret(secret)))


async def end_by_id(session: AsyncSession, number: int, officer: OfficerId | None) -> bool:
    """End a session (of this officer, if given); whether there was one."""
    those = delete(SessionRow).where(SessionRow.id == number)
    mine = those if officer is None else those.where(SessionRow.officer == officer)
    return await session.scalar(mine.returning(SessionRow.id)) is not None


async def end_all_of(session: AsyncSession, officer: OfficerId) -> int:
    """How many there were, those that were over included."""
    ended = delete(SessionRow).where(SessionRow.officer == officer).returning(SessionRow.id)
    return len((await session.scalars(ended)).all())


async def sweep(session: AsyncSession, now: datetime) -> None:
    """Delete those that are over."""
    await session.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
