"""A client that costs almost nothing, so that what is measured is the server."""

import asyncio
import json
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit
from uuid import uuid4

_SUCCESS = (200, 201, 204)
_AWAY, _AGAIN = 503, 5


class Answer(NamedTuple):
    status: int
    body: dict[str, Any]


class Refused(Exception):
    """The server said no to something a benchmark asks for."""


class Http:
    """One connection, kept open and opened anew where the server has closed it: requests follow one another."""

    def __init__(self, base: str) -> None:
        self._at = urlsplit(base)
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._close()

    async def get(self, path: str, token: str) -> Answer:
        return await self._ask(self._head("GET", path, token))

    async def post(self, path: str, token: str, body: dict[str, Any]) -> Answer:
        """Under a key of its own, sent again while the process is away: what that takes counts. Raises Refused for
        anything but success.
        """
        content = json.dumps(body).encode()
        more = f"Content-Type: application/json\r\nIdempotency-Key: {uuid4().hex}\r\nContent-Length: {len(content)}\r\n"
        head = self._head("POST", path, token, more)
        answer = await self._ask(head, content)
        for _ in range(_AGAIN):
            if answer.status != _AWAY:
                break
            answer = await self._ask(head, content)
        if answer.status not in _SUCCESS:
            raise Refused(f"POST {path}: {answer.status} {answer.body}")
        return answer

    def _head(self, method: str, path: str, token: str, more: str = "") -> bytes:
        head = f"{method} {path} HTTP/1.1\r\nHost: {self._at.netloc}\r\nAuthorization: Bearer {token}\r\n{more}\r\n"
        return head.encode()

    async def _ask(self, head: bytes, content: bytes = b"") -> Answer:
        try:
            return await self._ask_once(head, content)
        except (asyncio.IncompleteReadError, ConnectionError):
            # Idle too long, the server has closed it. The key is the same.
            self._close()
            return await self._ask_once(head, content)

    async def _ask_once(self, head: bytes, content: bytes) -> Answer:
        if self._open is None:
            self._open = await asyncio.open_connection(self._at.hostname, self._at.port, limit=2**24)
        reader, writer = self._open
        writer.write(head + content)
        answered = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status = int(answered.split(" ", 2)[1])
        length = next((line for line in answered.split("\r\n") if line.startswith("content-length:")), ":0")
        raw = await reader.readexactly(int(length.partition(":")[2]))
        return Answer(status, json.loads(raw) if raw else {})

    def _close(self) -> None:
        if self._open is not None:
            self._open[1].close()
        self._open = None
