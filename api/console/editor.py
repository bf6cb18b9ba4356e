"""Writes a release: its words, what it will look like on each channel, the files beside it, in one form."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from api.console.enclosures import Kept, files_of, keep_all
from api.console.forms import Many, given, make, read, written
from api.console.language import chosen
from api.console.opened import Opened, opened
from api.console.outlook import outlooks, unfilled
from api.console.rendering import page, part, say
from api.console.sending import NOTHING, Answer, Failure, attempt, key_of
from api.console.session import Posting, Visit, Visiting
from api.drafts import Draft
from api.errands import refused
from api.parts import AppParts, Parts
from api.problems import Problem, Saying, Trouble, said
from api.reading import Target
from api.routes.releases import found_release, write_version
from db import attachments, templates
from db.attachments import Stored
from domain.offering import why_not
from domain.permissions import seat_for
from domain.releases import Document, Release
from domain.vocabulary import Channel, CommandName, Digest, ReleaseId, ReleaseKind

router = APIRouter(prefix="/console/incidents/{incident}/releases", include_in_schema=False)

_PAGE = "editor.html"
_ORDER = "order."
"""Before the digest of a file: its place among the attachments; empty for one that is left out."""
_NOT_YET = ReleaseId("0" * 16)
_BESIDE_THE_WORDS = ("interpreters", "experts")
"""Told once, when the release is founded."""


@dataclass(frozen=True)
class _Desk:
    """The incident, the release that is revised (None: a new one), and every file the incident has."""

    at: Opened
    release: Release | None
    files: Sequence[Stored]
    kept: Sequence[Kept] = ()
    """What has just been uploaded, or could not be."""

    @property
    def draft(self) -> str:
        about = f"{self.release.id}/{self.release.version.number}" if self.release else "new"
        return f"{self.at.incident.id}/release/{about}"

    @property
    def fixed(self) -> tuple[str, ...]:
        return ("kind", "corrects", *_BESIDE_THE_WORDS) if self.release else ()


@router.get("/new", response_class=HTMLResponse)
async def show_new(request: Request, parts: AppParts, visit: Visiting, incident: str) -> Response:
    desk = await _desk(parts, visit, incident, None)
    if (closed := await _closed(request, parts, visit, desk)) is not None:
        return closed
    kind = _kind(request.query_params.get("kind", ""), desk)
    corrects = request.query_params.get("corrects", "")
    values = await _begun(parts, desk, kind) | {"corrects": [corrects] if corrects else []}
    return await _page(request, parts, visit, desk, values)


@router.post("/new")
async def found(request: Request, parts: AppParts, visit: Posting, incident: str) -> Response:
    desk = await _desk(parts, visit, incident, None)
    return await _written(request, parts, visit, desk, await request.form())


@router.get("/{release}/edit", response_class=HTMLResponse)
async def show_edit(request: Request, parts: AppParts, visit: Visiting, incident: str, release: str) -> Response:
    desk = await _desk(parts, visit, incident, release)
    if (closed := await _closed(request, parts, visit, desk)) is not None:
        return closed
    return await _page(request, parts, visit, desk, _present(desk))


@router.post("/{release}/edit")
async def revise(request: Request, parts: AppParts, visit: Posting, incident: str, release: str) -> Response:
    desk = await _desk(parts, visit, incident, release)
    return await _written(request, parts, visit, desk, await request.form())


async def _desk(parts: Parts, visit: Visit, incident: str, release: str | None) -> _Desk:
    """Raises Problem NOT_FOUND for what is not there or not theirs to read."""
    now = await parts.clock.now()
    async with parts.sessions() as session:
        at = await opened(session, visit.caller, incident, now)
        found = at.incident.releases.get(ReleaseId(release)) if release else None
        if not at.readable or (release and (found is None or found.id not in at.documents)):
            raise Problem(Trouble.NOT_FOUND)
        return _Desk(at, found, await attachments.of_incident(session, at.incident.id))


async def _again(parts: Parts, visit: Visit, desk: _Desk) -> _Desk:
    """As things stand now."""
    return await _desk(parts, visit, desk.at.incident.id, desk.release.id if desk.release else None)


async def _closed(request: Request, parts: Parts, visit: Visit, desk: _Desk) -> Response | None:
    """The page that shows the words only, where they cannot be written now; None where they can."""
    name = CommandName.REVISE_RELEASE if desk.release else CommandName.DRAFT_RELEASE
    wanted = {"release": desk.release.id} if desk.release else {}
    if desk.at.offered(name, wanted):
        return None
    language = chosen(request)
    record = why_not(desk.at.incident, visit.caller.actor, name)
    if record is not None:
        reason = said(language, await refused(parts, record))
    else:
        frozen = say(language)("稿件已进入发布或已公开，文字不能再改；如有错误，请另发更正。")
        reason = Saying(409, say(language)("不能修改"), frozen)
    shown: dict[str, Any] = {
        "at": desk.at,
        "incident": desk.at.incident,
        "reason": reason,
        "release": desk.release,
        "document": desk.at.documents.get(desk.release.id) if desk.release else None,
        "may_correct": bool(desk.release and desk.release.receipts and desk.at.offered(CommandName.DRAFT_RELEASE, {})),
    }
    return page(request, visit, "frozen.html", reason.status, **shown)


def _kind(wanted: str, desk: _Desk) -> ReleaseKind:
    """The kind asked for; else the first release of a round, then updates."""
    if wanted in list(ReleaseKind):
        return ReleaseKind(wanted)
    begun = any(not release.cancelled for release in desk.at.incident.this_round())
    return ReleaseKind.UPDATE if begun else ReleaseKind.FIRST


async def _begun(parts: Parts, desk: _Desk, kind: ReleaseKind) -> dict[str, list[str]]:
    """What a release of the kind begins with: the template in force, on every channel of the county."""
    async with parts.sessions() as session:
        saved = (await templates.in_force(session)).get(kind)
    title, body = saved.template.about(desk.at.title) if saved else ("", "")
    return written(Draft, {"kind": kind, "title": title, "body": body, "channels": desk.at.incident.policy.channels})


def _present(desk: _Desk) -> dict[str, list[str]]:
    """The current version in the form."""
    if desk.release is None:
        return {}
    document = desk.at.documents[desk.release.id]
    values = written(Draft, {name: getattr(document, name, None) for name in Draft.model_fields})
    return values | {f"{_ORDER}{d}": [str(n)] for n, d in enumerate(document.attachments, 1)}


async def _written(request: Request, parts: Parts, visit: Visit, desk: _Desk, posted: FormData) -> Response:
    values, language, caller = given(posted), chosen(request), visit.caller
    key = key_of(values)
    kept = await keep_all(parts, caller, desk.at.incident, key, files_of(posted), language)
    if kept:
        desk = replace(await _again(parts, visit, desk), kept=kept)
    values |= _enclosed(values, kept)
    if "template" in values:
        begun = await _begun(parts, desk, _kind((values.get("kind") or [""])[0], desk))
        return await _page(request, parts, visit, desk, values | {name: begun[name] for name in ("title", "body")})
    if "preview" in values or "hx-request" in request.headers or any(one.why_not for one in kept):
        return await _page(request, parts, visit, desk, values, shown_again=True)
    try:
        draft = read(Draft, values)
        done = await attempt(_send(parts, visit, desk, key, values, draft), language)
    except Problem as problem:
        if problem.trouble is not Trouble.INVALID:
            raise
        return await _page(request, parts, visit, desk, values, Answer(faults=problem.faults))
    if isinstance(done, Failure):
        again = replace(await _again(parts, visit, desk), kept=kept)
        return await _page(request, parts, visit, again, values, Answer.to(done))
    query = urlencode({"done": _name(desk), "arrived": desk.draft})
    return RedirectResponse(f"/console/incidents/{desk.at.incident.id}?{query}#release-{done}", status_code=303)


def _name(desk: _Desk) -> CommandName:
    return CommandName.REVISE_RELEASE if desk.release else CommandName.DRAFT_RELEASE


async def _send(parts: Parts, visit: Visit, desk: _Desk, key: str, values: Many, draft: Draft) -> ReleaseId:
    """Found the release, or write the version that follows the one the form was opened on."""
    if desk.release is None:
        release, _ = await found_release(parts, visit.caller, Target(desk.at.incident, matches=True), key, draft)
        return release
    seen = (values.get("seen") or [""])[0]
    target = Target(desk.at.incident, matches=seen in ("", desk.release.version.digest))
    return await write_version(parts, visit.caller, target, desk.release.id, key, draft)


def _enclosed(values: Many, kept: Sequence[Kept]) -> dict[str, list[str]]:
    """The attachments in the order of their numbers, what has just come last; as numbers anew."""
    numbered = [
        (_number(one[0]), name.removeprefix(_ORDER))
        for name, one in values.items()
        if name.startswith(_ORDER) and one and one[0].strip()
    ]
    digests = [digest for _, digest in sorted(numbered, key=lambda pair: pair[0])]
    digests += [one.digest for one in kept if one.digest]
    ordered = list(dict.fromkeys(digests))
    return {"attachments": ordered} | {f"{_ORDER}{digest}": [str(n)] for n, digest in enumerate(ordered, 1)}


def _number(given_: str) -> float:
    return float(given_) if given_.strip().isdecimal() else float("inf")


async def _page(
    request: Request,
    parts: Parts,
    visit: Visit,
    desk: _Desk,
    values: Many,
    answer: Answer = NOTHING,
    *,
    shown_again: bool = False,
) -> HTMLResponse:
    language, incident = chosen(request), desk.at.incident
    options = desk.at.options(visit.caller, language) | {"attachments": ()}
    form = make(Draft, language, values, about="draft", options=options, fixed=desk.fixed, faults=answer.faults)
    form = answer.keyed(form, values)
    document = _document(desk, values)
    seat = seat_for(_name(desk), visit.caller.actor, incident)
    url = f"{parts.settings.public_url}/public/releases/{desk.release.id if desk.release else '…'}"
    shown: dict[str, Any] = {
        "at": desk.at,
        "incident": incident,
        "form": form,
        "release": desk.release,
        "files": _in_order(desk, values),
        "numbers": {name.removeprefix(_ORDER): one[0] for name, one in values.items() if name.startswith(_ORDER)},
        "figures": [(one, desk.at.words.get(one.text, "")) for one in incident.figures if one.holds(desk.at.now)],
        "document": document,
        "outlooks": outlooks(document, seat.unit if seat else incident.route.lead, url, drill=incident.drill),
        "unfilled": unfilled(document),
        "unit_of": seat.unit if seat else incident.route.lead,
        "answer": answer,
        "lost": [one for one in desk.kept if one.why_not],
        "answered": bool(answer.faults or answer.failure or shown_again or "template" in values),
        "draft": desk.draft,
        "attached": [file for file in _in_order(desk, values) if file.attachment.digest in document.attachments],
    }
    if "hx-request" in request.headers:
        return part(request, visit, _PAGE, "outlook", **shown)
    return page(request, visit, _PAGE, answer.status, **shown)


def _document(desk: _Desk, values: Many) -> Document:
    """The words as far as they are written."""
    one = {name: (values.get(name) or [""])[0] for name in ("kind", "title", "body")}
    known = {stored.attachment.digest for stored in desk.files}
    return Document(
        incident=desk.at.incident.id,
        release=desk.release.id if desk.release else _NOT_YET,
        kind=_kind(one["kind"], desk),
        title=one["title"],
        body=one["body"].replace("\r\n", "\n"),
        channels=tuple(c for c in Channel if c in values.get("channels", ())),
        attachments=tuple(Digest(d) for d in _attachments(values) if d in known),
    )


def _attachments(values: Many) -> Sequence[str]:
    return values.get("attachments") or _enclosed(values, ())["attachments"]


def _in_order(desk: _Desk, values: Many) -> list[Stored]:
    """Those that are attached in their order, then the others."""
    places = {digest: place for place, digest in enumerate(_attachments(values))}
    return sorted(desk.files, key=lambda stored: places.get(stored.attachment.digest, len(places)))
