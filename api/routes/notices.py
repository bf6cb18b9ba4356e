"""What I was told, what did not reach people, and where notices are sent."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from api import addresses, documentation, examples
from api.auth import Asking, Caller
from api.bodies import body_of, documented
from api.language import Spoken
from api.paging import Paged, cursor_of, next_link, position_of
from api.parts import AppParts, Reading
from api.problems import Problem, Trouble
from api.reading import hidden_from
from api.views.notice import AddressBook, Notices, NoticeShown
from db import deliveries, reads
from domain.delivering import Contacts, check_overseer
from domain.refusals import Language, Refusal
from domain.standing import sight_of
from domain.vocabulary import DeliveryState

router = APIRouter(prefix="/api/v1", tags=["notices"])
_POSITION = TypeAdapter(tuple[Annotated[int, Field(ge=1, lt=2**63)]])


class NoticeFilters(Paged):
    unread: bool = False


class DeliveryFilters(Paged):
    state: DeliveryState = DeliveryState.UNDELIVERED


class Seen(BaseModel):
    """The newest notice that was looked at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    up_to: Annotated[int, Field(ge=1, lt=2**63)]


class Addresses(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    contacts: Contacts


BODIES = (Seen, Addresses)


@router.get(
    "/notices",
    summary="List what I was told, the newest first",
    responses=documentation.read(Trouble.INVALID) | {200: documentation.answers(examples.NOTICES)},
)
async def list_notices(
    request: Request,
    response: Response,
    caller: Asking,
    session: Reading,
    language: Spoken,
    asked: Annotated[NoticeFilters, Query()],
) -> Notices:
    hidden, limit = await hidden_from(session, caller), asked.limit + 1
    found = await reads.notices(session, caller.officer.id, _before(asked), limit, unread=asked.unread, hidden=hidden)
    return _page(request, response, caller, found, asked, language)


@router.put(
    "/notices/seen",
    status_code=204,
    summary="Mark my notices as read",
    responses=documentation.written(),
    openapi_extra=documented(Seen, {"up_to": 42}),
)
async def mark_seen(parts: AppParts, caller: Asking, seen: Annotated[Seen, Depends(body_of(Seen))]) -> None:
    async with parts.sessions.begin() as session:
        await deliveries.mark_read(session, caller.officer.id, seen.up_to, await parts.clock.now())


@router.get(
    "/deliveries",
    summary="List notices by how far they came, those that reached nobody first of all",
    responses=documentation.read(Trouble.NOT_READABLE, Trouble.INVALID)
    | {200: documentation.answers(examples.NOTICES)},
)
async def list_deliveries(
    request: Request,
    response: Response,
    caller: Asking,
    session: Reading,
    language: Spoken,
    asked: Annotated[DeliveryFilters, Query()],
) -> Notices:
    try:
        check_overseer(caller.actor)
    except Refusal:
        raise Problem(Trouble.NOT_READABLE) from None
    seen = sight_of(caller.actor)
    found = await reads.deliveries(session, asked.state, seen, _before(asked), asked.limit + 1)
    return _page(request, response, caller, found, asked, language)


@router.get(
    "/contacts/{owner}",
    summary="Read where notices to an officer or a unit are sent",
    responses=documentation.read(Trouble.NOT_FOUND, Trouble.NOT_READABLE)
    | {200: documentation.answers(examples.ADDRESSES)},
)
async def read_contacts(caller: Asking, session: Reading, owner: str) -> AddressBook:
    return AddressBook(contacts=await addresses.read(session, caller, owner))


@router.put(
    "/contacts/{owner}",
    summary="Say where notices to an officer or a unit are sent, in the order of trying",
    responses=documentation.written(Trouble.NOT_FOUND) | {200: documentation.answers(examples.ADDRESSES)},
    openapi_extra=documented(Addresses, examples.ADDRESSES),
)
async def save_contacts(
    parts: AppParts, caller: Asking, owner: str, given: Annotated[Addresses, Depends(body_of(Addresses))]
) -> AddressBook:
    await addresses.save(parts, caller, owner, given.contacts)
    return AddressBook(contacts=given.contacts)


def _before(asked: Paged) -> int | None:
    position = position_of(asked.cursor, _POSITION)
    return position[0] if position else None


def _page(
    request: Request, response: Response, caller: Caller, found: list[reads.Told], asked: Paged, language: Language
) -> Notices:
    names = {str(unit.id): unit.name for unit in caller.county.units}
    shown, more = found[: asked.limit], len(found) > asked.limit
    cursor = cursor_of(shown[-1].id) if more else None
    response.headers.update(next_link(request, cursor))
    return Notices(items=tuple(NoticeShown.of(told, names, language) for told in shown), next=cursor)
