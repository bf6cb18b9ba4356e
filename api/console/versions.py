"""The versions of a release, and what changed from one to another."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.console.difference import difference
from api.console.readable import readable
from api.console.rendering import page
from api.console.session import Visiting
from api.parts import AppParts
from api.problems import Problem, Trouble
from db import reads, texts
from domain.releases import Document, Release
from domain.vocabulary import IncidentId, ReadName, ReleaseId

router = APIRouter(prefix="/console/incidents/{incident}/releases/{release}/versions", include_in_schema=False)


@router.get("", response_class=HTMLResponse)
async def show_versions(request: Request, parts: AppParts, visit: Visiting, incident: str, release: str) -> Response:
    async with parts.sessions() as session:
        found = await readable(session, visit.caller, incident, ReadName.RELEASE, release)
        one = found.releases.get(ReleaseId(release))
        if one is None:
            raise Problem(Trouble.NOT_FOUND)
        words = await texts.read(session, found.id, {version.digest for version in one.versions})
        title = await reads.title(session, IncidentId(found.id))
    documents = {v.number: texts.read_document(words.get(v.digest)) for v in one.versions}
    newer = _number(request, "to", one, one.version.number)
    older = _number(request, "from", one, max(1, newer - 1))
    old, new = documents[older], documents[newer]
    shown: dict[str, Any] = {
        "incident": found,
        "incident_title": title or found.number,
        "release": one,
        "versions": tuple(reversed(one.versions)),
        "older": older,
        "newer": newer,
        "changes": difference(_whole(old), _whole(new)) if old and new and older != newer else (),
        "document": new,
    }
    return page(request, visit, "versions.html", **shown)


def _number(request: Request, name: str, release: Release, otherwise: int) -> int:
    """A version named in the address, if there is such a one."""
    asked = request.query_params.get(name, "")
    numbers = {str(version.number): version.number for version in release.versions}
    return numbers.get(asked, otherwise)


def _whole(document: Document) -> str:
    return f"{document.title}\n\n{document.body}"
