"""通知方式: where notices to oneself and one's unit are sent, in the order of trying."""

import json
from collections.abc import Iterable

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api import addresses
from api.bodies import parse
from api.console.forms import Option, given
from api.console.language import chosen
from api.console.rendering import page
from api.console.session import Posting, Visit, Visiting
from api.parts import AppParts, Reading
from api.problems import Fault, Problem
from api.routes.notices import Addresses
from domain.labels import label
from domain.refusals import Language
from domain.vocabulary import Means

router = APIRouter(prefix="/console/registers/contacts", include_in_schema=False)

MOST = 6
_FIELDS = ("means", "address", "to")


@router.get("/{owner}", response_class=HTMLResponse)
async def show_addresses(request: Request, visit: Visiting, session: Reading, owner: str) -> HTMLResponse:
    kept = await addresses.read(session, visit.caller, owner)
    return _page(request, visit, owner, [one.model_dump(mode="json") for one in kept])


@router.post("/{owner}")
async def save_addresses(request: Request, parts: AppParts, visit: Posting, owner: str) -> Response:
    posted = given(await request.form())
    lines = [dict(zip(_FIELDS, line, strict=True)) for line in zip(*(posted.get(f, []) for f in _FIELDS), strict=False)]
    filled = [line | {"address": line["address"].strip()} for line in lines if line["address"].strip()]
    try:
        body = parse(Addresses, json.dumps({"contacts": filled}).encode())
    except Problem as wrong:
        return _page(request, visit, owner, filled, wrong)
    await addresses.save(parts, visit.caller, owner, body.contacts)
    return RedirectResponse(f"/console/registers/contacts/{owner}?saved=1", status_code=303)


def _page(
    request: Request, visit: Visit, owner: str, lines: list[dict[str, str]], wrong: Problem | None = None
) -> HTMLResponse:
    language = chosen(request)
    means = [Option(one.value, label(one, language)) for one in Means]
    empty = {"means": "", "address": "", "to": "person"}
    shown = [*lines, *([empty] * (MOST - len(lines)))]
    faults = _by_line(wrong.faults, language) if wrong else {}
    is_unit = any(unit.id == owner for unit in visit.caller.county.units)
    return page(
        request,
        visit,
        "contacts.html",
        422 if wrong else 200,
        owner=owner,
        is_unit=is_unit,
        lines=list(enumerate(shown)),
        means=means,
        faults=faults,
        saved="saved" in request.query_params,
    )


def _by_line(faults: Iterable[Fault], language: Language) -> dict[int, str]:
    """What is wrong with each line: paths are `contacts.0.address`."""
    found: dict[int, str] = {}
    for path, message in faults:
        place = path.split(".")[1:2]
        found[int(place[0]) if place and place[0].isdecimal() else 0] = message[language is Language.EN]
    return found
