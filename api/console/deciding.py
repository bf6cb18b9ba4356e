"""A release as whoever decides on it reads it: its words, what has changed, the agreed figures; and the decision."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import Caller
from api.console import choices, forms, layouts
from api.console.difference import Piece, difference
from api.console.forms import Form
from api.console.language import chosen
from api.console.readable import readable
from api.console.rendering import page
from api.console.sending import Failure, attempt, key_of, send
from api.console.session import Posting, Visit, Visiting
from api.parts import AppParts, Parts
from api.problems import Fault, Problem, Trouble
from api.views.attachment import AttachmentShown
from api.views.proceedings import FigureShown, references_of
from api.views.release import ReleaseShown
from db import attachments, reads, texts
from domain.commands import COMMANDS
from domain.incident import Incident
from domain.offering import Offer, offers
from domain.refusals import Language
from domain.releases import Document, Release
from domain.standing import may_read_words
from domain.vocabulary import CommandName, ReadName, ReleaseId, StepKind

router = APIRouter(prefix="/console/tasks/{incident}/{release}", include_in_schema=False)

DECISIONS = (CommandName.APPROVE, CommandName.RETURN_RELEASE, CommandName.REVIEW_CONFIDENTIALITY)
_FIXED = ("release", "step", "digest")


@dataclass(frozen=True)
class Manuscript:
    """A release with its words: of the current version, and how they differ from those of the one before."""

    incident: Incident
    release: Release
    title: str | None
    document: Document | None
    before: int | None
    """The number of the version compared with; None for a first one."""
    changes: tuple[Piece, ...]
    files: tuple[AttachmentShown, ...]
    figures: tuple[FigureShown, ...]


@router.get("", response_class=HTMLResponse)
async def show_release(
    request: Request, parts: AppParts, visit: Visiting, incident: str, release: str, step: Annotated[str, Query()] = ""
) -> Response:
    return await _page(request, parts, visit, incident, release, step)


@router.post("/{command}")
async def decide(
    request: Request, parts: AppParts, visit: Posting, incident: str, release: str, command: str
) -> Response:
    """Send the decision; where nothing came of it, the page again with the words kept, and with why."""
    if command not in list(DECISIONS):
        raise Problem(Trouble.NOT_FOUND)
    name, language = CommandName(command), chosen(request)
    async with parts.sessions() as session:
        found = await readable(session, visit.caller, incident, ReadName.RELEASE, release)
    posted = forms.given(await request.form())
    step = next(iter(posted.get("step", ())), "")
    model, key = COMMANDS[name], key_of(posted)
    try:
        wanted = forms.read(model, {**posted, "release": [release]})
        outcome = await attempt(send(parts, visit.caller, found, key, wanted), language)
    except Problem as problem:
        if problem.trouble is not Trouble.INVALID:
            raise
        faulty = _Answered(name, posted, key, faults=problem.faults)
        return await _page(request, parts, visit, incident, release, step, faulty)
    if isinstance(outcome, Failure):
        return await _page(request, parts, visit, incident, release, step, _Answered(name, posted, key, outcome))
    query = urlencode({"done": name, "incident": found.id, "arrived": f"{release}/{name}"})
    return RedirectResponse(f"/console/tasks?{query}", status_code=303)


@dataclass(frozen=True)
class _Answered:
    """A form that was sent in vain, with what was wrong with it."""

    command: CommandName
    posted: forms.Many
    key: str
    failure: Failure | None = None
    faults: tuple[Fault, ...] = ()

    @property
    def status(self) -> int:
        return self.failure.said.status if self.failure else 422


async def _page(
    request: Request,
    parts: Parts,
    visit: Visit,
    incident: str,
    release: str,
    step: str,
    answered: _Answered | None = None,
) -> Response:
    caller, language, now = visit.caller, chosen(request), await parts.clock.now()
    async with parts.sessions() as session:
        found = await readable(session, caller, incident, ReadName.RELEASE, release)
        if ReleaseId(release) not in found.releases:
            raise Problem(Trouble.NOT_FOUND)
        manuscript = await _manuscript(session, parts, caller, found, found.releases[ReleaseId(release)])
    mine = [
        offer
        for offer in offers(found, caller.actor, caller.roster, now)
        if offer.release == release and offer.command in DECISIONS
    ]
    kind = _step(mine, step)
    shown = {offer.command: _form(offer, caller, language, answered) for offer in mine if _of(offer) == kind}
    return page(
        request,
        visit,
        "deciding.html",
        answered.status if answered else 200,
        manuscript=manuscript,
        release=ReleaseShown.of(manuscript.release, found, caller.roster),
        forms=shown,
        step=kind,
        sections=layouts.sections,
        answered=answered,
        may_revise=any(
            offer.command is CommandName.REVISE_RELEASE and offer.release == release
            for offer in offers(found, caller.actor, caller.roster, now)
        ),
        now=now,
    )


async def _manuscript(
    session: AsyncSession, parts: Parts, caller: Caller, incident: Incident, release: Release
) -> Manuscript:
    version = release.version
    earlier = release.versions[-2] if len(release.versions) > 1 else None
    document = await texts.document(session, incident.id, version.digest)
    old = await texts.document(session, incident.id, earlier.digest) if earlier else None
    known = await attachments.find(session, incident.id, version.attachments)
    words = await texts.read(session, incident.id, references_of(incident.figures))
    worded = may_read_words(caller.actor, incident, caller.roster)
    now = await parts.clock.now()
    return Manuscript(
        incident=incident,
        release=release,
        title=await reads.title(session, incident.id) if worded else None,
        document=document,
        before=earlier.number if earlier and old else None,
        changes=difference(_whole(old), _whole(document)) if old and document else (),
        files=tuple(AttachmentShown.of(known[digest]) for digest in version.attachments if digest in known),
        figures=tuple(FigureShown.of(figure, words, now) for figure in incident.figures),
    )


def _whole(document: Document) -> str:
    return f"{document.title}\n\n{document.body}"


def _of(offer: Offer) -> StepKind:
    return offer.step or StepKind.CONFIDENTIALITY


def _step(mine: list[Offer], wanted: str) -> StepKind | None:
    """The step to decide on: the one asked for, if it is the visitor's; else their first."""
    kinds = [_of(offer) for offer in mine]
    return next((kind for kind in kinds if kind == wanted), kinds[0] if kinds else None)


def _form(offer: Offer, caller: Caller, language: Language, answered: _Answered | None) -> Form:
    """What was written into it stays there. It decides on the version on show, whatever it was about before."""
    again = answered is not None and answered.command is offer.command
    fixed = {name: [value] for name, value in offer.body().items() if name in _FIXED}
    values = {**(answered.posted if answered and again else {}), **fixed}
    made = forms.make(
        COMMANDS[offer.command],
        language,
        values,
        about=offer.command,
        options={"originator": choices.units(caller.county)},
        fixed=_FIXED,
        faults=answered.faults if answered and again else (),
    )
    if answered and again and answered.failure:
        return answered.failure.carried_by(made, answered.key)
    return made
