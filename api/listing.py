"""The list of incidents, from PostgreSQL alone."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import Caller
from api.paging import Paged, cursor_of, next_link, position_of
from db import reads
from domain.commands import UnitRef
from domain.instants import Instant
from domain.standing import sight_of
from domain.vocabulary import Category, IncidentId, Level, Phase, UnitId

POSITION = TypeAdapter(tuple[Instant, Annotated[IncidentId, Field(pattern=r"^[0-9a-z-]{1,64}$")]])


class Wanted(BaseModel):
    """What a list is narrowed to. `q` is looked for in titles, summaries and numbers."""

    model_config = ConfigDict(extra="forbid")

    phase: Phase | None = None
    level: Level | None = None
    lead: UnitRef | None = None
    overdue: bool | None = None
    drill: bool | None = None
    q: Annotated[str | None, Field(max_length=100, pattern=r"^[^\x00]*$")] = None


class IncidentFilters(Wanted, Paged):
    """The same, a page at a time."""


class IncidentListed(BaseModel):
    id: IncidentId
    number: str
    title: str | None
    level: Level
    category: Category
    phase: Phase
    lead: UnitId
    drill: bool
    restricted: bool
    detected_at: Instant
    submitted_at: Instant
    next_due_at: Instant | None
    overdue: bool
    needs_attention: bool
    seq: int
    stale: bool


class IncidentList(BaseModel):
    """`next` is the cursor of the page that follows; None on the last."""

    items: tuple[IncidentListed, ...]
    next: str | None


async def list_page(
    request: Request,
    session: AsyncSession,
    caller: Caller,
    filters: IncidentFilters,
    now: datetime,
    *,
    stale: bool,
) -> Response:
    """The page as an `IncidentList`, with its Link header.

    Its rows go from the database into JSON as they are: nothing in them came from outside just now.
    """
    wanted = reads.Filters(**filters.model_dump(exclude={"cursor", "limit"}))
    seen = sight_of(caller.actor)
    found = await reads.list_incidents(session, wanted, _place(filters.cursor), filters.limit + 1, seen, now)
    page, more = found[: filters.limit], len(found) > filters.limit
    cursor = cursor_of(*page[-1].place) if more else None
    shown = {"items": [_shown(line, stale=stale) for line in page], "next": cursor}
    return Response(to_json(shown), media_type="application/json", headers=next_link(request, cursor))


def _shown(line: reads.Listed, *, stale: bool) -> dict[str, Any]:
    """The fields of an `IncidentListed`. An erased title is as absent here as in the state."""
    return line._asdict() | {"title": line.title or None, "stale": stale and not line.phase.ended}


def _place(cursor: str | None) -> reads.Place | None:
    position = position_of(cursor, POSITION)
    return None if position is None else reads.Place(*position)
