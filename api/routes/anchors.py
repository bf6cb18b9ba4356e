"""Anchors on the county's bulletin: where every ledger ended and when, signed, for anybody to keep."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from api import documentation, examples, pages
from api.paging import Cursor, cursor_of, next_link, position_of
from api.parts import AppParts, Reading
from api.problems import Trouble
from db import anchors
from domain.anchoring import Anchor
from evidence.bundle import enclosed

router = APIRouter(prefix="/public", tags=["public"])

PAGE = 30
LARGEST_PAGE = 1000
_POSITION = TypeAdapter(tuple[Annotated[int, Field(ge=1, lt=2**31)]])


class AnchorPage(BaseModel):
    model_config = ConfigDict(extra="forbid")

    cursor: Cursor = None


class AnchorQuery(AnchorPage):
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = LARGEST_PAGE


class KeyShown(BaseModel):
    """A public key and the first and last anchor that it signed. Keys no longer used stay listed."""

    key: str
    first: int
    last: int


class AnchorList(BaseModel):
    """Anchors as they were signed, the newest first."""

    keys: tuple[KeyShown, ...]
    anchors: tuple[Anchor, ...]
    next: str | None


@router.get("/anchors", response_class=HTMLResponse, responses=documentation.public(Trouble.INVALID))
async def show_anchors(parts: AppParts, session: Reading, page: Annotated[AnchorPage, Query()]) -> HTMLResponse:
    """Anchors for people to compare with, the newest first."""
    listed, cursor = await _page(session, page.cursor, PAGE)
    county = await parts.directory.county(session, await parts.clock.now())
    keys = await anchors.keys(session)
    return pages.page("anchors.html", county=county.name, anchors=listed, keys=keys, next=cursor)


@router.get(
    "/anchors.json",
    responses=documentation.public(Trouble.INVALID) | {200: documentation.answers(examples.ANCHORS)},
)
async def read_anchors(
    request: Request, response: Response, session: Reading, page: Annotated[AnchorQuery, Query()]
) -> AnchorList:
    """The same for programs: what `huiying verify --anchors` and the script in evidence compare with."""
    listed, cursor = await _page(session, page.cursor, page.limit)
    response.headers.update(next_link(request, cursor))
    keys = tuple(KeyShown(**use._asdict()) for use in await anchors.keys(session))
    return AnchorList(keys=keys, anchors=tuple(listed), next=cursor)


@router.get("/verify.py", response_class=Response, responses=documentation.public())
async def read_script() -> Response:
    """The script that verifies evidence, to be had before there is any."""
    return Response(enclosed()["verify.py"], media_type="text/x-python; charset=utf-8")


async def _page(session: Reading, cursor: str | None, limit: int) -> tuple[list[Anchor], str | None]:
    (before,) = position_of(cursor, _POSITION) or (None,)
    found = await anchors.page(session, before, limit + 1)
    return found[:limit], cursor_of(found[limit - 1].number) if len(found) > limit else None
