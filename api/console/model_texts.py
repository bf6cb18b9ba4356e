"""Templates of releases: read by whoever drafts, kept by the press office."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.console.forms import Many, given, make, read, written
from api.console.language import chosen
from api.console.navigation import can
from api.console.rendering import page
from api.console.sending import NOTHING, Answer, key_of
from api.console.session import Posting, Visit, Visiting
from api.errands import refused
from api.keys import officer_scope
from api.parts import AppParts, Parts
from api.problems import Problem, Trouble
from db import templates
from domain.county import Actor
from domain.refusals import Refusal
from domain.templates import Template, check_editor
from domain.vocabulary import CommandName, ReleaseKind

router = APIRouter(prefix="/console/templates", include_in_schema=False)


@router.get("", response_class=HTMLResponse)
async def show_templates(request: Request, parts: AppParts, visit: Visiting) -> Response:
    _check_drafts(visit.caller.actor)
    async with parts.sessions() as session:
        saved = await templates.in_force(session)
    listed = [saved[kind] for kind in ReleaseKind if kind in saved]
    return page(request, visit, "templates.html", templates=listed, may_edit=_may_edit(visit.caller.actor))


@router.get("/{kind}", response_class=HTMLResponse)
async def show_template(request: Request, parts: AppParts, visit: Visiting, kind: str) -> Response:
    _check_drafts(visit.caller.actor)
    return await _page(request, parts, visit, _kind(kind), None)


@router.post("/{kind}")
async def save_template(request: Request, parts: AppParts, visit: Posting, kind: str) -> Response:
    values, about = given(await request.form()) | {"kind": [kind]}, _kind(kind)
    try:
        check_editor(visit.caller.actor)
    except Refusal as refusal:
        raise await refused(parts, refusal.record) from None
    try:
        template = read(Template, values)
    except Problem as problem:
        if problem.trouble is not Trouble.INVALID:
            raise
        return await _page(request, parts, visit, about, values, Answer(faults=problem.faults))
    officer = visit.caller.officer.id
    async with parts.sessions.begin() as session:
        await templates.save(
            session, template, officer, await parts.clock.now(), f"{officer_scope(officer)}/{key_of(values)}"
        )
    return RedirectResponse(f"/console/templates/{about}?saved=1&arrived=templates/{about}", status_code=303)


async def _page(
    request: Request, parts: Parts, visit: Visit, kind: ReleaseKind, values: Many | None, answer: Answer = NOTHING
) -> HTMLResponse:
    async with parts.sessions() as session:
        history = await templates.history(session, kind)
    if values is None:
        values = written(Template, history[0].template.model_dump()) if history else {"kind": [kind]}
    form = make(Template, chosen(request), values, about="draft", fixed=("kind",), faults=answer.faults)
    shown: dict[str, Any] = {
        "kind": kind,
        "form": answer.keyed(form, values),
        "history": history,
        "may_edit": _may_edit(visit.caller.actor),
        "saved": "saved" in request.query_params,
        "answered": bool(answer.faults),
    }
    return page(request, visit, "template.html", answer.status, **shown)


def _kind(kind: str) -> ReleaseKind:
    if kind not in list(ReleaseKind):
        raise Problem(Trouble.NOT_FOUND)
    return ReleaseKind(kind)


def _check_drafts(actor: Actor) -> None:
    """Whoever may draft somewhere reads them. Raises Problem NOT_READABLE."""
    if not can(actor, CommandName.DRAFT_RELEASE):
        raise Problem(Trouble.NOT_READABLE)


def _may_edit(actor: Actor) -> bool:
    try:
        check_editor(actor)
    except Refusal:
        return False
    return True
