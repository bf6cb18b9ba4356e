"""Gives out a stored file: as what it is, whole or in part, and able to do nothing where it is opened."""

import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from typing import NamedTuple

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from api.problems import Problem, Trouble
from domain.attachments import Attachment
from domain.vocabulary import Digest, IncidentId
from runtime.attachments.store import AttachmentGone, AttachmentStore

# Whoever opens one by itself sees a picture or hears a sound; even a browser that took it for a page would run nothing.
_INERT = "sandbox; default-src 'none'"
_RANGE = re.compile(r"^bytes=(\d{0,15})-(\d{0,15})$")


class AttachmentAltered(Exception):
    """What lies there is not what its digest says."""


class _Part(NamedTuple):
    start: int
    end: int


async def serve(
    request: Request,
    store: AttachmentStore,
    incident: IncidentId,
    attachment: Attachment,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The file, or the part a player asks for. Raises Problem: it is gone, altered, or has no such part; StoreAway."""
    tag = f'"{attachment.digest}"'
    shown = {
        "Content-Security-Policy": _INERT,
        "Content-Disposition": _disposition(attachment),
        "Accept-Ranges": "bytes",
        "ETag": tag,
        **(headers or {}),
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=shown)
    part = _part_asked_for(request, attachment, tag)
    if part is not None:
        shown["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{attachment.bytes}"
    start, end = part or _Part(0, attachment.bytes)
    try:
        pieces = await store.read(incident, attachment.digest, start, end)
        content = pieces if part else _vouched(pieces, attachment.digest)
        # What is small is proved to be itself before anything is answered.
        first = await anext(content)
    except (AttachmentGone, AttachmentAltered):
        raise Problem(Trouble.NOT_FOUND) from None
    shown["Content-Length"] = str(end - start)
    status = 206 if part else 200
    return StreamingResponse(_joined(first, content), status, shown, attachment.media_type)


def _disposition(attachment: Attachment) -> str:
    place = "inline" if attachment.plays_in_place else "attachment"
    return f'{place}; filename="{attachment.file_name}"'


def _part_asked_for(request: Request, attachment: Attachment, tag: str) -> _Part | None:
    """The one range of a request that asks for one; None for the whole. Raises Problem for one that does not exist."""
    asked = _RANGE.match(request.headers.get("range", ""))
    if asked is None or request.headers.get("if-range", tag) != tag or asked[1] == asked[2] == "":
        return None
    size = attachment.bytes
    if asked[1]:
        part = _Part(int(asked[1]), min(int(asked[2]) + 1, size) if asked[2] else size)
    else:
        part = _Part(max(size - int(asked[2]), 0), size)
    if part.start >= part.end:
        raise Problem(Trouble.NO_SUCH_RANGE, headers={"Content-Range": f"bytes */{size}"})
    return part


async def _vouched(pieces: AsyncIterator[bytes], digest: Digest) -> AsyncIterator[bytes]:
    """The pieces, the last of them only once all together have proved to be what was decided on."""
    computed, held = hashlib.sha256(), b""
    async for piece in pieces:
        if held:
            yield held
        computed.update(piece)
        held = piece
    if computed.hexdigest() != digest:
        raise AttachmentAltered
    yield held


async def _joined(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece
