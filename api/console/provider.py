"""Signing in at the county's identity provider."""

import hmac
import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from api import sessions
from api.console.session import page_after
from api.console.signing_in import begin
from api.limits import check_login_rate
from api.parts import AppParts, Parts
from api.problems import Problem, Trouble
from db import accounts, provider_logins
from db.provider_logins import ProviderLogin
from domain.access import Means
from runtime.identity_provider import IdentityProvider
from runtime.log import get_logger
from runtime.provider_keys import NotProven, ProviderAway

router = APIRouter(prefix="/console/oidc", include_in_schema=False)
log = get_logger(__name__)

COOKIE = "huiying_login"


async def _configured(parts: AppParts) -> IdentityProvider:
    if parts.provider is None:
        raise Problem(Trouble.NOT_FOUND)
    return parts.provider


Provider = Annotated[IdentityProvider, Depends(_configured)]


@router.get("/login")
async def depart(request: Request, parts: AppParts, provider: Provider, next: str = "") -> Response:  # noqa: A002  # As it stands in the address.
    await check_login_rate(request, parts)
    try:
        departure = await provider.depart()
    except ProviderAway:
        raise Problem(Trouble.PROVIDER_AWAY) from None
    browser = secrets.token_urlsafe(32)
    login = ProviderLogin(departure.nonce, departure.verifier, page_after(next))
    async with parts.sessions.begin() as session:
        await provider_logins.begin(session, departure.state, browser, login, await parts.clock.now())
    response = RedirectResponse(departure.url, status_code=303)
    sessions.set_cookie(response, parts.settings, COOKIE, browser, lasts=provider_logins.LASTS)
    return response


@router.get("/callback")
async def arrive(
    request: Request,
    parts: AppParts,
    provider: Provider,
    state: str = "",
    code: str = "",
    error: str = "",
    iss: str | None = None,
) -> Response:
    """Whoever comes back, comes back once, in the browser that left, from the provider it left for."""
    now = await parts.clock.now()
    async with parts.sessions.begin() as session:
        login = await provider_logins.finish(session, state, request.cookies.get(COOKIE, ""), now)
    if login is None or (iss is not None and not _same(iss, parts.settings.oidc_issuer)):
        raise Problem(Trouble.LOGIN_STALE)
    if error or not code:
        raise Problem(Trouble.LOGIN_DENIED)
    response = await _sign_in(request, parts, provider, login, code)
    sessions.drop_cookie(response, parts.settings, COOKIE)
    return response


@router.get("/logout")
async def leave(provider: Provider) -> Response:
    """To the provider's own page for signing out there as well, which asks before it does."""
    try:
        return RedirectResponse(await provider.farewell() or "/console/login", status_code=303)
    except ProviderAway:
        raise Problem(Trouble.PROVIDER_AWAY) from None


async def _sign_in(
    request: Request, parts: Parts, provider: IdentityProvider, login: ProviderLogin, code: str
) -> Response:
    now = await parts.clock.now()
    try:
        person = await provider.arrive(code, login.nonce, login.verifier, now)
    except NotProven as why:
        log.warning("provider_login_refused", part=str(why))
        raise Problem(Trouble.LOGIN_DENIED) from None
    except ProviderAway as why:
        log.warning("provider_away", part=str(why))
        raise Problem(Trouble.PROVIDER_AWAY) from None
    async with parts.sessions.begin() as session:
        officer = await accounts.officer_of_identity(session, person.issuer, person.subject, person.claimed)
        if officer is None:
            raise Problem(Trouble.LOGIN_UNKNOWN)
        secret = await begin(request, parts, session, officer, Means.PROVIDER)
    log.info("signed_in", officer=officer, means=Means.PROVIDER)
    response = RedirectResponse(login.next, status_code=303)
    sessions.set_cookie(response, parts.settings, sessions.COOKIE, secret)
    return response


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
