"""Seals a command for somebody who sends it as a signal: `temporal workflow signal --input …`."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from api import documentation, examples
from api.auth import Asking
from api.bodies import body_of, documented
from api.errands import seal_errand
from api.keys import IdempotencyKey
from api.parts import AppParts
from api.reading import Aimed
from api.routes.commands import BY_NAME, errand_of, refuse_unknown
from domain import commands as c
from domain.sealing import SealedCommand

router = APIRouter(prefix="/api/v1/incidents/{incident}/seals", tags=["commands"])

# Long enough to copy it into a terminal, short enough that a forgotten one is worth nothing.
VALID_FOR = timedelta(minutes=15)


class Sealed(BaseModel):
    """`message` is the argument of the signal, as it stands. Its texts are stored already."""

    message: SealedCommand


def _route(model: type[c.Command]) -> Callable[..., Awaitable[Sealed]]:
    async def seal_command(
        parts: AppParts,
        caller: Asking,
        target: Aimed,
        key: IdempotencyKey,
        command: Annotated[c.Command, Depends(body_of(model))],
    ) -> Sealed:
        errand = errand_of(parts, caller, target, key, f"seal/{model.name}", command)
        return Sealed(message=await seal_errand(parts, caller, errand, VALID_FOR))

    return seal_command


for _name, _model in BY_NAME.items():
    router.add_api_route(
        f"/{_name}",
        _route(_model),
        methods=["POST"],
        name=f"seal_{_name}",
        summary=f"Seal `{_name}` for sending as a signal",
        responses=documentation.posted() | {200: documentation.answers(examples.SEALED, "Sealed, not sent")},
        openapi_extra=documentation.IDEMPOTENT | documented(_model, examples.COMMANDS[_name]),
    )

router.add_api_route("/{name}", refuse_unknown, methods=["POST"], include_in_schema=False)
