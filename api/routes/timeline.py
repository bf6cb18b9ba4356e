"""The ledger of an incident, entry by entry."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field, TypeAdapter

from api import documentation, examples
from api.auth import Asking
from api.paging import Paged, cursor_of, next_link, position_of
from api.parts import Reading
from api.problems import Trouble
from api.reading import read_incident
from api.views.timeline import EntryShown, Timeline, references_of
from db import ledger, texts
from domain.standing import reading_seat
from domain.vocabulary import ReadName

# As far as PostgreSQL counts.
_POSITION = TypeAdapter(tuple[Annotated[int, Field(ge=0, lt=2**31)]])

router = APIRouter(prefix="/api/v1/incidents/{incident}/timeline", tags=["incidents"])


@router.get(
    "",
    summary="Read what happened, the oldest first",
    responses=documentation.read(Trouble.NOT_READABLE, Trouble.INVALID, missing=True)
    | {200: documentation.answers(examples.TIMELINE)},
)
async def read_timeline(
    request: Request,
    caller: Asking,
    session: Reading,
    incident: str,
    page: Annotated[Paged, Query()],
    response: Response,
) -> Timeline:
    found = await read_incident(session, caller, incident, ReadName.TIMELINE)
    (after,) = position_of(page.cursor, _POSITION) or (0,)
    entries = await ledger.entries(session, found.id, after, page.limit)
    worded = reading_seat(ReadName.RELEASE, caller.actor, found, caller.roster)
    references = [reference for entry in entries for reference in references_of(entry)]
    words = await texts.read(session, found.id, references) if worded else None
    more = bool(entries) and entries[-1].seq < found.seq
    cursor = cursor_of(entries[-1].seq) if more else None
    response.headers.update(next_link(request, cursor))
    return Timeline(items=tuple(EntryShown.of(entry, words) for entry in entries), next=cursor)
