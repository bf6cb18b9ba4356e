"""Gives the words of a form back whose session was over when it arrived: nobody writes a report twice.

Whoever signs in on the page that holds them is shown what would be sent, and sends it with a token of their own.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, cast
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel
from starlette.datastructures import FormData, UploadFile

from api import sessions
from api.auth import known
from api.console import wording
from api.console.forms import Kind, Shape, shapes
from api.console.language import chosen
from api.console.rendering import page
from api.console.session import PASSWORD, Interrupted, Visit, page_after
from api.console.signing_in import SignedIn, sign_in
from api.drafts import Draft
from api.parts import AppParts, Parts
from domain.commands import COMMANDS
from domain.labels import label
from domain.refusals import Language

router = APIRouter(prefix="/console", include_in_schema=False)

_FORMS = {"report": "submit", "new": "draft", "edit": "draft"}
"""What a form is about whose address does not end with its command."""
_KEPT = "kept."
"""Before the names of a form's own fields, where they travel beside a name and a password."""


class Piece(NamedTuple):
    """A field of the form that was interrupted, as it came."""

    name: str
    value: str


class Shown(NamedTuple):
    """The same for its reader."""

    label: str
    value: str


async def on_interrupted(request: Request, error: Exception) -> Response:
    """The form's words, to be sent again. A script that asked for a part of a page hears only that it may not."""
    visit = cast("Interrupted", error).visit
    if "hx-request" in request.headers:
        return Response(status_code=401)
    posted = await request.form()
    pieces = [Piece(name, v) for name, v in posted.multi_items() if isinstance(v, str) and name != "csrf"]
    to = page_after(f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path)
    files = any(isinstance(value, UploadFile) and value.filename for value in posted.values())
    await request.close()
    if visit is None:
        return _expired(request, to, pieces, files=files)
    return _confirmed(request, visit, to, pieces, 403, files=files)


@router.post("/resume")
async def resume(request: Request, parts: AppParts) -> Response:
    """Sign in with the words of a form at hand, and be asked whether to send them."""
    sessions.check_origin(request)
    posted = await request.form()
    to, files = page_after(_one(posted, "to")), bool(_one(posted, "files"))
    named = ((name, v) for name, v in posted.multi_items() if isinstance(v, str) and name.startswith(_KEPT))
    pieces = [Piece(name.removeprefix(_KEPT), value) for name, value in named]
    signed_in = await sign_in(request, parts, _one(posted, "name"), _one(posted, "password"))
    if signed_in is None:
        return _expired(request, to, pieces, files=files, failed=True)
    if signed_in.must_change:
        response: Response = RedirectResponse(PASSWORD, status_code=303)
    else:
        response = _confirmed(request, await _visit(parts, signed_in), to, pieces, 200, files=files)
    signed_in.set_cookies(response, parts)
    return response


async def _visit(parts: Parts, signed_in: SignedIn) -> Visit:
    session = await sessions.session_with(parts, signed_in.session)
    if session is None:
        raise Interrupted(None)
    caller = await known(parts, session.officer, session.means)
    return Visit(caller, sessions.csrf_token(signed_in.session), session)


def _one(posted: FormData, name: str) -> str:
    value = posted.get(name)
    return value if isinstance(value, str) else ""


def _expired(request: Request, to: str, pieces: list[Piece], *, files: bool, failed: bool = False) -> HTMLResponse:
    shown = {"to": to, "pieces": pieces, "kept": _KEPT, "files": files, "failed": failed}
    return page(request, None, "expired.html", 401, **shown)


def _confirmed(
    request: Request, visit: Visit, to: str, pieces: list[Piece], status: int, *, files: bool
) -> HTMLResponse:
    words = list(_words(pieces, to, visit, chosen(request)))
    return page(request, visit, "resume.html", status, to=to, pieces=pieces, words=words, files=files)


def _words(pieces: list[Piece], to: str, visit: Visit, language: Language) -> Iterator[Shown]:
    """What stands in the form, with names in place of codes; what nobody wrote or chose is left out."""
    county, last = visit.caller.county, urlsplit(to).path.rpartition("/")[2]
    form = _FORMS.get(last, last)
    names: dict[str, str] = {unit.id: unit.name for unit in county.units}
    names |= {one.id: one.name for one in county.officers}
    for name, value in pieces:
        about = name.partition(".")[0]
        found = _SHAPES.get(about, [])
        if not value.strip() or not found:
            continue
        words = wording.translated(wording.common(about, form), language)
        yield Shown(words.label, _word(found, value, words, names, language))


def _word(found: list[Shape], value: str, words: wording.Wording, names: Mapping[str, str], language: Language) -> str:
    for shape in found:
        if shape.kind is Kind.FLAG and value in ("true", "false"):
            return words.yes if value == "true" else words.no
        if shape.words and value in list(shape.words):
            return label(shape.words(value), language)
    return names.get(value, value.replace("T", " ") if found[0].kind is Kind.INSTANT else value)


def _all_shapes() -> dict[str, list[Shape]]:
    found: dict[str, list[Shape]] = {}
    models: tuple[type[BaseModel], ...] = (*COMMANDS.values(), Draft)
    for model in models:
        for shape in shapes(model):
            if shape.name not in ("digest", "release"):
                found.setdefault(shape.name, []).append(shape)
    return found


_SHAPES = _all_shapes()
"""The fields that any form may have, by name."""
