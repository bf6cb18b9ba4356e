"""Encrypts and decrypts payloads for Temporal's UI and command line, in Temporal's own protocol. Ops only."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send
from temporalio.api.common.v1 import Payload, Payloads

from api.auth import Asking, Caller, caller, of_session
from api.parts import AppParts, Parts
from api.problems import Fault, Problem, Trouble
from domain.permissions import seat_for
from domain.vocabulary import ReadName
from runtime.codec import Codec

_PATH = "/codec/"
# It speaks a protocol that is described elsewhere.
router = APIRouter(prefix="/codec", tags=["operations"], include_in_schema=False)

_NAMESPACE = Fault("X-Namespace", ("不是本系统的命名空间", "not the namespace of this installation"))
_PAYLOADS = Fault("payloads", ("不是有效的载荷列表", "not a list of payloads"))


async def _looking(request: Request, parts: AppParts) -> Caller:
    """Who asks; for Temporal's UI, which has no token to send, whoever is signed in to the console in that browser.

    Decrypting changes nothing, and only that one page, whose origin no other page can claim, is shown the answer.
    """
    at_ui = (
        bool(parts.settings.temporal_ui_origin) and request.headers.get("origin") == parts.settings.temporal_ui_origin
    )
    if at_ui and "authorization" not in request.headers:
        return await of_session(request, parts)
    return await caller(request, parts)


Looking = Annotated[Caller, Depends(_looking)]


def _codec(request: Request, parts: Parts, caller: Caller) -> Codec:
    """Raises a 403 for whoever is not ops, a 422 for another namespace's payloads, a 404 without any key."""
    if seat_for(ReadName.PAYLOADS, caller.actor, None) is None:
        raise Problem(Trouble.NOT_READABLE)
    if request.headers.get("x-namespace") != parts.settings.temporal_namespace:
        raise Problem(Trouble.INVALID, [_NAMESPACE])
    if not parts.settings.codec_ring:
        raise Problem(Trouble.NOT_FOUND)
    return Codec(parts.settings.codec_ring)


@router.post("/encode")
async def encode(request: Request, parts: AppParts, caller: Asking, body: dict[str, Any]) -> dict[str, Any]:
    return _each(_codec(request, parts, caller).lock, body)


@router.post("/decode")
async def decode(request: Request, parts: AppParts, caller: Looking, body: dict[str, Any]) -> dict[str, Any]:
    return _each(_codec(request, parts, caller).show, body)


def _each(change: Callable[[Payload], Payload], body: dict[str, Any]) -> dict[str, Any]:
    try:
        given = ParseDict(body, Payloads())
    except ParseError:
        raise Problem(Trouble.INVALID, [_PAYLOADS]) from None
    return MessageToDict(Payloads(payloads=map(change, given.payloads)))


class CodecOrigin:
    """Lets pages of one origin, Temporal's UI, call these routes and no other; without an origin, none."""

    def __init__(self, app: ASGIApp, origin: str) -> None:
        self._app = app
        self._open = CORSMiddleware(
            app,
            allow_origins=[origin] if origin else [],
            allow_credentials=True,
            allow_methods=["POST"],
            allow_headers=["content-type", "x-namespace", "authorization", "authorization-extras"],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_ours = scope["type"] == "http" and scope["path"].startswith(_PATH)
        await (self._open if is_ours else self._app)(scope, receive, send)
