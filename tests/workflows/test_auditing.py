"""The auditor of the clocks on the dev server: every fault made on purpose, found, told once, and gone when mended."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from uuid import uuid4

import httpx2
import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import select, text
from temporalio import activity
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from activities.auditing import Auditing
from activities.signatures import AUDIT_CLOCKS, AuditReport
from channels.asking import LostAnswer, NotSent
from channels.heartbeat import Heartbeat
from db import findings
from db.directory import Counties
from db.session import Sessions
from db.tables import NoticeRow
from domain.county import County
from domain.notices import NoticeKind
from domain.vocabulary import Fault, IncidentId
from runtime.embedded.ports import free_port
from tests.clock import FixedClock
from tests.scene import Scene
from tests.workflows.world import World
from worker import activities_for, make_worker
from workflows.auditing import AuditWorkflow, auditor_id, keep_auditor
from workflows.census import Census

EVERY = timedelta(minutes=5)


class Later:
    """A clock that is ahead of the processes': to it, what is planned for soon should have happened."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.ahead = timedelta(minutes=5)

    async def now(self) -> datetime:
        return await self._world.clock.now() + self.ahead


class Watchman:
    """Hears the heartbeat, and is away when he is told to be."""

    def __init__(self, server: HTTPServer) -> None:
        server.expect_request("/alive", method="GET").respond_with_data("OK")
        self._server = server
        self.url = server.url_for("/alive")

    @property
    def heard(self) -> int:
        return len(self._server.log)


def auditing(world: World, clock: Later, heartbeat: Heartbeat | None = None) -> Auditing:
    return Auditing(world.sessions, clock, Counties(), Census(world.client, world.task_queue), heartbeat)


async def until(found: Callable[[], Awaitable[bool]]) -> None:
    """Lists of Temporal lag a little behind."""
    for _ in range(100):
        if await found():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it was not found")


async def found(world: World) -> Mapping[Fault, int]:
    async with world.sessions() as session:
        return await findings.counts(session)


@pytest.fixture
async def scene(sessions: Sessions, county: County, world: World) -> Scene:
    """Writes a ledger beside the processes."""
    return Scene(sessions, county, FixedClock(await world.clock.now()))


async def test_every_fault_is_found_told_once_and_gone_when_mended(world: World, scene: Scene) -> None:
    clock = Later(world)
    audit = auditing(world, clock).audit
    await world.submit()
    await until(lambda: _lists(world, world.incident))
    report: AuditReport = await audit()
    assert (report.incidents, report.processes, report.found) == (1, 1, {})

    # An open incident that nobody brought to Temporal, a process that no ledger knows, an alarm nobody rang.
    await scene.submit()
    stranger = World(world.env, world.sessions, world.task_queue)
    await stranger.start()
    clock.ahead = timedelta(hours=1)
    await until(lambda: _lists(world, stranger.incident))
    report = await audit()
    assert report.found == {Fault.NO_PROCESS: 1, Fault.UNKNOWN_PROCESS: 1, Fault.ALARM_MISSED: 1}
    assert await told(world) == []

    # What is found again is told once, and what has changed in between is found anew.
    await world.handle.terminate("on purpose")
    await stranger.handle.terminate("on purpose")
    async with world.sessions.begin() as session:
        behind = "UPDATE incidents SET head_seq = head_seq - 1 WHERE id = :id"
        await session.execute(text(behind), {"id": scene.id})
    await until(lambda: _unlisted(world))
    clock.ahead += EVERY
    report = await audit()
    assert report.found == {Fault.PROCESS_ENDED: 1, Fault.ROW_BEHIND: 1}
    clock.ahead += EVERY
    await audit()
    everybody = await told(world)
    assert {fault for _, fault in everybody} == {"process_ended", "row_behind"}
    clock.ahead += EVERY
    await audit()
    assert await told(world) == everybody

    # A row that is missing altogether is one that is behind, and mending ends it.
    async with world.sessions.begin() as session:
        await session.execute(text("DELETE FROM incidents WHERE id = :id"), {"id": scene.id})
    report = await audit()
    assert report.found[Fault.ROW_BEHIND] == 1
    await world.start()
    await until(lambda: _lists(world, world.incident))
    clock.ahead = timedelta(minutes=5)
    assert (await audit()).found == {Fault.ROW_BEHIND: 1}
    assert await found(world) == {Fault.ROW_BEHIND: 1}


async def told(world: World) -> list[tuple[str, str]]:
    columns = select(NoticeRow.officer, NoticeRow.subject).where(NoticeRow.kind == NoticeKind.CLOCKS_FAULTY)
    async with world.sessions() as session:
        return [(officer, subject) for officer, subject in await session.execute(columns.order_by(NoticeRow.id))]


async def _lists(world: World, incident: IncidentId) -> bool:
    return incident in await Census(world.client, world.task_queue).running()


async def _unlisted(world: World) -> bool:
    return not await Census(world.client, world.task_queue).running()


async def test_the_schedule_audits_beats_and_is_made_once(
    real_time: WorkflowEnvironment, sessions: Sessions, httpserver: HTTPServer
) -> None:
    world, watchman = World(real_time, sessions, f"audited-{uuid4().hex}"), Watchman(httpserver)
    async with httpx2.AsyncClient() as http:
        auditor = auditing(world, Later(world), Heartbeat(http, watchman.url))
        activities = [
            *activities_for(world.settings, world.client, sessions, world.clock),
            auditor.audit,
            auditor.beat,
        ]
        async with make_worker(world.client, world.task_queue, activities):
            await asyncio.gather(*(keep_auditor(world.client, world.task_queue, EVERY) for _ in range(2)))
            await until(lambda: _closed(world, 1))
            handle = world.client.get_schedule_handle(auditor_id(world.task_queue))
            await handle.pause(note="ops looks at something")
            await keep_auditor(world.client, world.task_queue, 2 * EVERY)
            schedule = (await handle.describe()).schedule
            assert [interval.every for interval in schedule.spec.intervals] == [2 * EVERY]
            assert schedule.state.paused
            await handle.trigger()
            await until(lambda: _closed(world, 2))
            await handle.delete()
    assert watchman.heard == 2
    async with sessions() as session:
        audit = await findings.last(session)
    assert audit is not None
    assert audit.incidents == 0


async def _closed(world: World, count: int) -> bool:
    query = f"WorkflowType = '{AuditWorkflow.__name__}' AND TaskQueue = '{world.task_queue}'"
    runs = [one.status async for one in world.client.list_workflows(query)]
    return runs.count(WorkflowExecutionStatus.COMPLETED) == count


async def test_an_audit_that_fails_beats_no_heartbeat(
    real_time: WorkflowEnvironment, sessions: Sessions, httpserver: HTTPServer
) -> None:
    world, watchman = World(real_time, sessions, f"audited-{uuid4().hex}"), Watchman(httpserver)

    @activity.defn(name=AUDIT_CLOCKS)
    async def away() -> AuditReport:
        raise ApplicationError("the database is away", non_retryable=True)

    async with httpx2.AsyncClient() as http:
        beat = auditing(world, Later(world), Heartbeat(http, watchman.url)).beat
        async with make_worker(world.client, world.task_queue, [away, beat]):
            with pytest.raises(WorkflowFailureError):
                await world.client.execute_workflow(AuditWorkflow.run, id=uuid4().hex, task_queue=world.task_queue)
    assert watchman.heard == 0


async def test_a_watchman_who_is_not_reached_is_said_without_his_address(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/moved").respond_with_data(status=302, headers={"Location": httpserver.url_for("/on")})
    async with httpx2.AsyncClient() as http:
        with pytest.raises(LostAnswer, match=r"^HTTP 302$"):
            await Heartbeat(http, httpserver.url_for("/moved")).beat()
        assert [str(request.path) for request, _ in httpserver.log] == ["/moved"]
        with pytest.raises(NotSent) as away:
            await Heartbeat(http, f"http://127.0.0.1:{free_port()}/secret").beat()
    assert "secret" not in str(away.value)
