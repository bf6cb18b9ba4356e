"""Keyset pagination: opaque cursors, a bounded page, and the link to the next one."""

import base64
import json
from typing import Annotated

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from api.faults import CURSOR
from api.problems import Fault, Problem, Trouble

LARGEST_PAGE = 200

Cursor = Annotated[str | None, Field(max_length=400, description="`next` of the page before")]
Limit = Annotated[int, Field(ge=1, le=LARGEST_PAGE)]


class Paged(BaseModel):
    """The query of a list. A parameter it does not know is refused, not ignored."""

    model_config = ConfigDict(extra="forbid")

    cursor: Cursor = None
    limit: Limit = 50


def cursor_of(*position: str | int) -> str:
    """An opaque cursor after the entry at `position`."""
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def position_of(cursor: str | None, *kinds: type[str | int]) -> list[str | int] | None:
    """The position in a cursor of this list; None when there is none. Raises Problem."""
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        position = json.loads(base64.b64decode(padded.encode(), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        position = None
    if not isinstance(position, list) or [type(part) for part in position] != list(kinds):
        raise Problem(Trouble.INVALID, [Fault("cursor", CURSOR)])
    return position


def next_link(request: Request, cursor: str | None) -> dict[str, str]:
    """The Link header (RFC 8288) of the next page."""
    if cursor is None:
        return {}
    url = request.url.include_query_params(cursor=cursor)
    return {"Link": f'<{url.path}?{url.query}>; rel="next"'}
