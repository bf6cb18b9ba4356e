"""Files beside a release's words: uploaded to an incident, named by releases, read by whoever reads those."""

import re

from fastapi import APIRouter, Request, Response

from api import documentation, examples
from api.auth import Asking
from api.errands import refused
from api.files import serve
from api.keys import IdempotencyKey
from api.limits import check_upload_rate
from api.parts import AppParts
from api.problems import Problem, Trouble
from api.reading import Aimed, read_incident
from api.uploads import check_may_upload, file_name, keep, receiving
from api.views.attachment import AttachmentShown
from db import attachments
from domain.refusals import Refusal
from domain.vocabulary import Digest, ReadName

router = APIRouter(prefix="/api/v1/incidents/{incident}/attachments", tags=["releases"])

_DIGEST = re.compile(r"^[0-9a-f]{64}$")


@router.post(
    "",
    status_code=201,
    summary="Upload a file for a release",
    description=(
        "The body is the file itself, an image, table, audio or video; it is judged by its content, whatever it is "
        "called. Place, device and author are taken out of it, so the digest is of what is kept. A file that no "
        "release names within seven days is deleted."
    ),
    responses=documentation.uploaded()
    | {
        201: documentation.answers(examples.ATTACHMENT, "Kept; a release may name its digest"),
        200: documentation.answers(examples.ATTACHMENT, "Kept before under this key"),
    },
    openapi_extra=documentation.FILE_BODY,
)
async def upload_attachment(
    request: Request, parts: AppParts, caller: Asking, target: Aimed, key: IdempotencyKey, response: Response
) -> AttachmentShown:
    name = file_name(request.headers.get("content-disposition", ""))
    try:
        check_may_upload(caller, target.incident)
        await check_upload_rate(parts, caller)
        async with receiving(request, parts.settings.attachment_limits) as received:
            repeated = await keep(parts, caller, target.incident, key, received, name)
    except Refusal as refusal:
        raise await refused(parts, refusal.record) from None
    response.status_code = 200 if repeated else 201
    response.headers["Location"] = f"/api/v1/incidents/{target.incident.id}/attachments/{received.attachment.digest}"
    return AttachmentShown.of(received.attachment)


@router.get(
    "/{digest}",
    summary="Read a file that was uploaded",
    response_class=Response,
    responses=documentation.read(Trouble.NOT_READABLE, Trouble.NO_SUCH_RANGE, Trouble.STORE_AWAY, missing=True)
    | {200: documentation.FILE, 206: documentation.FILE},
)
async def read_attachment(request: Request, parts: AppParts, caller: Asking, incident: str, digest: str) -> Response:
    # No session is held while the file is on its way.
    async with parts.sessions() as session:
        found = await read_incident(session, caller, incident, ReadName.RELEASE)
        known = await attachments.find(session, found.id, [Digest(digest)]) if _DIGEST.match(digest) else {}
    if digest not in known:
        raise Problem(Trouble.NOT_FOUND)
    return await serve(request, parts.store, found.id, known[Digest(digest)])
