"""Keyset pagination: opaque cursors, a bounded page, and the link to the next one."""

import base64
import json
from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from api.faults import CURSOR
from api.problems import Fault, Problem, Trouble

LARGEST_PAGE = 200

P = TypeVar("P")

Cursor = Annotated[str | None, Field(max_length=400, description="`next` of the page before")]
Limit = Annotated[int, Field(ge=1, le=LARGEST_PAGE)]


class Paged(BaseModel):
    """The query of a list. A parameter it does not know is refused, not ignored."""

    model_config = ConfigDict(extra="forbid")

    cursor: Cursor = None
    limit: Limit = 50


def cursor_of(*position: str | int | datetime) -> str:
    """An opaque cursor after the entry at `position`."""
    plain = [part.isoformat() if isinstance(part, datetime) else part for part in position]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def position_of(cursor: str | None, position: TypeAdapter[P]) -> P | None:
    """The position in a cursor of this list; None when there is none. Raises Problem."""
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        plain = base64.b64decode(padded.encode(), altchars=b"-_", validate=True)
        return position.validate_json(plain, strict=True)
    except ValueError:
        # Not Base64, not JSON, or not a place in this list.
        raise Problem(Trouble.INVALID, [Fault("cursor", CURSOR)]) from None


def next_link(request: Request, cursor: str | None) -> dict[str, str]:
    """The Link header (RFC 8288) of the next page."""
    if cursor is None:
        return {}
    url = request.url.include_query_params(cursor=cursor)
    return {"Link": f'<{url.path}?{url.query}>; rel="next"'}
