"""A small HTTP server on loopback that can lose requests and answers as a network does."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlsplit


class Fault(StrEnum):
    """What goes wrong with one request. What happens after it was processed is the dangerous half."""

    LOST_REQUEST = "lost_request"
    LOST_ANSWER = "lost_answer"
    GATEWAY_BEFORE = "gateway_before"
    GATEWAY_AFTER = "gateway_after"
    NO_JSON = "no_json"
    TOO_MANY = "too_many"
    STALE_TOKEN = "stale_token"
    BUSY = "busy"
    SAYS_BUSY_BUT_TOOK_IT = "says_busy_but_took_it"


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        found = json.loads(self.body)
        assert isinstance(found, dict)
        return found

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True)) | self.query


Answering = Callable[[Asked], dict[str, Any]]
_GATEWAY = b"<html>502 Bad Gateway</html>"


@dataclass
class Platform:
    """`answer` processes a request; `faults` are met one by one, None meaning that all goes well."""

    faults: deque[Fault | None] = field(default_factory=deque)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, asked: Asked) -> dict[str, Any]:
        raise NotImplementedError

    def trouble(self, fault: Fault) -> dict[str, Any]:
        """How this platform says that it is busy or that a token does not hold."""
        raise NotImplementedError

    def respond(self, asked: Asked) -> bytes | None:
        """The answer's bytes; None when the line breaks."""
        self.asked.append(asked.path)
        fault = self.faults.popleft() if self.faults else None
        if fault in _BEFORE:
            return _BEFORE[fault]
        answer = {} if fault in (Fault.STALE_TOKEN, Fault.BUSY) else self.answer(asked)
        if fault in (Fault.STALE_TOKEN, Fault.BUSY, Fault.SAYS_BUSY_BUT_TOOK_IT):
            answer = self.trouble(fault)
        status = int(answer.pop("http", 200))
        return _AFTER[fault] if fault in _AFTER else _http(status, json.dumps(answer).encode())


def _http(status: int, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status} x", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


_BEFORE: dict[Fault | None, bytes | None] = {
    Fault.LOST_REQUEST: None,
    Fault.GATEWAY_BEFORE: _http(502, _GATEWAY),
    Fault.TOO_MANY: _http(429, b"{}", {"Retry-After": "7"}),
}
_AFTER: dict[Fault | None, bytes | None] = {
    Fault.LOST_ANSWER: None,
    Fault.GATEWAY_AFTER: _http(502, _GATEWAY),
    Fault.NO_JSON: _http(200, b"ok"),
}


@asynccontextmanager
async def served(platform: Platform) -> AsyncIterator[None]:
    """The platform, reachable at its `url`."""
    server = await asyncio.start_server(_handling(platform), "127.0.0.1", 0)
    platform.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield
    finally:
        server.close()
        await server.wait_closed()


def _handling(platform: Platform) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = await _read(reader)
            if asked is not None and (answer := platform.respond(asked)) is not None:
                writer.write(answer)
                await writer.drain()
        except ConnectionError:
            # Whoever asked was killed.
            pass
        finally:
            writer.close()

    return handle


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    return Asked(method, parts.path, dict(parse_qsl(parts.query)), headers, body)
