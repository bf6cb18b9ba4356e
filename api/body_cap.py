"""Refuses bodies that are too large or too slow, before anything reads them to the end."""

import asyncio
import re

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem, Trouble, render

_FILE = re.compile(r"^/api/v1/incidents/[^/]+/attachments$")
"""Counts for itself: each kind of file has a limit of its own, and nothing is read further than that."""
_FORM_WITH_FILES = re.compile(r"^/console/(report|incidents/[^/]+/releases/.+)$")
LARGEST_FORM = 512 * 1024 * 1024
"""Bytes of a form that files come with. They go to this machine's disk, and each is then held to its own limit."""
LARGEST_BODY = 1024 * 1024
"""Bytes. A release's text is capped far below; a larger command would poison a workflow task."""
SLOWEST_BODY = 60.0
SLOWEST_FILE = 900.0
"""Seconds from the first look at a body to its end, so that nobody holds a connection by a byte now and then."""


class BodyCap:
    """Believes a Content-Length that admits to being too large, and counts the bytes of every other body."""

    def __init__(self, app: ASGIApp, slowest_body: float = SLOWEST_BODY, slowest_file: float = SLOWEST_FILE) -> None:
        self._app = app
        self._slowest_body = slowest_body
        self._slowest_file = slowest_file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_file = bool(_FILE.match(scope["path"]))
        has_files = bool(_FORM_WITH_FILES.match(scope["path"]))
        largest = LARGEST_FORM if has_files else LARGEST_BODY
        slowest = self._slowest_file if is_file or has_files else self._slowest_body
        announced = Headers(scope=scope).get("content-length", "")
        if not is_file and announced.isdecimal() and int(announced) > largest:
            await render(Request(scope), Problem(Trouble.TOO_LARGE))(scope, receive, send)
            return
        received, ends_at, is_whole = 0, 0.0, False

        async def receive_counted() -> Message:
            nonlocal received, ends_at, is_whole
            if is_whole:
                # What comes after the body is that whoever asked has left, which takes as long as it takes.
                return await receive()
            ends_at = ends_at or asyncio.get_running_loop().time() + slowest
            try:
                async with asyncio.timeout_at(ends_at):
                    message = await receive()
            except TimeoutError:
                raise Problem(Trouble.TOO_SLOW) from None
            is_whole = not message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > largest and not is_file:
                raise Problem(Trouble.TOO_LARGE)
            return message

        await self._app(scope, receive_counted, send)
