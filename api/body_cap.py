"""Refuses bodies that are too large, before anything reads them to the end."""

import re

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem, Trouble, render

_COUNTS_FOR_ITSELF = re.compile(r"^/api/v1/incidents/[^/]+/attachments$")
"""Takes files, each kind up to a limit of its own, and reads no further than that."""
_FORM_WITH_FILES = re.compile(r"^/console/(report|incidents/[^/]+/releases/.+)$")
LARGEST_FORM = 512 * 1024 * 1024
"""Bytes of a form that files come with. They go to this machine's disk, and each is then held to its own limit."""
LARGEST_BODY = 1024 * 1024
"""Bytes. A release's text is capped far below; a larger command would poison a workflow task."""


class BodyCap:
    """Believes a Content-Length that admits to being too large, and counts the bytes of every other body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _COUNTS_FOR_ITSELF.match(scope["path"]):
            await self._app(scope, receive, send)
            return
        announced, largest = Headers(scope=scope).get("content-length", ""), LARGEST_BODY
        if _FORM_WITH_FILES.match(scope["path"]):
            largest = LARGEST_FORM
        if announced.isdecimal() and int(announced) > largest:
            await render(Request(scope), Problem(Trouble.TOO_LARGE))(scope, receive, send)
            return
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > largest:
                raise Problem(Trouble.TOO_LARGE)
            return message

        await self._app(scope, receive_counted, send)
