"""Submit, list and read incidents."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api import documentation, examples
from api.auth import Asking
from api.bodies import body_of, documented
from api.keys import IdempotencyKey
from api.language import Spoken
from api.limits import check_costly_rate
from api.listing import IncidentFilters, IncidentList, list_page
from api.parts import AppParts, Reading, Stale
from api.problems import Trouble
from api.reading import etag, no_incident, read_incident, show, show_after
from api.submission import submit
from api.views.incident import IncidentShown
from domain import commands as c
from domain.vocabulary import ReadName

router = APIRouter(prefix="/api/v1/incidents", tags=["incidents"])


@router.post(
    "",
    status_code=201,
    summary="Submit an incident",
    responses=documentation.posted(Trouble.TOO_MANY)
    | {
        201: documentation.answers(examples.STATE, "Submitted; its clocks run"),
        200: documentation.answers(examples.STATE, "Submitted before under this key"),
    },
    openapi_extra=documentation.IDEMPOTENT | documented(c.Submit, examples.COMMANDS["submit"]),
)
async def submit_incident(
    parts: AppParts,
    caller: Asking,
    key: IdempotencyKey,
    command: Annotated[c.Submit, Depends(body_of(c.Submit))],
    language: Spoken,
    response: Response,
) -> IncidentShown:
    incident, repeated = await submit(parts, caller, key, command)
    response.status_code = 200 if repeated else 201
    response.headers["Location"] = f"/api/v1/incidents/{incident}"
    shown = await show_after(parts, caller, incident, language, response)
    if shown is None:
        # Submitted before, by somebody else of the unit, and restricted since.
        raise no_incident()
    return shown


@router.get(
    "",
    response_model=IncidentList,
    summary="List incidents, the newest first",
    responses=documentation.read(Trouble.INVALID, Trouble.TOO_MANY) | {200: documentation.answers(examples.INCIDENTS)},
)
async def list_incidents(
    request: Request,
    parts: AppParts,
    caller: Asking,
    stale: Stale,
    session: Reading,
    filters: Annotated[IncidentFilters, Query()],
) -> Response:
    if filters.q:
        await check_costly_rate(parts, caller)
    return await list_page(request, session, caller, filters, await parts.clock.now(), stale=stale)


@router.get(
    "/{incident}",
    summary="Read an incident's state",
    responses=documentation.read(Trouble.NOT_READABLE, missing=True) | {200: documentation.answers(examples.STATE)},
)
async def read_state(
    parts: AppParts,
    caller: Asking,
    stale: Stale,
    session: Reading,
    incident: str,
    language: Spoken,
    response: Response,
) -> IncidentShown:
    found = await read_incident(session, caller, incident, ReadName.INCIDENT)
    response.headers["ETag"] = etag(found)
    return await show(parts, session, caller, found, language, stale=stale)
