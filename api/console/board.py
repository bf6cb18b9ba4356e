"""值班看板: every open incident, the most urgent first, with its clocks and whom it waits for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field, TypeAdapter, model_validator
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import Caller
from api.console.clocks import Clock, clocks
from api.console.language import chosen
from api.console.rendering import page, part
from api.console.session import Visiting
from api.console.waits import Wait, waits
from api.listing import POSITION
from api.paging import Cursor, cursor_of, position_of
from api.parts import AppParts, Reading, Stale
from api.problems import Problem, Trouble
from db import reads
from domain.commands import UnitRef
from domain.incident import Incident
from domain.refusals import Language
from domain.standing import sight_of
from domain.vocabulary import IncidentId, Level, Phase

router = APIRouter(prefix="/console", include_in_schema=False)

AT_ONCE, ON_A_WALL = 50, 30
_INCIDENT = TypeAdapter(Annotated[str, Field(pattern=r"^[0-9a-z-]{1,64}$")])


class Wanted(BaseModel):
    """The board's address. A form sends what was left open as an empty string."""

    phase: Phase | None = None
    level: Level | None = None
    lead: UnitRef | None = None
    overdue: bool | None = None
    drill: bool = False
    ended: bool = False
    q: Annotated[str | None, Field(max_length=100, pattern=r"^[^\x00]*$")] = None
    order: reads.Order = reads.Order.NEXT_DUE
    wall: bool = False
    cursor: Cursor = None

    @model_validator(mode="before")
    @classmethod
    def _leave_out_what_is_empty(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in given.items() if value != ""}

    @property
    def narrowed(self) -> bool:
        """Whether the list shows less than all that is open."""
        return any((self.phase, self.level, self.lead, self.overdue, self.q))

    def filters(self, only: IncidentId | None = None) -> reads.Filters:
        fields = self.model_dump(include={"phase", "level", "lead", "overdue", "drill", "ended", "q"})
        return reads.Filters(**fields, only=only)

    def others(self, **changes: object) -> dict[str, str]:
        """The query of this list with `changes`, for a link."""
        plain = self.model_copy(update=changes).model_dump(mode="json", exclude_defaults=True, exclude={"cursor"})
        return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in plain.items()}


Asked = Annotated[Wanted, Query()]


@dataclass(frozen=True)
class Row:
    """A line of the board."""

    listed: reads.Listed
    clocks: tuple[Clock, ...]
    waits: tuple[Wait, ...]

    @classmethod
    def of(cls, listed: reads.Listed, state: Incident, caller: Caller, language: Language, now: datetime) -> "Row":
        return cls(listed, clocks(state, now), waits(state, caller.county, caller.roster, language, now))


@router.get("", response_class=HTMLResponse)
async def show_board(
    request: Request, parts: AppParts, visit: Visiting, stale: Stale, session: Reading, wanted: Asked
) -> Response:
    """The whole page; or, for the script, the rows that follow."""
    caller, language, now = visit.caller, chosen(request), await parts.clock.now()
    limit = ON_A_WALL if wanted.wall else AT_ONCE
    after = position_of(wanted.cursor, POSITION)
    place = reads.Place(*after) if after else None
    seen = sight_of(caller.actor)
    listed = await reads.list_incidents(session, wanted.filters(), place, limit + 1, seen, now, wanted.order)
    rows = await _rows(session, listed[:limit], caller, language, now)
    following = cursor_of(*listed[limit - 1].place_in(wanted.order)) if len(listed) > limit else None
    shown: dict[str, object] = {"rows": rows, "wanted": wanted, "now": now, "next": following}
    if "hx-request" in request.headers and wanted.cursor:
        return part(request, visit, "board.html", "rows", **shown)
    counted = await reads.count_incidents(session, wanted.filters(), seen, now)
    others = await reads.count_incidents(session, reads.Filters(drill=not wanted.drill, ended=False), seen, now)
    template = "wall.html" if wanted.wall else "board.html"
    shown |= {"counted": counted, "others": others, "stale": stale, "phases": tuple(Phase), "levels": tuple(Level)}
    return page(request, visit, template, 200, **shown)


@router.get("/tally", response_class=HTMLResponse)
async def show_tally(
    request: Request, parts: AppParts, visit: Visiting, session: Reading, wanted: Asked
) -> HTMLResponse:
    """How many the list holds now, for the script."""
    counted = await reads.count_incidents(
        session, wanted.filters(), sight_of(visit.caller.actor), await parts.clock.now()
    )
    return part(request, visit, "board.html", "tally", wanted=wanted, counted=counted)


@router.get("/board/{incident}", response_class=HTMLResponse)
async def show_row(
    request: Request, parts: AppParts, visit: Visiting, session: Reading, incident: str, wanted: Asked
) -> Response:
    """One incident's row as it is now; nothing where the list does not have it (any more)."""
    if not _fits(incident):
        raise Problem(Trouble.NOT_FOUND)
    caller, language, now = visit.caller, chosen(request), await parts.clock.now()
    filters = wanted.filters(only=IncidentId(incident))
    listed = await reads.list_incidents(session, filters, None, 1, sight_of(caller.actor), now)
    rows = await _rows(session, listed, caller, language, now)
    return part(request, visit, "board.html", "rows", rows=rows, wanted=wanted, now=now, next=None)


async def _rows(
    session: AsyncSession, listed: Sequence[reads.Listed], caller: Caller, language: Language, now: datetime
) -> list[Row]:
    states = await reads.states(session, [one.id for one in listed])
    return [Row.of(one, states[one.id], caller, language, now) for one in listed if one.id in states]


def _fits(incident: str) -> bool:
    try:
        _INCIDENT.validate_python(incident)
    except ValueError:
        return False
    return True
