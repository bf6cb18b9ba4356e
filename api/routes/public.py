"""The county's bulletin: what anybody may read, without a login."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, TypeAdapter

from api import documentation, feeds, pages
from api.files import serve
from api.paging import Cursor, cursor_of, position_of
from api.parts import AppParts, Parts, Reading
from api.problems import Problem, Trouble
from api.threads import standing_instead
from db import anchors, reads
from domain.commands import Hex64
from domain.instants import Instant
from domain.vocabulary import Digest

router = APIRouter(prefix="/public", tags=["public"])

PAGE = 30
# What a digest stands for never changes; whether it is public may, and then soon everywhere.
_KEPT_BY_READERS = {"Cache-Control": "public, max-age=300, immutable"}
_ATOM, _JSON_FEED = "application/atom+xml", "application/feed+json"
_FEED_SHOWN = {"description": "JSON Feed 1.1", "content": {_JSON_FEED: {"schema": {"type": "object"}}}}
_DIGEST = re.compile(r"^[0-9a-f]{64}$")
_POSITION = TypeAdapter(tuple[Instant, Hex64])


class PublicPage(BaseModel):
    model_config = ConfigDict(extra="forbid")

    cursor: Cursor = None


@router.get("", response_class=HTMLResponse, responses=documentation.public(Trouble.INVALID))
async def show_bulletin(parts: AppParts, session: Reading, page: Annotated[PublicPage, Query()]) -> HTMLResponse:
    """Releases, the newest first; drills, where they are shown at all, apart and marked."""
    place = _place(page.cursor)
    found = await reads.bulletin(session, drill=False, before=place, limit=PAGE + 1)
    releases, more = found[:PAGE], len(found) > PAGE
    drills = await reads.bulletin(session, drill=True, limit=PAGE) if parts.settings.show_drills and not place else []
    cursor = cursor_of(*releases[-1].place) if more else None
    county = await parts.directory.county(session, await parts.clock.now())
    return pages.page("index.html", county=county.name, releases=releases, drills=drills, next=cursor)


@router.get("/releases/{digest}", response_class=HTMLResponse, responses=documentation.public(Trouble.NOT_FOUND))
async def show_release(request: Request, parts: AppParts, session: Reading, digest: str) -> HTMLResponse:
    """One release with its fingerprint."""
    release = await _find(parts, session, digest)
    county = (await parts.directory.county(session, await parts.clock.now())).name
    if release is None:
        return _not_found(request, county)
    thread = await reads.bulletin_thread(session, release.incident)
    instead = standing_instead(release, thread)
    anchor = await anchors.of_release(session, release.incident, release.digest)
    base, place = parts.settings.public_url, cursor_of(anchor.number + 1) if anchor else None
    beside: dict[str, Any] = {"thread": thread, "instead": instead, "anchor": anchor, "place": place, "base": base}
    return pages.page("release.html", county=county, release=release, **beside)


@router.get("/threads/{digest}", response_class=HTMLResponse, responses=documentation.public(Trouble.NOT_FOUND))
async def show_thread(request: Request, parts: AppParts, session: Reading, digest: str) -> HTMLResponse:
    """All releases about one matter, from the first to the result; found by the first one's fingerprint."""
    release = await _find(parts, session, digest)
    county = (await parts.directory.county(session, await parts.clock.now())).name
    if release is None or release.thread != digest:
        return _not_found(request, county)
    thread = await reads.bulletin_thread(session, release.incident)
    instead = {one.digest: standing_instead(one, thread) for one in thread}
    return pages.page("thread.html", county=county, thread=thread, first=release, instead=instead)


@router.get("/releases/{digest}/document", responses=documentation.public(Trouble.NOT_FOUND))
async def read_document(parts: AppParts, session: Reading, digest: str) -> Response:
    """The release as it was hashed, byte for byte: its SHA-256 is its fingerprint."""
    release = await _find(parts, session, digest)
    if release is None or release.document is None or release.withdrawn_at is not None:
        raise Problem(Trouble.NOT_FOUND)
    return Response(release.document.canonical(), media_type="application/json")


@router.get(
    "/attachments/{digest}",
    response_class=Response,
    responses=documentation.public(Trouble.NOT_FOUND, Trouble.NO_SUCH_RANGE, Trouble.STORE_AWAY)
    | {200: documentation.FILE, 206: documentation.FILE},
)
async def read_attachment(request: Request, parts: AppParts, digest: str) -> Response:
    """A file, as long as a public release shows it: its SHA-256 is its address."""
    # No session is held while the file is on its way.
    async with parts.sessions() as session:
        shows = parts.settings.show_drills
        found = await reads.releases_showing(session, Digest(digest), drills=shows) if _DIGEST.match(digest) else []
    for release in found[:1]:
        file = next(file for file in release.attachments if file.digest == digest)
        return await serve(request, parts.store, release.incident, file, _KEPT_BY_READERS)
    raise Problem(Trouble.NOT_FOUND)


@router.get(
    "/feed.atom",
    response_class=Response,
    responses=documentation.public() | {200: documentation.file(_ATOM, "<feed…")},
)
async def read_atom(parts: AppParts, session: Reading) -> Response:
    """The latest releases, corrections and withdrawals as Atom."""
    county, releases = (
        await parts.directory.county(session, await parts.clock.now()),
        await reads.bulletin_changes(session, limit=PAGE),
    )
    return Response(feeds.atom(releases, county.name, parts.settings.public_url), media_type=_ATOM)


@router.get(
    "/feed.json",
    response_class=Response,
    responses=documentation.public() | {200: _FEED_SHOWN},
)
async def read_json_feed(parts: AppParts, session: Reading) -> Response:
    """The same as JSON Feed."""
    county, releases = (
        await parts.directory.county(session, await parts.clock.now()),
        await reads.bulletin_changes(session, limit=PAGE),
    )
    feed = feeds.json_feed(releases, county.name, parts.settings.public_url)
    return Response(feed, media_type=_JSON_FEED)


@router.get("/style.css", include_in_schema=False)
async def read_style() -> Response:
    return Response(pages.STYLE, media_type="text/css", headers={"Cache-Control": "max-age=3600"})


def _not_found(request: Request, county: str) -> HTMLResponse:
    """A page for people; raises the problem for programs."""
    if "text/html" not in request.headers.get("accept", ""):
        raise Problem(Trouble.NOT_FOUND)
    return pages.page("not_found.html", 404, county=county)


async def _find(parts: Parts, session: Reading, digest: str) -> reads.PublicRelease | None:
    release = await reads.bulletin_release(session, Digest(digest)) if _DIGEST.match(digest) else None
    hidden = release is not None and release.drill and not parts.settings.show_drills
    return None if hidden else release


def _place(cursor: str | None) -> reads.PublicPlace | None:
    position = position_of(cursor, _POSITION)
    return None if position is None else reads.PublicPlace(*position)
