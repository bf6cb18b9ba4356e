"""With what officers sign in: passwords, known devices, and how often it went wrong."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import AccountRow, AttemptRow, DeviceRow, IdentityRow, OfficerRow
from domain.vocabulary import OfficerId

GUESSES = 5
"""Attempts one after the other before a name is closed to a device, or to all strangers."""
CLOSED_FOR = timedelta(minutes=15)
KNOWN_FOR = timedelta(days=180)
"""How long a device is remembered after it was last seen."""
STRANGERS = ""


def hash_secret(secret: str) -> str:
    """What is kept of a secret that is random and long: it cannot be tried through, so a plain hash will do."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True)
class Account:
    officer: OfficerId
    password: str | None
    must_change: bool


async def of(session: AsyncSession, officer: str) -> Account | None:
    """The account of an active officer."""
    found = await session.execute(
        select(AccountRow.officer, AccountRow.password, AccountRow.must_change)
        .join(OfficerRow, OfficerRow.id == AccountRow.officer)
        .where(AccountRow.officer == officer, OfficerRow.active)
    )
    row = found.one_or_none()
    return Account(OfficerId(row.officer), row.password, row.must_change) if row else None


async def set_password(
    session: AsyncSession, officer: OfficerId, password_hash: str, now: datetime, *, must_change: bool
) -> None:
    """Give an officer this password, and an account if they have none."""
    values = {"password": password_hash, "must_change": must_change, "changed_at": now}
    row = insert(AccountRow).values(officer=officer, **values)
    await session.execute(row.on_conflict_do_update(index_elements=["officer"], set_=values))


async def any_account(session: AsyncSession) -> bool:
    return await session.scalar(select(AccountRow.officer).limit(1)) is not None


async def without(session: AsyncSession) -> list[OfficerId]:
    """Active officers that have no account, in the county's order."""
    lacking = (
        select(OfficerRow.id)
        .outerjoin(AccountRow, AccountRow.officer == OfficerRow.id)
        .where(OfficerRow.active, AccountRow.officer.is_(None))
        .order_by(OfficerRow.position)
    )
    return [OfficerId(officer) for officer in await session.scalars(lacking)]


async def count_attempt(session: AsyncSession, name: str, device: str, now: datetime) -> bool:
    """Whether this attempt may be looked at. It is counted before it is: a hundred at once get no more guesses
    than one after the other. Those that are not looked at do not put off the end of the waiting.
    """
    over = AttemptRow.last_at <= now - CLOSED_FOR
    closed = AttemptRow.count >= GUESSES
    row = insert(AttemptRow).values(name=hash_secret(name), device=device, count=1, last_at=now)
    counted = row.on_conflict_do_update(
        index_elements=["name", "device"],
        set_={
            "count": case((over, 1), else_=AttemptRow.count + 1),
            "last_at": case((over, now), (closed, AttemptRow.last_at), else_=now),
        },
    ).returning(AttemptRow.count)
    return (await session.execute(counted)).scalar_one() <= GUESSES


async def forget_attempts(session: AsyncSession, name: str, device: str | None = None) -> None:
    """Open a name again to a device, or to everybody."""
    those = delete(AttemptRow).where(AttemptRow.name == hash_secret(name))
    await session.execute(those if device is None else those.where(AttemptRow.device == device))


async def known_device(session: AsyncSession, officer: str, secret: str, now: datetime) -> str:
    """What attempts of this device are counted under; STRANGERS when the officer never signed in with it."""
    found = await session.scalar(
        update(DeviceRow)
        .where(
            DeviceRow.hash == hash_secret(secret),
            DeviceRow.officer == officer,
            DeviceRow.seen_at > now - KNOWN_FOR,
        )
        .values(seen_at=now)
        .returning(DeviceRow.hash)
    )
    return found or STRANGERS


async def remember_device(session: AsyncSession, officer: OfficerId, now: datetime) -> str:
    """A new secret for the browser that has just signed in."""
    secret = secrets.token_urlsafe(32)
    await session.execute(insert(DeviceRow).values(hash=hash_secret(secret), officer=officer, seen_at=now))
    return secret


async def forget_devices(session: AsyncSession, officer: OfficerId) -> None:
    await session.execute(delete(DeviceRow).where(DeviceRow.officer == officer))


async def link(session: AsyncSession, officer: OfficerId, issuer: str, subject: str, now: datetime) -> None:
    """From now on the provider's `subject` is this officer, who is nobody else there."""
    await session.execute(delete(IdentityRow).where(IdentityRow.issuer == issuer, IdentityRow.officer == officer))
    row = insert(IdentityRow).values(issuer=issuer, subject=subject, officer=officer, linked_at=now)
    keys, values = ["issuer", "subject"], {"officer": officer, "linked_at": now}
    await session.execute(row.on_conflict_do_update(index_elements=keys, set_=values))


async def officer_of_identity(
    session: AsyncSession, issuer: str, subject: str, claimed: str | None
) -> OfficerId | None:
    """The active officer linked to this subject; failing that, the one of the id `claimed`, unless they are linked
    to another subject.
    """
    linked = select(IdentityRow.officer).where(IdentityRow.issuer == issuer, IdentityRow.subject == subject)
    officer = await session.scalar(linked)
    if officer is None and claimed is not None:
        others = select(func.count()).where(IdentityRow.issuer == issuer, IdentityRow.officer == claimed)
        officer = claimed if not await session.scalar(others) else None
    active = select(OfficerRow.id).where(OfficerRow.id == officer, OfficerRow.active)
    found = await session.scalar(active) if officer else None
    return OfficerId(found) if found else None


async def sweep(session: AsyncSession, now: datetime) -> None:
    """Delete what nobody is kept out by any more, and devices long unseen."""
    await session.execute(delete(AttemptRow).where(AttemptRow.last_at <= now - CLOSED_FOR))
    await session.execute(delete(DeviceRow).where(DeviceRow.seen_at <= now - KNOWN_FOR))
