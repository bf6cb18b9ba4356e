"""Who is signed in and which tokens are about: to see one's own and end them; for administrators, anybody's."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict

from api import documentation, examples
from api.auth import Asking, Caller
from api.parts import AppParts, Reading
from api.problems import Problem, Trouble
from api.views.access import SessionShown, TokenShown
from db import console_sessions, directory
from domain.access import Scope, covers
from domain.permissions import seat_for
from domain.vocabulary import OfficerId, ReadName
from runtime.log import get_logger

router = APIRouter(prefix="/api/v1", tags=["access"])
log = get_logger(__name__)

Number = Annotated[int, Path(ge=1, lt=2**63)]


class Whose(BaseModel):
    """`everybody`: not only one's own, which takes an administrator."""

    model_config = ConfigDict(extra="forbid")

    everybody: bool = False


@router.get(
    "/sessions",
    summary="List where I am signed in to the console",
    responses=documentation.read(Trouble.NOT_READABLE, Trouble.INVALID)
    | {200: documentation.answers([examples.SESSION])},
)
async def list_sessions(
    parts: AppParts, caller: Asking, session: Reading, asked: Annotated[Whose, Query()]
) -> list[SessionShown]:
    idle = timedelta(minutes=parts.settings.session_idle_minutes)
    whose = _whose(caller, asked)
    found = await console_sessions.living(session, await parts.clock.now(), idle, whose)
    return [SessionShown.of(one) for one in found]


@router.delete(
    "/sessions/{number}",
    status_code=204,
    summary="End a session",
    responses=documentation.read(Trouble.NOT_FOUND, Trouble.INVALID),
)
async def end_session(parts: AppParts, caller: Asking, number: Number) -> None:
    async with parts.sessions.begin() as session:
        ended = await console_sessions.end_by_id(session, number, _owner(caller))
    if not ended:
        raise Problem(Trouble.NOT_FOUND)
    log.info("session_ended", session=number, by=caller.officer.id)


@router.get(
    "/tokens",
    summary="List my API tokens",
    responses=documentation.read(Trouble.NOT_READABLE, Trouble.INVALID)
    | {200: documentation.answers([examples.TOKEN])},
)
async def list_tokens(
    parts: AppParts, caller: Asking, session: Reading, asked: Annotated[Whose, Query()]
) -> list[TokenShown]:
    whose = _whose(caller, asked)
    return [TokenShown.of(one) for one in await directory.living_tokens(session, await parts.clock.now(), whose)]


@router.delete(
    "/tokens/{number}",
    status_code=204,
    summary="Revoke an API token",
    responses=documentation.read(Trouble.NOT_FOUND, Trouble.INVALID),
)
async def revoke_token(parts: AppParts, caller: Asking, number: Number) -> None:
    async with parts.sessions.begin() as session:
        revoked = await directory.revoke_token_by_id(session, number, _owner(caller), await parts.clock.now())
    if not revoked:
        raise Problem(Trouble.NOT_FOUND)
    log.info("token_revoked", token=number, by=caller.officer.id)


def _administers(caller: Caller) -> bool:
    return covers(caller.scopes, Scope.OPS) and seat_for(ReadName.ACCESS, caller.actor, None) is not None


def _whose(caller: Caller, asked: Whose) -> OfficerId | None:
    if not asked.everybody:
        return caller.officer.id
    if not _administers(caller):
        raise Problem(Trouble.NOT_READABLE)
    return None


def _owner(caller: Caller) -> OfficerId | None:
    """Whose it must be for the caller to end it; another's looks like one that is not there."""
    return None if _administers(caller) else caller.officer.id
