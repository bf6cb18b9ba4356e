"""One route for each command but `submit`: the body is the command's fields, the answer the new state."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api import documentation, examples
from api.auth import Asking, Caller
from api.bodies import body_of, documented
from api.errands import Errand, Key, run, storing
from api.keys import IdempotencyKey, command_id, hash_body, officer_scope
from api.language import Spoken
from api.parts import AppParts, Parts
from api.problems import Refused, Trouble
from api.reading import Aimed, Target, show_after
from api.views.incident import IncidentShown
from domain import commands as c
from domain.access import Scope, covers
from domain.refusals import Code, RefusalRecord
from domain.vocabulary import CommandName

router = APIRouter(prefix="/api/v1/incidents/{incident}/commands", tags=["commands"])

BY_NAME: dict[CommandName, type[c.Command]] = {
    name: command for name, command in c.COMMANDS.items() if name not in (CommandName.SUBMIT, CommandName.ABSORB)
}
"""`submit` has a route of its own; `absorb` is sent by processes only."""


NOTHING_SHOWN = {"description": "Done; the incident is not yours to read"}


def errand_of(parts: Parts, caller: Caller, target: Target, key: str, route: str, command: c.Command) -> Errand:
    """The errand that a command's body asks for."""
    scope, incident = officer_scope(caller.officer.id), target.incident.id
    return Errand(
        incident=incident,
        name=command.name,
        command_id=command_id(scope, key, incident, route),
        store=storing(incident, command),
        key=Key(scope, key, route, hash_body(parts.keys, command)),
        matches=target.matches,
    )


def _route(model: type[c.Command]) -> Callable[..., Awaitable[IncidentShown | Response]]:
    async def send(
        parts: AppParts,
        caller: Asking,
        target: Aimed,
        key: IdempotencyKey,
        command: Annotated[c.Command, Depends(body_of(model))],
        language: Spoken,
        response: Response,
    ) -> IncidentShown | Response:
        await run(parts, caller, errand_of(parts, caller, target, key, model.name, command))
        reads = covers(caller.scopes, Scope.READ)
        shown = await show_after(parts, caller, target.incident.id, language, response) if reads else None
        # A rumour's receiver is shown nothing of the incident, nor whoever has decided on a restricted one, nor a token
        # that is not for reading.
        return Response(status_code=204) if shown is None else shown

    return send


for _name, _model in BY_NAME.items():
    router.add_api_route(
        f"/{_name}",
        _route(_model),
        methods=["POST"],
        response_model=IncidentShown,
        name=_name,
        summary=(_model.__doc__ or _name.replace("_", " ").capitalize()).strip().splitlines()[0],
        responses=documentation.posted(Trouble.PRECONDITION_FAILED)
        | {200: documentation.answers(examples.STATE, "Done; the new state"), 204: NOTHING_SHOWN},
        openapi_extra=documentation.with_if_match(documentation.IDEMPOTENT)
        | documented(_model, examples.COMMANDS[_name]),
    )


@router.post("/{name}", include_in_schema=False)
async def refuse_unknown(_caller: Asking, name: str) -> None:
    """Any other name. What was sent is not repeated unless it looks like a name."""
    shown = name if name.isidentifier() and name.isascii() else "?"
    raise Refused(RefusalRecord(code=Code.UNKNOWN_COMMAND, params={"command": shown[:40]}), {})
