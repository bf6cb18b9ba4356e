"""Takes in a file: streamed to this machine's disk and counted, known by its content, rid of traces, stored."""

import asyncio
import hashlib
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import Message
from typing import IO

from fastapi import Request
from starlette.datastructures import UploadFile

from api.auth import Caller
from api.keys import command_id, hash_upload, officer_scope
from api.parts import Parts
from api.problems import Problem, Trouble
from db import attachments, idempotency
from db.attachments import Upload
from domain.attachments import Attachment, Limits, check_size, check_type
from domain.incident import Incident
from domain.permissions import seat_for
from domain.refusals import Code, Refusal
from domain.vocabulary import AttachmentKind, CommandName
from runtime.attachments.content import HEAD, cleanse, sniff

ROUTE = "attachment"
_LONGEST_NAME = 200
_PIECE = 256 * 1024
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f/\\]+")


@dataclass(frozen=True)
class Received:
    """A file as it will be kept. `uploaded` is the SHA-256 of what was sent, to know the same request again."""

    attachment: Attachment
    content: IO[bytes]
    uploaded: str


class _Intake:
    """Counts and judges what arrives, so that nothing is read to its end that cannot be taken."""

    def __init__(self, into: IO[bytes], announced: int, limits: Limits) -> None:
        self._into = into
        self._announced = announced
        self._limits = limits
        self._head = b""
        self._size = 0
        self._kind: AttachmentKind | None = None
        self.hash = hashlib.sha256()
        self.media_type = ""

    def take(self, piece: bytes) -> None:
        """Raises ATTACHMENT_TYPE, ATTACHMENT_TOO_LARGE."""
        self._into.write(piece)
        self.hash.update(piece)
        self._size += len(piece)
        if self._kind is None:
            self._head += piece
            if len(self._head) < HEAD:
                return
        self.judge()

    def judge(self) -> None:
        """What is there so far is the whole file, or enough to tell. Raises as `take`."""
        if self._kind is None:
            told = sniff(self._head)
            self._kind, self.media_type = check_type(told), told or ""
        check_size(self._kind, max(self._size, self._announced), self._limits)


@asynccontextmanager
async def receiving(request: Request, limits: Limits) -> AsyncIterator[Received]:
    """The body as a file that may be kept; nothing is left of it afterwards, or if it may not.

    Raises ATTACHMENT_TYPE, ATTACHMENT_TOO_LARGE, ATTACHMENT_DAMAGED, ATTACHMENT_ACTIVE.
    """
    announced = request.headers.get("content-length", "")
    async with _received(request.stream(), int(announced) if announced.isdecimal() else 0, limits) as received:
        yield received


@asynccontextmanager
async def receiving_file(file: UploadFile, limits: Limits) -> AsyncIterator[Received]:
    """The same of a file that came with a form."""
    async with _received(_pieces(file), file.size or 0, limits) as received:
        yield received


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(_PIECE):
        yield piece


@asynccontextmanager
async def _received(pieces: AsyncIterator[bytes], announced: int, limits: Limits) -> AsyncIterator[Received]:
    with tempfile.TemporaryFile() as uploaded, tempfile.TemporaryFile() as kept:
        intake = _Intake(uploaded, announced, limits)
        async for piece in pieces:
            intake.take(piece)
        intake.judge()
        attachment = await asyncio.to_thread(cleanse, uploaded, intake.media_type, kept)
        yield Received(attachment, kept, intake.hash.hexdigest())


def check_may_upload(caller: Caller, incident: Incident) -> None:
    """Whoever may write a release of the incident. Raises NOT_PERMITTED, INCIDENT_ENDED."""
    if seat_for(CommandName.REVISE_RELEASE, caller.actor, incident) is None:
        raise Refusal(Code.NOT_PERMITTED, actor=caller.officer.id, command=CommandName.DRAFT_RELEASE)
    if incident.phase.ended:
        raise Refusal(Code.INCIDENT_ENDED, phase=incident.phase)


async def keep(parts: Parts, caller: Caller, incident: Incident, key: str, received: Received, name: str) -> bool:
    """Store the file; whether the same was sent before under this key. Raises Problem, StoreAway."""
    now, scope, attachment = await parts.clock.now(), officer_scope(caller.officer.id), received.attachment
    async with parts.sessions.begin() as session:
        claim = await idempotency.claim(
            session,
            scope=scope,
            key=key,
            route=ROUTE,
            body_hash=hash_upload(parts.keys, received.uploaded),
            incident=incident.id,
            command_id=command_id(scope, key, incident.id, ROUTE),
            now=now,
        )
        if claim == "different":
            raise Problem(Trouble.KEY_REUSED)
        await attachments.expect(session, incident.id, attachment, Upload(caller.officer.id, name, now))
    await parts.store.put(incident.id, attachment.digest, received.content)
    async with parts.sessions.begin() as session:
        await attachments.mark_stored(session, incident.id, attachment.digest, await parts.clock.now())
    return claim == "same"


def file_name(disposition: str) -> str:
    """What the uploader calls the file, by a Content-Disposition header (RFC 6266); empty when that says nothing."""
    header = Message()
    header["Content-Disposition"] = disposition
    return printable(header.get_filename(""))


def printable(name: str) -> str:
    """A file's name as it may be kept."""
    named = name.encode(errors="replace").decode()
    return _UNPRINTABLE.sub("_", named)[-_LONGEST_NAME:]
