"""Who is asking: the officer whose token or session came with the request, with the posts held now."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api import sessions
from api.parts import AppParts, Parts
from api.problems import Problem, Trouble
from db import directory
from domain.access import EVERYTHING, Grantable, Means
from domain.county import Actor, County, Officer, Roster
from domain.vocabulary import OfficerId


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
    if scheme.lower() == "bearer":
        return await _by_token(parts, token.strip())
    return await _by_session(request, parts)


Asking = Annotated[Caller, Depends(caller)]


async def _by_token(parts: Parts, token: str) -> Caller:
    """Whatever came goes the same way: hash it, and ask the database."""
    now = await parts.clock.now()
    async with parts.sessions() as session:
        officer = await directory.officer_of_token(session, directory.hash_token(token), now)
    return await known(parts, officer, Means.API_TOKEN)


async def _by_session(request: Request, parts: Parts) -> Caller:
    session = await sessions.session_of(request, parts)
    if session is None:
        raise Problem(Trouble.UNAUTHENTICATED)
    if request.method not in sessions.SAFE_METHODS:
        sessions.check_csrf(request, request.headers.get(sessions.CSRF_HEADER, ""))
    if session.must_change:
        raise Problem(Trouble.PASSWORD_GIVEN)
    return await known(parts, session.officer, session.means)


async def known(
    parts: Parts, officer_id: OfficerId | None, means: Means, scopes: frozenset[Grantable] = EVERYTHING
) -> Caller:
    """The officer as a caller. Raises a 401 for nobody."""
    async with parts.sessions() as session:
        county = await parts.directory.county(session, await parts.clock.now())
    officer = county.officer(officer_id) if officer_id else None
    if officer is None:
        raise Problem(Trouble.UNAUTHENTICATED)
    return Caller(officer, Actor.of(officer), county, parts.directory.roster(county), means, scopes)
