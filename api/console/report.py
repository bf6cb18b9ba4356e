"""报送: a township's liaison reports an incident from the field, and sees at once what will come of it."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

import policies
from api.auth import Caller
from api.console import choices
from api.console.enclosures import Kept, files_of, keep_all
from api.console.forecasts import Forecast
from api.console.forms import Many, given, make, read, written
from api.console.language import chosen
from api.console.nearby import alike
from api.console.rendering import page, part
from api.console.sending import NOTHING, Answer, Failure, attempt, key_of
from api.console.session import Posting, Visit, Visiting
from api.errands import refused
from api.parts import AppParts, Parts
from api.problems import Problem, Saying, Trouble, said
from api.reading import may_read
from api.submission import submit
from db import reads
from db.reads import Listed
from domain import commands as c
from domain.foreseeing import foresee_submission
from domain.incident import Incident
from domain.permissions import seat_for
from domain.refusals import Code, RefusalRecord
from domain.vocabulary import CommandName, IncidentId, Source, UnitId, UnitKind

router = APIRouter(prefix="/console/report", include_in_schema=False)

_PAGE = "report.html"
_UNWRITTEN = "-"
"""Stands for words nobody has written yet where only their consequences are asked for."""
DRAFT = "report"
DRILL_POLICY = "drill"


@router.get("", response_class=HTMLResponse)
async def show_report(request: Request, parts: AppParts, visit: Visiting) -> Response:
    await _check_may_report(parts, visit.caller)
    now = await parts.clock.now()
    return await _page(request, parts, visit, _first(visit.caller, now), now)


@router.post("")
async def report(request: Request, parts: AppParts, visit: Posting) -> Response:
    posted = await request.form()
    values, files, language = given(posted), files_of(posted), chosen(request)
    await _check_may_report(parts, visit.caller)
    now = await parts.clock.now()
    if "hx-request" in request.headers:
        return await _page(request, parts, visit, values, now)
    if "preview" in values:
        return await _page(request, parts, visit, values, now, previewed=True)
    try:
        asked = read(c.Submit, values)
        key = key_of(values)
        done = await attempt(submit(parts, visit.caller, key, asked), language)
    except Problem as problem:
        if problem.trouble is not Trouble.INVALID:
            raise
        return await _page(request, parts, visit, values, now, Answer(faults=problem.faults))
    if isinstance(done, Failure):
        return await _page(request, parts, visit, values, now, Answer.to(done))
    incident, _repeated = done
    return await _after(request, parts, visit, incident, await _enclosed(parts, visit, incident, key, files, request))


async def _check_may_report(parts: Parts, caller: Caller) -> None:
    """Raises Problem NOT_READABLE for whoever has no post to report from: the menu does not name the page either."""
    if seat_for(CommandName.SUBMIT, caller.actor, None) is None:
        record = RefusalRecord(code=Code.NOT_PERMITTED, params={"actor": caller.officer.id, "command": "submit"})
        raise await refused(parts, record)


def _first(caller: Caller, now: datetime) -> dict[str, list[str]]:
    """What most reports from this person's unit begin with."""
    own = _own_unit(caller)
    kinds = {unit.id: unit.kind for unit in caller.county.units}
    body: dict[str, Any] = {
        "level": "ungraded",
        "detected_at": now.replace(second=0, microsecond=0),
        "restricted": False,
    }
    if kinds.get(own) is UnitKind.TOWNSHIP:
        body |= {"townships": (own,), "source": Source.PATROL}
    elif kinds.get(own) is UnitKind.DEPARTMENT:
        body |= {"departments": (own,)}
    return written(c.Submit, body)


def _own_unit(caller: Caller) -> UnitId:
    seat = seat_for(CommandName.SUBMIT, caller.actor, None)
    return seat.unit if seat else UnitId("")


async def _page(
    request: Request,
    parts: Parts,
    visit: Visit,
    values: Many,
    now: datetime,
    answer: Answer = NOTHING,
    *,
    previewed: bool = False,
) -> HTMLResponse:
    caller, language = visit.caller, chosen(request)
    form = make(c.Submit, language, values, about="submit", options=_options(caller), faults=answer.faults)
    form = answer.keyed(form, values)
    forecast, unforeseen = await _foreseen(request, parts, caller, values, now)
    shown: dict[str, Any] = {
        "form": form,
        "draft": DRAFT,
        "own": _own_unit(caller),
        "forecast": forecast,
        "unforeseen": unforeseen,
        "alike": await _alike(parts, caller, values, now),
        "said": answer.said,
        "answered": bool(answer.faults or answer.failure) or previewed,
        "drills": seat_for(CommandName.ASSESS, caller.actor, None) is not None,
    }
    if "hx-request" in request.headers:
        return part(request, visit, _PAGE, "foreseen", **shown)
    return page(request, visit, _PAGE, answer.status, **shown)


def _options(caller: Caller) -> dict[str, Any]:
    county = caller.county
    return {
        "townships": choices.townships(county),
        "departments": choices.departments(county),
        "superior_department": choices.departments(county),
    }


async def _foreseen(
    request: Request, parts: Parts, caller: Caller, values: Many, now: datetime
) -> tuple[Forecast | None, Saying | None]:
    """What would come of it as far as it is written, or why nothing would; neither while that cannot be told."""
    words = {name: values.get(name, []) if any(values.get(name, [])) else [_UNWRITTEN] for name in ("title", "summary")}
    guessed = {name: values.get(name) or [first] for name, first in (("category", "other"), ("source", "patrol"))}
    try:
        asked = read(c.Submit, {**values, **words, **guessed})
    except Problem:
        return None, None
    policy = policies.load(DRILL_POLICY if asked.drill else caller.county.policy)
    outcome = foresee_submission(asked, caller.actor, caller.roster, policy, now)
    if isinstance(outcome, RefusalRecord):
        return None, said(chosen(request), await refused(parts, outcome))
    return Forecast.of(outcome, chosen(request)), None


async def _alike(parts: Parts, caller: Caller, values: Many, now: datetime) -> list[Listed]:
    title = next(iter(values.get("title", ())), "").strip()
    if not title:
        return []
    async with parts.sessions() as session:
        return await alike(session, caller, title, now)


async def _enclosed(
    parts: Parts, visit: Visit, incident: IncidentId, key: str, files: list[Any], request: Request
) -> list[Kept]:
    if not files:
        return []
    found = await _found(parts, incident)
    return await keep_all(parts, visit.caller, found, key, files, chosen(request)) if found else []


async def _found(parts: Parts, incident: IncidentId) -> Incident | None:
    async with parts.sessions() as session:
        return await reads.incident(session, incident)


async def _after(request: Request, parts: Parts, visit: Visit, incident: IncidentId, kept: list[Kept]) -> Response:
    """On to the incident; by way of a page that names the files that did not come along, if any."""
    lost = [one for one in kept if one.why_not]
    found = await _found(parts, incident)
    readable = found is not None and may_read(visit.caller, found)
    if lost:
        shown: dict[str, Any] = {"lost": lost, "incident": incident, "readable": readable, "arrived": DRAFT}
        return page(request, visit, "reported.html", **shown)
    where = f"/console/incidents/{incident}" if readable else "/console"
    return RedirectResponse(f"{where}?{urlencode({'done': CommandName.SUBMIT, 'arrived': DRAFT})}", status_code=303)
