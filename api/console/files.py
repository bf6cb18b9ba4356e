"""Gives out the console's stylesheets and scripts, each under an address that changes with its content."""

import gzip
import hashlib
from functools import cache
from importlib import resources
from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from api.problems import Problem, Trouble

router = APIRouter(prefix="/console/assets", include_in_schema=False)

_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
_FOR_EVER = "public, max-age=31536000, immutable"


class _Asset(NamedTuple):
    content: bytes
    packed: bytes
    media_type: str
    tag: str


@cache
def _assets() -> dict[str, _Asset]:
    found: dict[str, _Asset] = {}
    for file in resources.files("api.console.assets").iterdir():
        media_type = _TYPES.get(file.name.rpartition(".")[2])
        if media_type is not None:
            content = file.read_bytes()
            tag = hashlib.sha256(content).hexdigest()[:16]
            found[file.name] = _Asset(content, gzip.compress(content, 9, mtime=0), media_type, tag)
    return found


def address(name: str) -> str:
    """Where a page finds an asset. Raises KeyError for one that is not there."""
    return f"/console/assets/{name}?v={_assets()[name].tag}"


@router.get("/{name}")
async def read_asset(request: Request, name: str) -> Response:
    """The file, packed for who can unpack it; kept for ever by who asked for the version it is."""
    asset = _assets().get(name)
    if asset is None:
        raise Problem(Trouble.NOT_FOUND)
    headers = {"Vary": "Accept-Encoding", "ETag": f'"{asset.tag}"'}
    headers["Cache-Control"] = _FOR_EVER if request.query_params.get("v") == asset.tag else "no-cache"
    if f'"{asset.tag}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, headers=headers | {"Content-Encoding": "gzip"}, media_type=asset.media_type)
    return Response(asset.content, headers=headers, media_type=asset.media_type)
