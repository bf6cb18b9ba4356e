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
from domain.standing import may_know, may_read_words, reading_seat, sight_of
from domain.vocabulary import IncidentId, ReadName, ReleaseId

_INCIDENT = re.compile(r"^[0-9a-z-]{1,64}$")
_ETAG = re.compile(r'(?:W/)?"[^"]*"|\*')


async def find_incident(session: AsyncSession, caller: Caller, incident: str) -> Incident:
    """The incident's present state. Raises the refusal that there is none, also where the caller must not know of it:
    every route that names an incident comes by here.
    """
    found = await reads.incident(session, IncidentId(incident)) if _INCIDENT.match(incident) else None
    if found is None or not may_know(caller.actor, found, caller.roster):
        raise no_incident()
    return found


def no_incident() -> Refused:
    return Refused(RefusalRecord(code=Code.NO_INCIDENT), {})


async def read_incident(
    session: AsyncSession, caller: Caller, incident: str, read: ReadName, release: str | None = None
) -> Incident:
    """The incident, if the caller may read this of it. Raises a refusal or a 403."""
    found = await find_incident(session, caller, incident)
    if not may_read(caller, found, read, release):
        raise Problem(Trouble.NOT_READABLE)
    return found


def may_read(
    caller: Caller, incident: Incident, read: ReadName = ReadName.INCIDENT, release: str | None = None
) -> bool:
    chosen = ReleaseId(release) if release else None
    return reading_seat(read, caller.actor, incident, caller.roster, chosen) is not None


async def hidden_from(session: AsyncSession, caller: Caller) -> set[IncidentId]:
    """Incidents that the caller was told of and must not know of any more."""
    doubtful = await reads.told_of_restricted(session, caller.officer.id, sight_of(caller.actor))
    states = await reads.states(session, doubtful)
    known = {id_ for id_, state in states.items() if may_know(caller.actor, state, caller.roster)}
    return set(doubtful) - known


def find_release(incident: Incident, release: str) -> Release:
    found = incident.releases.get(ReleaseId(release))
    if found is None:
        raise Refused(RefusalRecord(code=Code.NO_RELEASE), {})
    return found


async def show(
    parts: Parts, session: AsyncSession, caller: Caller, incident: Incident, language: Language, *, stale: bool
) -> IncidentShown:
    """The state, with its words where the caller may read them."""
    worded = may_read_words(caller.actor, incident, caller.roster)
    words = await texts.read(session, incident.id, references_of(incident)) if worded else {}
    now = await parts.clock.now()
    return IncidentShown.of(incident, words, caller.county, caller.roster, language, now, stale=stale)


async def show_after(
    parts: Parts, caller: Caller, incident: IncidentId, language: Language, response: Response
) -> IncidentShown | None:
    """The state that a command has led to; None where it is not the caller's to read, or not any more."""
    stale = not await parts.process.alive()
    async with parts.reading() as session:
        after = await reads.incident(session, incident)
        if after is None or not may_read(caller, after):
            return None
        response.headers["ETag"] = etag(after)
        return await show(parts, session, caller, after, language, stale=stale)


@dataclass(frozen=True)
class Target:
    """The incident a command is for, and whether it is still as If-Match wants it."""

    incident: Incident
    matches: bool


async def _target(request: Request, parts: AppParts, caller: Asking, incident: str) -> Target:
    async with parts.reading() as session:
        found = await find_incident(session, caller, incident)
    wanted = request.headers.get("if-match")
    return Target(found, wanted is None or bool({"*", etag(found)} & set(_ETAG.findall(wanted))))


Aimed = Annotated[Target, Depends(_target)]
"""The incident of the path, once it is known who asks."""


def etag(incident: Incident) -> str:
    return f'"{incident.seq}"'
