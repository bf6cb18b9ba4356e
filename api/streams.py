"""What has happened, told as it happens to whoever may read of it: ids, sequences and kinds, never a word."""

import asyncio
import contextlib
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import anyio
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Receive, Scope, Send

from api.auth import Caller
from api.listeners import Listeners
from api.problems import Problem
from api.reading import may_read
from db import reads
from db.readiness import OUTAGES, is_outage
from db.session import Sessions
from domain.vocabulary import IncidentId, OfficerId

LOOKED_EVERY = 1.0
"""Seconds between two looks into the database."""
ASKED_EVERY = 15.0
"""Seconds after which somebody who is told nothing is asked again who they are."""
HEARTBEAT = 15
ENDS_WITHIN = 5.0
"""Seconds within which a stream ends once the process is to stop; it would be cut off then."""
_AT_ONCE = 100
_MOMENT = re.compile(r"^([0-9]{1,18})-([0-9a-f]{0,64})$")

Ask = Callable[[], Awaitable[Caller]]
"""Who is listening, as of now. Raises Problem once their token or session is over."""


class EventStream(EventSourceResponse):
    """The events of one listener, until they leave or are nobody any more."""

    def __init__(
        self, events: AsyncIterator[ServerSentEvent], listeners: Listeners, officer: OfficerId, stopping: anyio.Event
    ) -> None:
        """`stopping` is set once the process is to stop; `events` then come to an end of their own."""
        super().__init__(events, ping=HEARTBEAT, shutdown_event=stopping, shutdown_grace_period=ENDS_WITHIN)
        self._listeners = listeners
        self._officer = officer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._listeners.remove(self._officer)


async def events(
    sessions: Sessions, ask: Ask, last_id: str | None, stopping: anyio.Event
) -> AsyncIterator[ServerSentEvent]:
    """`ready` with the place it begins at, then `incident` for each change that the listener may read of.

    `resumed` is false where nothing is known of what came before: then everything on show has to be read anew.
    """
    try:
        async with sessions() as session:
            now = await reads.present(session)
        after = _moment(last_id)
        resumed = after is not None and after.transaction <= now.transaction
        moment = after if after is not None and resumed else now
        yield _event("ready", moment, {"resumed": resumed})
        async for event in _told(sessions, ask, moment, stopping):
            yield event
    except OUTAGES as error:
        # They come again, and go on where they were.
        if not is_outage(error):
            raise


async def _told(
    sessions: Sessions, ask: Ask, moment: reads.Moment, stopping: anyio.Event
) -> AsyncIterator[ServerSentEvent]:
    asked_at = time.monotonic()
    while not stopping.is_set():
        async with sessions() as session:
            found = await reads.changes(session, moment, _AT_ONCE)
        if found or time.monotonic() - asked_at >= ASKED_EVERY:
            try:
                caller = await ask()
            except Problem:
                return
            asked_at = time.monotonic()
            for change in found:
                moment = change.at
                if may_read(caller, change.incident):
                    told = {"incident": change.incident.id, "seq": change.seq, "kind": change.kind}
                    yield _event("incident", moment, told)
        if len(found) < _AT_ONCE:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), LOOKED_EVERY)


def _event(name: str, moment: reads.Moment, data: dict[str, object]) -> ServerSentEvent:
    return ServerSentEvent(json.dumps(data), event=name, id=f"{moment.transaction}-{moment.incident}")


def _moment(last_id: str | None) -> reads.Moment | None:
    """Where a stream ended before; None where nothing is said of it that can be understood."""
    found = _MOMENT.match(last_id or "")
    return reads.Moment(int(found[1]), IncidentId(found[2])) if found else None
