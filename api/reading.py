"""Reads an incident for somebody: found, permitted, with its words."""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import Asking, Caller
from api.parts import AppParts, Parts
from api.problems import Problem, Refused, Trouble
from api.views.incident import IncidentShown, references_of
from db import reads, texts
from domain.incident import Incident
from domain.refusals import Code, Language, RefusalRecord
from domain.releases import Release
from domain.standing import reading_seat
from domain.vocabulary import IncidentId, ReadName, ReleaseId

_INCIDENT = re.compile(r"^[0-9a-z-]{1,64}$")
_ETAG = re.compile(r'(?:W/)?"[^"]*"|\*')


async def find_incident(session: AsyncSession, incident: str) -> Incident:
    """The incident's present state. Raises the refusal that there is none."""
    found = await reads.incident(session, IncidentId(incident)) if _INCIDENT.match(incident) else None
    if found is None:
        raise Refused(RefusalRecord(code=Code.NO_INCIDENT), {})
    return found


async def read_incident(
    session: AsyncSession, caller: Caller, incident: str, read: ReadName, release: str | None = None
) -> Incident:
    """The incident, if the caller may read this of it. Raises a refusal or a 403."""
    found = await find_incident(session, incident)
    if not may_read(caller, found, read, release):
        raise Problem(Trouble.NOT_READABLE)
    return found


def may_read(
    caller: Caller, incident: Incident, read: ReadName = ReadName.INCIDENT, release: str | None = None
) -> bool:
    chosen = ReleaseId(release) if release else None
    return reading_seat(read, caller.actor, incident, caller.roster, chosen) is not None


def find_release(incident: Incident, release: str) -> Release:
    found = incident.releases.get(ReleaseId(release))
    if found is None:
        raise Refused(RefusalRecord(code=Code.NO_RELEASE), {})
    return found


async def show(
    parts: Parts, session: AsyncSession, caller: Caller, incident: Incident, language: Language, *, stale: bool
) -> IncidentShown:
    """The state with its words."""
    words = await texts.read(session, incident.id, references_of(incident))
    now = await parts.clock.now()
    return IncidentShown.of(incident, words, caller.county, caller.roster, language, now, stale=stale)


async def show_after(
    parts: Parts, caller: Caller, incident: IncidentId, language: Language, response: Response
) -> IncidentShown:
    """The state that a command has led to."""
    stale = not await parts.process.alive()
    async with parts.sessions() as session:
        after = await find_incident(session, incident)
        response.headers["ETag"] = etag(after)
        return await show(parts, session, caller, after, language, stale=stale)


@dataclass(frozen=True)
class Target:
    """The incident a command is for, and whether it is still as If-Match wants it."""

    incident: Incident
    matches: bool


async def _target(request: Request, parts: AppParts, _caller: Asking, incident: str) -> Target:
    async with parts.sessions() as session:
        found = await find_incident(session, incident)
    wanted = request.headers.get("if-match")
    return Target(found, wanted is None or bool({"*", etag(found)} & set(_ETAG.findall(wanted))))


Aimed = Annotated[Target, Depends(_target)]
"""The incident of the path, once it is known who asks."""


def etag(incident: Incident) -> str:
    return f'"{incident.seq}"'
