"""Logins under way at the identity provider: begun by one browser, finished by the same, once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.accounts import hash_secret
from db.tables import ProviderLoginRow

LASTS = timedelta(minutes=10)


@dataclass(frozen=True)
class ProviderLogin:
    nonce: str
    verifier: str
    next: str


async def begin(session: AsyncSession, state: str, browser: str, login: ProviderLogin, now: datetime) -> None:
    """`state` travels in the address, `browser` in a cookie: a stranger's link finishes nothing."""
    row = insert(ProviderLoginRow).values(
        state=hash_secret(state),
        browser=hash_secret(browser),
        nonce=login.nonce,
        verifier=login.verifier,
        next=login.next,
        expires_at=now + LASTS,
    )
    await session.execute(row)


async def finish(session: AsyncSession, state: str, browser: str, now: datetime) -> ProviderLogin | None:
    """The login of this state and browser; it is gone from then on."""
    found = await session.execute(
        delete(ProviderLoginRow)
        .where(
            ProviderLoginRow.state == hash_secret(state),
            ProviderLoginRow.browser == hash_secret(browser),
            ProviderLoginRow.expires_at > now,
        )
        .returning(ProviderLoginRow.nonce, ProviderLoginRow.verifier, ProviderLoginRow.next)
    )
    row = found.one_or_none()
    return ProviderLogin(*row) if row else None


async def sweep(session: AsyncSession, now: datetime) -> None:
    await session.execute(delete(ProviderLoginRow).where(ProviderLoginRow.expires_at <= now))
