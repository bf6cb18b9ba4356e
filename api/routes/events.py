"""Server-sent events: what changed, as it changes, for pages that are open."""

from typing import Annotated

import anyio
from fastapi import APIRouter, Header, Request, Response

from api import auth, documentation, examples
from api.auth import Asking
from api.parts import AppParts
from api.problems import Trouble
from api.streams import EventStream, events

router = APIRouter(prefix="/api/v1/events", tags=["incidents"])


@router.get(
    "",
    response_class=Response,
    summary="Follow what happens",
    description=(
        "An event `ready`, then an event `incident` whenever one that you may read has gone on: which, to which `seq`, "
        "and the type of its last entry; read the rest where it stands. Several entries of one incident within a "
        "second may be told as one. After a break send the last id as `Last-Event-ID`; where `ready` says "
        "`resumed: false`, read everything anew. The stream ends with your token or session, and when the database "
        "is away."
    ),
    responses=documentation.read(Trouble.TOO_MANY_STREAMS)
    | {200: {"description": "The stream", "content": {"text/event-stream": {"example": examples.EVENTS}}}},
)
async def follow(
    request: Request,
    parts: AppParts,
    caller: Asking,
    last_event_id: Annotated[str | None, Header(max_length=100)] = None,
) -> Response:
    parts.listeners.add(caller.officer.id)
    stopping = anyio.Event()
    told = events(parts.sessions, lambda: auth.caller(request, parts), last_event_id, stopping)
    return EventStream(told, parts.listeners, caller.officer.id, stopping)
