"""通知: what one was told, and, for those who see to it, what reached nobody."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from api.console.language import chosen
from api.console.rendering import page
from api.console.session import Posting, Visiting
from api.paging import Cursor, cursor_of, position_of
from api.parts import AppParts, Reading
from api.reading import hidden_from
from api.views.notice import NoticeShown
from db import deliveries, reads
from domain.county import Actor
from domain.delivering import check_overseer
from domain.notices import NoticeKind
from domain.refusals import Refusal
from domain.standing import sight_of
from domain.vocabulary import DeliveryState

router = APIRouter(prefix="/console/notices", include_in_schema=False)

AT_ONCE = 30
_Id = Annotated[int, Field(ge=1, lt=2**63)]
_POSITION = TypeAdapter(tuple[_Id])


class Asked(BaseModel):
    model_config = ConfigDict(extra="ignore")

    unread: bool = False
    undelivered: bool = False
    cursor: Cursor = None


@router.get("", response_class=HTMLResponse)
async def show_notices(
    request: Request, visit: Visiting, session: Reading, asked: Annotated[Asked, Query()]
) -> HTMLResponse:
    caller, position = visit.caller, position_of(asked.cursor, _POSITION)
    before, oversees = position[0] if position else None, _oversees(caller.actor)
    undelivered = asked.undelivered and oversees
    if undelivered:
        sight = sight_of(caller.actor)
        found = await reads.deliveries(session, DeliveryState.UNDELIVERED, sight, before, AT_ONCE + 1)
    else:
        hidden, mine = await hidden_from(session, caller), caller.officer.id
        found = await reads.notices(session, mine, before, AT_ONCE + 1, unread=asked.unread, hidden=hidden)
    names = {str(unit.id): unit.name for unit in caller.county.units}
    shown = [NoticeShown.of(told, names, chosen(request)) for told in found[:AT_ONCE]]
    more = cursor_of(shown[-1].id) if len(found) > AT_ONCE else None
    told: dict[str, Any] = {"notices": [(one, _place(one)) for one in shown], "more": more, "oversees": oversees}
    return page(request, visit, "notices.html", **told, undelivered=undelivered, unread=asked.unread)


@router.post("/seen")
async def mark_seen(parts: AppParts, visit: Posting, up_to: Annotated[_Id, Form()]) -> Response:
    async with parts.sessions.begin() as session:
        await deliveries.mark_read(session, visit.caller.officer.id, up_to, await parts.clock.now())
    return RedirectResponse("/console/notices", status_code=303)


def _place(notice: NoticeShown) -> str:
    """Where what is asked can be done."""
    if notice.incident:
        return f"/console/incidents/{notice.incident}"
    if notice.kind is NoticeKind.SPOKESPERSON_OWED and "unit" in notice.data:
        return f"/console/registers/spokesperson/new?unit={notice.data['unit']}"
    return "/console/registers"


def _oversees(actor: Actor) -> bool:
    try:
        check_overseer(actor)
    except Refusal:
        return False
    return True
