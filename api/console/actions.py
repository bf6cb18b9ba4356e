"""A page for each command that a person gives in an incident, made from the command's model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.console import layouts
from api.console.forecasts import Forecast
from api.console.forms import Many, Option, given, make, read, shapes, written
from api.console.language import chosen
from api.console.nearby import survivors
from api.console.opened import Opened, opened
from api.console.rendering import page, part, say
from api.console.sending import Answer, Failure, attempt, key_of, send
from api.console.session import Posting, Visit, Visiting
from api.errands import refused
from api.parts import AppParts, Parts
from api.problems import Problem, Saying, Trouble, said
from api.routes.commands import BY_NAME
from domain import commands as c
from domain.foreseeing import foresee
from domain.labels import label
from domain.offering import Offer, why_not
from domain.refusals import RefusalRecord
from domain.vocabulary import CommandName

router = APIRouter(prefix="/console/incidents/{incident}", include_in_schema=False)

_PAGE = "do.html"
_FORESEEN = "foreseen"
_EDITOR = {CommandName.DRAFT_RELEASE: "new", CommandName.REVISE_RELEASE: "{release}/edit"}
"""Words of releases are written in an editor of their own."""


@dataclass(frozen=True)
class _Doing:
    """A command about to be given. `fixed` are the fields known already, `present` what an assessment starts from."""

    name: CommandName
    model: type[c.Command]
    at: Opened
    fixed: Mapping[str, str]
    present: Many | None
    survivors: tuple[Option, ...] = ()

    @property
    def draft(self) -> str:
        """What the browser calls the words while they are written."""
        return "/".join((self.at.incident.id, self.name, *self.fixed.values()))


@router.get("/do/{command}", response_class=HTMLResponse)
async def show_action(request: Request, parts: AppParts, visit: Visiting, incident: str, command: str) -> Response:
    name = _name(command)
    query = dict(request.query_params)
    at = await _open(parts, visit, incident)
    if name in _EDITOR:
        where = _EDITOR[name].format(release=query.get("release", ""))
        return RedirectResponse(f"/console/incidents/{at.incident.id}/releases/{where}", status_code=303)
    found = at.offered(name, query)
    if not found:
        return await _not_offered(request, parts, visit, at, name)
    if len({tuple(offer.body().items()) for offer in found}) > 1:
        return _which(request, visit, at, name, found)
    doing = await _doing(request, parts, visit, at, name, found[0].body())
    first = {shape.name: [query[shape.name]] for shape in shapes(doing.model) if shape.name in query}
    blocked = found[0].blocked
    failed = said(chosen(request), await refused(parts, blocked)) if blocked else None
    return _form(request, visit, doing, _starting(doing) | first, Answer(failed))


@router.post("/do/{command}")
async def act(request: Request, parts: AppParts, visit: Posting, incident: str, command: str) -> Response:
    name, posted = _name(command), given(await request.form())
    at = await _open(parts, visit, incident)
    fixed = {k: v for k in _fixable(name) if (v := (posted.get(k) or [""])[0])}
    doing = await _doing(request, parts, visit, at, name, fixed)
    try:
        asked = read(doing.model, posted, doing.present)
        if "preview" in posted or "hx-request" in request.headers:
            return await _foreseen(request, parts, visit, doing, posted, asked)
        done = await attempt(send(parts, visit.caller, at.incident, key_of(posted), asked), chosen(request))
    except Problem as problem:
        if problem.trouble is not Trouble.INVALID:
            raise
        return _form(request, visit, doing, posted, Answer(faults=problem.faults))
    if isinstance(done, Failure):
        # What it was refused for may be news: the page shows how things stand now.
        now = await _open(parts, visit, incident)
        doing = await _doing(request, parts, visit, now, name, fixed)
        return _form(request, visit, doing, posted, Answer.to(done))
    where = f"/console/incidents/{at.incident.id}" if at.readable else "/console/tasks"
    return RedirectResponse(f"{where}?{urlencode({'done': name, 'arrived': doing.draft})}", status_code=303)


def _name(command: str) -> CommandName:
    if command not in list(CommandName) or command not in BY_NAME:
        raise Problem(Trouble.NOT_FOUND)
    return CommandName(command)


def _fixable(name: CommandName) -> list[str]:
    """The fields of a command that an offer may bring."""
    brought = set(Offer.model_fields) - {"command", "blocked"}
    return [shape.name for shape in shapes(BY_NAME[name]) if shape.name in brought]


async def _open(parts: Parts, visit: Visit, incident: str) -> Opened:
    now = await parts.clock.now()
    async with parts.sessions() as session:
        return await opened(session, visit.caller, incident, now)


async def _doing(
    request: Request, parts: Parts, visit: Visit, at: Opened, name: CommandName, fixed: Mapping[str, str]
) -> _Doing:
    present: Many | None = None
    others: tuple[Option, ...] = ()
    if name is CommandName.ASSESS:
        present = written(c.Assess, _assessed(at))
    if name is CommandName.MERGE_INTO:
        looked_for = request.query_params.get("q", "")[:100]
        async with parts.sessions() as session:
            others = await survivors(session, visit.caller, at.incident, looked_for, at.now, chosen(request))
    # A decision offered on a step comes with its unit only where the model asks for it.
    known = {k: v for k, v in fixed.items() if k in _fixable(name)}
    return _Doing(name, BY_NAME[name], at, known, present, others)


def _assessed(at: Opened) -> dict[str, Any]:
    """An assessment that would change nothing."""
    incident = at.incident
    kept = {field: getattr(incident, field) for field in c.Assess.model_fields if hasattr(incident, field)}
    return kept | {"lead": incident.designated, "respond": True}


def _starting(doing: _Doing) -> dict[str, list[str]]:
    """The form as it is opened: present values, or the model's own, and what is known."""
    if doing.present is not None:
        return {name: list(values) for name, values in doing.present.items()}
    infos = doing.model.model_fields.items()
    body: dict[str, Any] = {name: info.get_default() for name, info in infos if not info.is_required()}
    planned = next((one for one in doing.at.incident.conferences if one.id == doing.fixed.get("conference")), None)
    if doing.name is CommandName.RECORD_CONFERENCE and planned:
        begun = {"held_at": planned.at} if planned.at and planned.at <= doing.at.now else {}
        body |= {"form": planned.form, "attendees": planned.attendees, **begun}
    known = doing.at.incident.restriction
    if doing.name is CommandName.RESTRICT_INCIDENT and known:
        body |= {"units": known.units, "officers": known.officers}
    return written(doing.model, body | dict(doing.fixed))


def _form(
    request: Request, visit: Visit, doing: _Doing, values: Many, answer: Answer, forecast: Forecast | None = None
) -> HTMLResponse:
    language = chosen(request)
    options = doing.at.options(visit.caller, language)
    if doing.name is CommandName.MERGE_INTO:
        options["survivor"] = doing.survivors
    form = make(
        doing.model, language, values, about=doing.name, options=options, fixed=doing.fixed, faults=answer.faults
    )
    form = answer.keyed(form, values)
    shown = _shown(request, doing.at, doing.name) | {
        "form": form,
        "sections": layouts.sections(doing.name, tuple(form.fields)),
        "guide": layouts.GUIDES.get(doing.name, ()),
        "weighty": doing.name in layouts.WEIGHTY,
        "matters": doing.at.matters(doing.fixed, language),
        "answer": answer,
        "forecast": forecast or (Forecast.of(doing.at.incident, language) if doing.present is not None else None),
        "foreseen": forecast is not None,
        "draft": doing.draft,
        "previews": doing.name is CommandName.ASSESS,
        "looked_for": request.query_params.get("q", ""),
    }
    if "hx-request" in request.headers:
        return part(request, visit, _PAGE, _FORESEEN, **shown)
    return page(request, visit, _PAGE, answer.status, **shown)


def _shown(request: Request, at: Opened, name: CommandName) -> dict[str, Any]:
    language = chosen(request)
    return {"at": at, "incident": at.incident, "name": name, "heading": label(name, language)}


async def _foreseen(
    request: Request, parts: Parts, visit: Visit, doing: _Doing, posted: Many, asked: c.Command
) -> HTMLResponse:
    """The same form, with what it would bring about."""
    caller, incident = visit.caller, doing.at.incident
    outcome = foresee(incident, asked, caller.actor, caller.roster, doing.at.now)
    if isinstance(outcome, RefusalRecord):
        return _form(request, visit, doing, posted, Answer(said(chosen(request), await refused(parts, outcome))))
    return _form(request, visit, doing, posted, Answer(), Forecast.of(outcome, chosen(request)))


async def _not_offered(request: Request, parts: Parts, visit: Visit, at: Opened, name: CommandName) -> HTMLResponse:
    """The sentence that says why; where nothing stands against it, that there is nothing to do."""
    record = why_not(at.incident, visit.caller.actor, name)
    language = chosen(request)
    nothing = Saying(409, say(language)("现在无须办理"), say(language)("目前没有需要这样办理的事项，或已由他人办理。"))
    reason = said(language, await refused(parts, record)) if record else nothing
    return page(request, visit, "not_offered.html", reason.status, reason=reason, **_shown(request, at, name))


def _which(request: Request, visit: Visit, at: Opened, name: CommandName, found: list[Offer]) -> HTMLResponse:
    """Several things it could be about: each with its own address."""
    language = chosen(request)
    kinds = [(urlencode(offer.body()), at.matters(offer.body(), language), offer) for offer in found]
    return page(request, visit, "which.html", choices=kinds, **_shown(request, at, name))
