"""Releases: words in, a digest out; the process hears only of the digest."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api import documentation, examples
from api.auth import Asking, Caller
from api.bodies import body_of, documented
from api.drafts import Draft, drafting, revising
from api.errands import Errand, Key, is_repeat, run
from api.keys import IdempotencyKey, command_id, hash_body, officer_scope, release_id
from api.parts import AppParts, Parts, Reading
from api.problems import Problem, Refused, Trouble
from api.reading import Aimed, Target, etag, find_release, read_incident
from api.views.attachment import AttachmentShown
from api.views.proceedings import FigureShown, references_of
from api.views.release import ReleaseShown, ReleaseText
from db import attachments, texts
from domain.refusals import Code
from domain.vocabulary import CommandName, IncidentId, ReadName, ReleaseId

router = APIRouter(prefix="/api/v1/incidents/{incident}/releases", tags=["releases"])

Written = Annotated[Draft, Depends(body_of(Draft))]


class VersionAsked(BaseModel):
    """Which version's words; the current one when left out."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[int | None, Field(ge=1, le=100_000)] = None


@router.post(
    "",
    status_code=201,
    summary="Draft a release",
    responses=documentation.posted(Trouble.PRECONDITION_FAILED)
    | {
        201: documentation.answers(examples.RELEASE_SHOWN, "Drafted; its first steps are open"),
        200: documentation.answers(examples.RELEASE_SHOWN, "Drafted before under this key"),
    },
    openapi_extra=documentation.with_if_match(documentation.IDEMPOTENT) | documented(Draft, examples.DRAFT),
)
async def draft_release(
    parts: AppParts,
    caller: Asking,
    target: Aimed,
    key: IdempotencyKey,
    draft: Written,
    response: Response,
) -> ReleaseShown:
    release, repeated = await found_release(parts, caller, target, key, draft)
    incident = target.incident.id
    response.status_code = 200 if repeated else 201
    response.headers["Location"] = f"/api/v1/incidents/{incident}/releases/{release}"
    return await _shown(parts, caller, incident, release, response)


@router.put(
    "/{release}",
    summary="Write the next version of a release",
    description="Voids every decision made so far. The same words again change nothing.",
    responses=documentation.put(Trouble.PRECONDITION_FAILED)
    | {200: documentation.answers(examples.RELEASE_SHOWN, "The current version")},
    openapi_extra=documentation.with_if_match(documented(Draft, examples.DRAFT)),
)
async def revise_release(
    request: Request,
    parts: AppParts,
    caller: Asking,
    target: Aimed,
    release: str,
    draft: Written,
    response: Response,
) -> ReleaseShown:
    # What is written again is the current version already, so a PUT needs no key; it may bring one.
    key = request.headers.get("idempotency-key") or secrets.token_hex()
    current = await write_version(parts, caller, target, release, key, draft)
    return await _shown(parts, caller, target.incident.id, current, response)


@router.get(
    "/{release}",
    summary="Read a release with its words",
    responses=documentation.read(Trouble.NOT_READABLE, Trouble.INVALID, missing=True)
    | {200: documentation.answers(examples.RELEASE_TEXT)},
)
async def read_release(
    parts: AppParts,
    caller: Asking,
    session: Reading,
    incident: str,
    release: str,
    asked: Annotated[VersionAsked, Query()],
    response: Response,
) -> ReleaseText:
    found = await read_incident(session, caller, incident, ReadName.RELEASE, release)
    chosen = find_release(found, release)
    number = asked.version or chosen.version.number
    version = next((v for v in chosen.versions if v.number == number), None)
    if version is None:
        raise Problem(Trouble.NOT_FOUND)
    document = await texts.document(session, found.id, version.digest)
    known = await attachments.find(session, found.id, version.attachments)
    files = tuple(AttachmentShown.of(known[digest]) for digest in version.attachments if digest in known)
    words = await texts.read(session, found.id, references_of(found.figures))
    now = await parts.clock.now()
    figures = tuple(FigureShown.of(figure, words, now) for figure in found.figures)
    response.headers["ETag"] = etag(found)
    return ReleaseText.with_words(chosen, found, caller.roster, document, files, figures)


async def found_release(parts: Parts, caller: Caller, target: Target, key: str, draft: Draft) -> tuple[ReleaseId, bool]:
    """The new release, and whether another request under the same key founded it. Raises Refused, Problem."""
    scope, incident, route = officer_scope(caller.officer.id), target.incident.id, "release"
    command = command_id(scope, key, incident, route)
    release = release_id(command)
    errand = Errand(
        incident=incident,
        name=CommandName.DRAFT_RELEASE,
        command_id=command,
        store=drafting(draft, incident, release),
        key=Key(scope, key, route, hash_body(parts.keys, draft)),
        matches=target.matches,
    )
    issued_at = await run(parts, caller, errand)
    return release, await is_repeat(parts, errand, issued_at)


async def write_version(
    parts: Parts, caller: Caller, target: Target, release: str, key: str, draft: Draft
) -> ReleaseId:
    """Make the draft the current version, unless it is already. Raises Refused, Problem."""
    found = target.incident
    current = find_release(found, release)
    digest, store = revising(draft, found.id, current)
    command = command_id(officer_scope(caller.officer.id), key, found.id, f"{release}/{digest}")
    if digest != current.version.digest:
        errand = Errand(found.id, CommandName.REVISE_RELEASE, command, store, matches=target.matches)
        await _revise(parts, caller, errand)
    return current.id


async def _revise(parts: Parts, caller: Caller, errand: Errand) -> None:
    try:
        await run(parts, caller, errand)
    except Refused as refused:
        # The same words sent twice at once: the other request made the version.
        if refused.record.code is not Code.NOTHING_CHANGED:
            raise


async def _shown(
    parts: Parts, caller: Caller, incident: IncidentId, release: ReleaseId, response: Response
) -> ReleaseShown:
    """The release as it is after the command, for whoever may read it."""
    async with parts.sessions() as session:
        after = await read_incident(session, caller, incident, ReadName.RELEASE, release)
    response.headers["ETag"] = etag(after)
    return ReleaseShown.of(find_release(after, release), after, caller.roster)
