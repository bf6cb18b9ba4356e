"""Bodies and addresses made to break whoever reads them, or to keep them busy."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
import uvicorn
from starlette.types import Message, Receive, Scope, Send

from api.__main__ import LONGEST_HEAD
from api.body_cap import LARGEST_BODY, BodyCap
from db.session import Sessions
from tests.api.browser import ORIGIN, Browser
from tests.api.office import Office, app_for, serving, settings_for
from tests.api.test_problems import is_problem
from tests.api.test_server import AnnouncedServer
from tests.clock import FixedClock
from tests.scene import Scene
from tests.uploads import png

TITLE = '{"title": %s, "summary": "x", "category": "other", "source": "media", "detected_at": "2026-11-03T07:00:00Z"}'


async def sent(office: Office, raw: bytes) -> httpx2.Response:
    headers = await office.headers("baishi.editor")
    headers |= {"Idempotency-Key": "attack", "Content-Type": "application/json"}
    return await office.http.post("/api/v1/incidents", content=raw, headers=headers)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"title": "a", "title": "b"}',
        b'{"due_by": {"result": "a", "result": "b"}}',
        b'{"hour_seconds": NaN}',
        b'{"hour_seconds": -Infinity}',
        b'{"hour_seconds": ' + b"9" * 5000 + b"}",
        b'{"title": "\xc0\xaf"}',
        b'{"title": "\xed\xa0\x80"}',
        b'{"title": "\xf8\x88\x80\x80\x80"}',
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"{}{}",
        b"",
        b"\x00",
    ],
    ids=lambda raw: repr(raw[:24]),
)
async def test_what_can_be_read_in_two_ways_is_not_read(desk: Office, raw: bytes) -> None:
    is_problem(await sent(desk, raw), 400, "json_malformed")


@pytest.mark.parametrize(
    "title", ['"\\u0000"', '"\\ud800"', '"\\udfff\\ud800"', '"' + "a" * 201 + '"', "1e999", "1", "[]", "true", "null"]
)
async def test_what_cannot_be_kept_is_refused_by_its_field(desk: Office, title: str) -> None:
    answer = await sent(desk, (TITLE % title).encode())
    is_problem(answer, 422, "invalid")
    assert {error["field"] for error in answer.json()["errors"]} == {"title"}


@pytest.mark.parametrize("number", [10**30, -(10**30), 1e308, 10**400])
async def test_no_number_is_too_large_to_be_refused(desk: Office, number: float) -> None:
    raw = (TITLE % '"a"')[:-1] + f', "drill": true, "hour_seconds": {number}}}'
    assert (await sent(desk, raw.encode())).status_code == 422


@pytest.mark.parametrize("path", ["/console/login", "/api/v1/incidents"])
async def test_a_body_that_does_not_say_how_large_it_is_ends_where_it_is_too_large(
    database_url: str, sessions: Sessions, clock: FixedClock, path: str
) -> None:
    """The framework takes whatever goes wrong while it reads a form for a malformed one."""
    read = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal read
        while read < 5 * LARGEST_BODY:
            read += 65_536
            yield b"a" * 65_536

    async with serving(app_for(settings_for(database_url), clock), sessions, clock) as office:
        kind = "application/x-www-form-urlencoded" if "console" in path else "application/json"
        headers = await office.headers("baishi.editor")
        headers |= {"Origin": ORIGIN, "Content-Type": kind, "Idempotency-Key": "k"}
        answer = await office.http.post(path, content=pieces(), headers=headers)
    assert answer.status_code == 413
    assert read <= LARGEST_BODY + 65_536


async def test_a_form_that_is_none_is_a_page_that_says_so(
    database_url: str, sessions: Sessions, clock: FixedClock
) -> None:
    app = app_for(settings_for(database_url), clock)
    async with serving(app, sessions, clock):
        browser = Browser(app)
        for raw in (b"--y\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\nv\r\n--x--\r\n", b"--x\r\n" * 3):
            answer = await browser.http.post(
                "/console/login",
                content=raw,
                headers={"Origin": ORIGIN, "Content-Type": "multipart/form-data; boundary=x"},
            )
            assert answer.status_code in (400, 401), raw
            assert answer.headers["content-type"].startswith("text/html")


async def test_a_body_that_never_ends_is_given_up(desk: Office) -> None:
    scope = {"type": "http", "method": "POST", "path": "/api/v1/incidents", "headers": [], "query_string": b""}
    came, answers = asyncio.Event(), list[Message]()

    async def trickle() -> Message:
        """A byte, and then nothing more."""
        if not came.is_set():
            came.set()
            return {"type": "http.request", "body": b"{", "more_body": True}
        return await asyncio.Future()

    async def reading(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass

    async def keep(message: Message) -> None:
        answers.append(message)

    with pytest.raises(Exception, match="body_too_slow"):
        await BodyCap(reading, slowest_body=0.01)(scope, trickle, keep)


async def test_waiting_for_somebody_to_leave_takes_as_long_as_it_takes() -> None:
    """What streams events waits behind a body that was whole long ago."""
    messages = [{"type": "http.request", "body": b"", "more_body": False}]
    left = asyncio.Event()

    async def receive() -> Message:
        if messages:
            return messages.pop()
        await left.wait()
        return {"type": "http.disconnect"}

    async def streaming(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        waiting = asyncio.ensure_future(receive())
        done, _ = await asyncio.wait([waiting], timeout=0.05)
        assert not done
        left.set()
        assert (await waiting)["type"] == "http.disconnect"

    async def send(_message: Message) -> None: ...

    scope = {"type": "http", "method": "GET", "path": "/api/v1/events", "headers": []}
    await BodyCap(streaming, slowest_body=0.01)(scope, receive, send)


@pytest.fixture
async def address(database_url: str, clock: FixedClock) -> AsyncIterator[str]:
    """A real server, as `python -m api` configures it."""
    config = uvicorn.Config(
        app_for(settings_for(database_url), clock),
        port=0,
        log_config=None,
        access_log=False,
        http="h11",
        h11_max_incomplete_event_size=LONGEST_HEAD,
        forwarded_allow_ips="127.0.0.9",
    )
    server = AnnouncedServer(config)
    task = asyncio.create_task(server._serve())
    await server.is_up.wait()
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await task


async def test_a_head_that_goes_on_and_on_is_cut_off(address: str) -> None:
    async with httpx2.AsyncClient(base_url=address, trust_env=False) as http:
        for headers in (
            {"X-Long": "a" * 10 * LONGEST_HEAD},
            {f"X-{number}": "a" * 1000 for number in range(10 * LONGEST_HEAD // 1000)},
        ):
            try:
                answer = await http.get("/healthz", headers=headers)
            except httpx2.TransportError:
                # Cut off while it was still being sent.
                continue
            assert answer.status_code in (400, 414, 431)
        assert (await http.get("/healthz")).status_code == 200


@pytest.mark.parametrize("query", ["limit=1000000", "limit=-1", "cursor=" + "A" * 401, "limit=" + "9" * 5000, "x=1"])
async def test_no_page_is_larger_than_a_page(desk: Office, query: str) -> None:
    headers = await desk.headers("office.duty")
    for path in ("/incidents", "/notices", "/deliveries"):
        assert (await desk.http.get(f"/api/v1{path}?{query}", headers=headers)).status_code == 422


async def test_what_costs_much_is_had_so_often_a_minute(
    database_url: str, sessions: Sessions, clock: FixedClock, scene: Scene, tmp_path: Path
) -> None:
    settings = settings_for(
        database_url, documents_per_minute=2, uploads_per_minute=1, attachments_url=tmp_path.as_uri()
    )
    await scene.submit()
    async with serving(app_for(settings, clock), sessions, clock) as office:
        assert (await office.get("office.duty", f"/incidents/{scene.id}/evidence")).status_code == 200
        assert (await office.get("office.duty", "/incidents", q="停水")).status_code == 200
        for path in ("/incidents?q=a", f"/incidents/{scene.id}/evidence", "/documents/ledger.xlsx"):
            is_problem(await office.get("office.duty", path), 429, "too_many_requests")
        assert (await office.get("office.duty", "/incidents")).status_code == 200
        assert (await office.get("office.deputy", "/incidents?q=a")).status_code == 200
        assert (await office.upload("baishi.editor", scene.id, png())).status_code == 201
        is_problem(await office.upload("baishi.editor", scene.id, png(shade=1)), 429, "too_many_requests")
