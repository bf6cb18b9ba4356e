"""Who is asking: the officer whose bearer token came with the request, with the posts held now."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from api.parts import AppParts
from api.problems import Problem, Trouble
from db import directory
from domain.county import Actor, County, Officer, Roster

SCHEME = HTTPBearer(auto_error=False, description="An API token of an officer (`huiying token OFFICER`)")


@dataclass(frozen=True)
class Caller:
    """The officer, and the county as it was when they asked."""

    officer: Officer
    actor: Actor
    county: County
    roster: Roster


async def caller(request: Request, parts: AppParts) -> Caller:
    """Raises a 401 that does not tell an unknown token from an expired, revoked or missing one.

    All of them go the same way: hash whatever came, and ask the database.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    presented = token.strip() if scheme.lower() == "bearer" else ""
    now = await parts.clock.now()
    async with parts.sessions() as session:
        officer_id = await directory.officer_of_token(session, directory.hash_token(presented), now)
        county = await parts.directory.county(session, now)
    officer = county.officer(officer_id) if officer_id else None
    if officer is None:
        raise Problem(Trouble.UNAUTHENTICATED)
    return Caller(officer, Actor.of(officer), county, parts.directory.roster(county))


Asking = Annotated[Caller, Depends(caller)]
