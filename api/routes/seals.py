"""Seals a command for somebody who sends it as a signal: `temporal workflow signal --input …`."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from temporalio.api.common.v1 import Payload

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
from runtime.codec import Codec, wrap
from runtime.settings import Settings

router = APIRouter(prefix="/api/v1/incidents/{incident}/seals", tags=["commands"])

# Long enough to copy it into a terminal, short enough that a forgotten one is worth nothing.
VALID_FOR = timedelta(minutes=15)


class Sealed(BaseModel):
    """`message` is the sealed command, its texts stored already; `input` is what to send, encrypted if need be:
    the `--input` of `temporal workflow signal`, as it stands.
    """

    message: SealedCommand
    input: str


def _route(model: type[c.Command]) -> Callable[..., Awaitable[Sealed]]:
    async def seal_command(
        parts: AppParts,
        caller: Asking,
        target: Aimed,
        key: IdempotencyKey,
        command: Annotated[c.Command, Depends(body_of(model))],
    ) -> Sealed:
        errand = errand_of(parts, caller, target, key, f"seal/{model.name}", command)
        message = await seal_errand(parts, caller, errand, VALID_FOR)
        return Sealed(message=message, input=_to_send(message, parts.settings))

    return seal_command


def _to_send(message: SealedCommand, settings: Settings) -> str:
    plain = json.dumps(message.model_dump(mode="json"), separators=(",", ":"))
    if not settings.codec_ring:
        return plain
    payload = Payload(metadata={"encoding": b"json/plain"}, data=plain.encode())
    return wrap(Codec(settings.codec_ring).lock(payload))


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
