"""The event stream: what it tells, how it goes on after a break, and how it ends."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from sqlalchemy import text, update

from api.listeners import MOST_OF_ONE, Listeners
from db import reads
from db.session import Sessions
from db.tables import TokenRow
from domain import commands as c
from domain.vocabulary import OfficerId
from tests.api.office import Office
from tests.api.test_problems import is_problem
from tests.api.test_server import address  # noqa: F401  # The API on a socket: only there does an answer stream.
from tests.scene import Scene

WITHIN = 30


class Listening:
    """A stream as a page reads it."""

    def __init__(self, answer: httpx2.Response) -> None:
        self._lines = answer.aiter_lines()

    async def next(self) -> dict[str, str]:
        """The next event by its fields; empty at the end. Heartbeats are passed over."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(WITHIN):
            async for line in self._lines:
                if not line and fields:
                    return fields
                name, _, value = line.partition(": ")
                if name:
                    fields[name] = value
        return fields


@asynccontextmanager
async def listening(
    office: Office, at: str, officer: str, last_id: str | None = None, token: str | None = None
) -> AsyncIterator[Listening]:
    headers = {"Authorization": f"Bearer {token}"} if token else await office.headers(officer)
    if last_id is not None:
        headers = headers | {"Last-Event-ID": last_id}
    async with (
        httpx2.AsyncClient(base_url=at, trust_env=False, timeout=WITHIN) as http,
        http.stream("GET", "/api/v1/events", headers=headers) as answer,
    ):
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Listening(answer)


async def test_a_change_is_told_by_ids_and_codes_and_goes_on_after_a_break(
    office: Office,
    address: str,  # noqa: F811  # A fixture is asked for by its name.
    scene: Scene,
) -> None:
    await scene.submit()
    async with listening(office, address, "baishi.editor") as heard:
        ready = await heard.next()
        assert (ready["event"], json.loads(ready["data"])) == ("ready", {"resumed": False})
        await scene.do("baishi.editor", c.Note(text="已到现场"))
        told = await heard.next()
    seq = (await scene.state()).seq
    assert (told["event"], json.loads(told["data"])) == (
        "incident",
        {"incident": scene.id, "seq": seq, "kind": "noted"},
    )
    await scene.do("baishi.editor", c.Note(text="又记一笔"))
    async with listening(office, address, "baishi.editor", told["id"]) as heard:
        assert json.loads((await heard.next())["data"]) == {"resumed": True}
        assert json.loads((await heard.next())["data"])["seq"] == seq + 1


@pytest.mark.parametrize("last_id", ["999999999999-", "anything", "-", "1-'; DROP TABLE ledger"])
async def test_an_id_that_this_database_never_gave_begins_anew(
    office: Office,
    address: str,  # noqa: F811
    last_id: str,
) -> None:
    async with listening(office, address, "baishi.editor", last_id) as heard:
        assert json.loads((await heard.next())["data"]) == {"resumed": False}


async def test_nothing_is_told_to_whoever_may_not_read_it_any_more(
    office: Office,
    address: str,  # noqa: F811
    scene: Scene,
) -> None:
    await scene.submit()
    async with (
        listening(office, address, "office.duty") as stranger,
        listening(office, address, "office.head") as knowing,
    ):
        for heard in (stranger, knowing):
            assert (await heard.next())["event"] == "ready"
        await scene.do("office.head", c.RestrictIncident(reason="案件侦办"))
        assert json.loads((await knowing.next())["data"])["kind"] == "incident_restricted"
        await scene.do("office.head", c.LiftRestriction(reason="已公开"))
        first = json.loads((await stranger.next())["data"])
        assert (first["kind"], first["incident"]) == ("restriction_lifted", scene.id)


async def test_it_ends_when_the_token_is_revoked(
    office: Office,
    address: str,  # noqa: F811
    scene: Scene,
    sessions: Sessions,
) -> None:
    await scene.submit()
    token = await office.token("baishi.editor")
    async with listening(office, address, "baishi.editor", token=token) as heard:
        await heard.next()
        async with sessions.begin() as session:
            await session.execute(update(TokenRow).values(revoked_at=scene.clock.at))
        await scene.do("baishi.editor", c.Note(text="已到现场"))
        assert await heard.next() == {}


async def test_without_a_token_there_is_no_stream(desk: Office) -> None:
    is_problem(await desk.http.get("/api/v1/events"), 401, "unauthenticated")


async def test_one_officer_opens_only_so_many(office: Office) -> None:
    listeners: Listeners = office.app.state.parts.listeners
    for _ in range(MOST_OF_ONE):
        listeners.add(OfficerId("baishi.editor"))
    answer = await office.get("baishi.editor", "/events")
    is_problem(answer, 429, "too_many_event_streams")
    assert answer.headers["retry-after"]
    listeners.remove(OfficerId("baishi.editor"))
    listeners.add(OfficerId("baishi.editor"))


async def test_a_listener_who_leaves_makes_room(office: Office, address: str) -> None:  # noqa: F811
    for _ in range(MOST_OF_ONE + 2):
        async with listening(office, address, "baishi.editor") as heard:
            await heard.next()


async def test_what_is_committed_late_is_not_passed_by(scene: Scene, sessions: Sessions) -> None:
    await scene.submit()
    async with sessions() as slow:
        # A transaction that began first and commits last.
        await slow.execute(text("SELECT pg_current_xact_id()"))
        async with sessions() as session:
            before = await reads.present(session)
        await scene.do("baishi.editor", c.Note(text="已到现场"))
        async with sessions() as session:
            assert await reads.changes(session, before, 10) == []
        await slow.execute(text("UPDATE incidents SET changed_in = pg_current_xact_id()::text::bigint, head_seq = 1"))
        await slow.commit()
    async with sessions() as session:
        assert len(await reads.changes(session, before, 10)) == 1
