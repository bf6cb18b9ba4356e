"""Who is asking: the officer whose token or session came with the request, with the posts held now."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request

from api import sessions
from api.parts import AppParts, Parts
from api.problems import Problem, Trouble
from db import accounts, directory
from domain.access import EVERYTHING, Grantable, Means, Scope, covers
from domain.county import Actor, County, Officer, Roster
from domain.vocabulary import CommandName, OfficerId
from runtime.provider_keys import NotProven, ProviderAway

PRECISION = timedelta(minutes=1)
"""How exactly it is kept when a token was last used."""
_JWT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]*")
_COMMAND = re.compile(r"/(commands|seals)/[a-z_]+$")
_INCIDENT = "/api/v1/incidents/{incident}"
_COMMANDS = {
    ("POST", "/api/v1/incidents"): CommandName.SUBMIT,
    ("POST", f"{_INCIDENT}/releases"): CommandName.DRAFT_RELEASE,
    ("PUT", f"{_INCIDENT}/releases/{{release}}"): CommandName.REVISE_RELEASE,
    ("POST", f"{_INCIDENT}/attachments"): CommandName.DRAFT_RELEASE,
}
"""Routes that send a command without naming it."""


@dataclass(frozen=True)
class Caller:
    """The officer, and the county as it was when they asked; how they proved it, and how far that carries."""

    officer: Officer
    actor: Actor
    county: County
    roster: Roster
    means: Means
    scopes: frozenset[Grantable] = EVERYTHING


async def caller(request: Request, parts: AppParts) -> Caller:
    """Raises a 401 that does not tell an unknown token or session from an expired, revoked or missing one, and a 403
    for a change that a session's page did not send.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    # A page of another site can make a browser send a cookie, and never this header.
    if scheme.lower() != "bearer":
        return await _by_session(request, parts)
    if parts.settings.oidc_audience and _JWT.fullmatch(token.strip()):
        found = await _by_provider(parts, token.strip())
    else:
        found = await _by_token(parts, token.strip())
    require(found, _needed(request))
    return found


def require(caller: Caller, needed: Grantable) -> None:
    """Raises a 403 where what the caller came with was not given for this."""
    if not covers(caller.scopes, needed):
        raise Problem(Trouble.SCOPE_TOO_NARROW)


def _needed(request: Request) -> Grantable:
    """What a request needs: to read, its command, or the right to change anything. By its route, not its address."""
    if request.method in sessions.SAFE_METHODS:
        return Scope.READ
    path = getattr(request.scope.get("route"), "path", "")
    if (request.method, path) in _COMMANDS:
        return _COMMANDS[request.method, path]
    name = path.rpartition("/")[2]
    return CommandName(name) if _COMMAND.search(path) and name in list(CommandName) else Scope.WRITE


Asking = Annotated[Caller, Depends(caller)]


async def _by_token(parts: Parts, token: str) -> Caller:
    """Whatever came goes the same way: hash it, and ask the database."""
    now = await parts.clock.now()
    async with parts.reading() as session:
        found = await directory.living_token(session, directory.hash_token(token), now)
        if found is None:
            raise Problem(Trouble.UNAUTHENTICATED)
        county = await parts.directory.county_at(session, found.county_version, now)
    if found.last_used_at is None or found.last_used_at <= now - PRECISION:
        async with parts.sessions.begin() as session:
            await directory.touch_token(session, found.id, now)
    return _caller(parts, county, found.officer, Means.API_TOKEN, found.scopes)


async def _by_provider(parts: Parts, token: str) -> Caller:
    """Somebody's own access token: it carries as far as they do."""
    if parts.provider is None:
        raise Problem(Trouble.UNAUTHENTICATED)
    try:
        person = await parts.provider.bearer(token, await parts.clock.now())
    except NotProven:
        raise Problem(Trouble.UNAUTHENTICATED) from None
    except ProviderAway:
        raise Problem(Trouble.PROVIDER_AWAY) from None
    async with parts.reading() as session:
        officer = await accounts.officer_of_identity(session, person.issuer, person.subject, person.claimed)
    return await known(parts, officer, Means.PROVIDER_TOKEN)


async def _by_session(request: Request, parts: Parts) -> Caller:
    found = await of_session(request, parts)
    if request.method not in sessions.SAFE_METHODS:
        sessions.check_csrf(request, request.headers.get(sessions.CSRF_HEADER, ""))
    return found


async def of_session(request: Request, parts: Parts) -> Caller:
    """Whoever is signed in, whichever page has sent the request: good for nothing that changes anything."""
    session = await sessions.session_of(request, parts)
    if session is None:
        raise Problem(Trouble.UNAUTHENTICATED)
    if session.must_change:
        raise Problem(Trouble.PASSWORD_GIVEN)
    return await known(parts, session.officer, session.means)


async def known(
    parts: Parts, officer_id: OfficerId | None, means: Means, scopes: frozenset[Grantable] = EVERYTHING
) -> Caller:
    """The officer as a caller. Raises a 401 for nobody."""
    async with parts.reading() as session:
        county = await parts.directory.county(session, await parts.clock.now())
    return _caller(parts, county, officer_id, means, scopes)


def _caller(
    parts: Parts, county: County, officer_id: OfficerId | None, means: Means, scopes: frozenset[Grantable]
) -> Caller:
    officer = county.officer(officer_id) if officer_id else None
    if officer is None:
        raise Problem(Trouble.UNAUTHENTICATED)
    return Caller(officer, Actor.of(officer), county, parts.directory.roster(county), means, scopes)
