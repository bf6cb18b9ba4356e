"""The API behind a real server: what only a socket shows."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator

import httpx2
import pytest
import uvicorn

from tests.api.office import Office, app_for, settings_for
from tests.clock import FixedClock

THREE_MEGABYTES = 3 * 1024 * 1024


class AnnouncedServer(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()


@pytest.fixture
async def address(database_url: str, clock: FixedClock) -> AsyncIterator[str]:
    config = uvicorn.Config(app_for(settings_for(database_url), clock), port=0, log_config=None, access_log=False)
    server = AnnouncedServer(config)
    serving = asyncio.create_task(server._serve())
    await server.is_up.wait()
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


@pytest.mark.parametrize("announced", [True, False])
async def test_three_megabytes_are_too_much_however_they_come(office: Office, address: str, announced: bool) -> None:
    body = json.dumps(await office.submission(summary="x" * THREE_MEGABYTES)).encode()

    async def streamed() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    headers = await office.headers("baishi.editor") | {"Idempotency-Key": "big", "Content-Type": "application/json"}
    async with httpx2.AsyncClient(base_url=address, trust_env=False) as http:
        content = body if announced else streamed()
        answer = await http.post("/api/v1/incidents", content=content, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
        assert answer.json()["code"] == "body_too_large"
        assert (await http.get("/healthz")).status_code == 200


async def test_a_body_below_the_cap_is_read(office: Office, address: str) -> None:
    body = await office.submission(summary="x" * 900_000)
    headers = await office.headers("baishi.editor") | {"Idempotency-Key": "large"}
    async with httpx2.AsyncClient(base_url=address, trust_env=False) as http:
        answer = await http.post("/api/v1/incidents", json=body, headers=headers)
    assert [error["field"] for error in answer.json()["errors"]] == ["summary"]
