"""Signing in with a password, and changing it. Every failure looks alike and takes as long."""

import re
from dataclasses import dataclass

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api import sessions
from api.limits import check_account_rate, check_login_rate
from api.parts import Parts
from db import accounts, console_sessions
from db.console_sessions import Origin
from domain.access import Means
from domain.county import Officer
from domain.passwords import Weakness, weakness_of
from domain.vocabulary import OFFICER_ID, OfficerId
from runtime.log import get_logger

DEVICE_COOKIE = "huiying_device"
NOBODY = ""
_ID = re.compile(OFFICER_ID)

log = get_logger(__name__)


@dataclass(frozen=True)
class SignedIn:
    """Secrets of a new session and of the browser, for its cookies; `device` None when it has one already."""

    session: str
    device: str | None
    must_change: bool

    def set_cookies(self, response: Response, parts: Parts) -> None:
        sessions.set_cookie(response, parts.settings, sessions.COOKIE, self.session)
        if self.device:
            sessions.set_cookie(response, parts.settings, DEVICE_COOKIE, self.device, lasts=accounts.KNOWN_FOR)


def origin_of(request: Request) -> Origin:
    return Origin(request.client.host if request.client else "", request.headers.get("user-agent", ""))


async def begin(request: Request, parts: Parts, session: AsyncSession, officer: OfficerId, means: Means) -> str:
    """A session with a secret of its own; the one the browser came with, whoever gave it that, is over."""
    await console_sessions.end(session, sessions.secret_of(request))
    return await console_sessions.begin(session, officer, means, origin_of(request), await parts.clock.now())


async def sign_in(request: Request, parts: Parts, name: str, password: str) -> SignedIn | None:
    """A new session; None for a wrong password, an unknown name and a name that is closed for a while alike."""
    await check_login_rate(request, parts)
    now, name = await parts.clock.now(), name.strip().lower()
    officer = name if _ID.fullmatch(name) else NOBODY
    async with parts.sessions.begin() as session:
        device = await accounts.known_device(session, officer, request.cookies.get(DEVICE_COOKIE, ""), now)
        await check_account_rate(parts, accounts.hash_secret(name), device)
        open_ = await accounts.count_attempt(session, name, device, now)
        account = await accounts.of(session, officer)
    # No transaction is held while the password is hashed.
    fits = await parts.passwords.verify(password, account.password if account and open_ else None)
    if account is None or not fits:
        # What was typed as a name may be a password in the wrong field.
        log.info("sign_in_failed", officer=account.officer if account else None, closed=not open_)
        return None
    async with parts.sessions.begin() as session:
        await accounts.forget_attempts(session, name, device)
        secret = await begin(request, parts, session, account.officer, Means.PASSWORD)
        remembered = None if device else await accounts.remember_device(session, account.officer, now)
    log.info("signed_in", officer=account.officer, means=Means.PASSWORD)
    return SignedIn(secret, remembered, account.must_change)


async def change_password(
    request: Request, parts: Parts, somebody: Officer, current: str, new: str
) -> str | Weakness | None:
    """The secret of the one session that is left; what is wrong with the new password; None if `current` is not
    theirs.
    """
    officer, names = somebody.id, (somebody.id, somebody.name)
    now = await parts.clock.now()
    # A session left open on a desk is not the place to guess the password in.
    place = accounts.hash_secret(sessions.secret_of(request))
    async with parts.sessions.begin() as session:
        account = await accounts.of(session, officer)
        open_ = await accounts.count_attempt(session, officer, place, now)
    known = account.password if account and open_ else None
    if not await parts.passwords.verify(current, known):
        return None
    if weakness := weakness_of(new, names, unchanged=await parts.passwords.verify(new, known)):
        return weakness
    hashed = await parts.passwords.hash(new)
    async with parts.sessions.begin() as session:
        await accounts.set_password(session, officer, hashed, now, must_change=False)
        await accounts.forget_attempts(session, officer, place)
        await console_sessions.end_all_of(session, officer)
        secret = await begin(request, parts, session, officer, Means.PASSWORD)
    log.info("password_changed", officer=officer)
    return secret
