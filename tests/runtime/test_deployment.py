"""Versions of workers on the dev server: who gets the tasks, and how one version follows another."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkerDeploymentVersion
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from runtime.deployment import (
    CannotTakeOver,
    build_id,
    current_build,
    own_version,
    polling_builds,
    take_over,
    unversioned,
    versioned,
)
from tests.api.office import settings_for
from tests.workflows.conftest import real_time  # noqa: F401  # Its workflow server.

NOBODY = "postgresql+asyncpg://nobody@127.0.0.1/none"
SOON, PATIENCE = timedelta(seconds=10), timedelta(seconds=60)


@workflow.defn(name="Asking", sandboxed=False)
class Asking:
    """Open for ever; says which version answers."""

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.update
    async def who(self) -> str:
        answer: str = await workflow.execute_local_activity("who", start_to_close_timeout=SOON)
        return answer


class Fleet:
    """One task queue and one deployment of its own, with workers of several versions."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.queue = f"versions-{uuid4().hex}"
        self.name = f"fleet-{uuid4().hex}"

    def version(self, build: str) -> WorkerDeploymentVersion:
        return WorkerDeploymentVersion(self.name, build)

    def worker(self, build: str) -> Worker:
        @activity.defn(name="who")
        async def who() -> str:
            return build

        return Worker(
            self.client,
            task_queue=self.queue,
            workflows=[Asking],
            activities=[who],
            workflow_runner=UnsandboxedWorkflowRunner(),
            deployment_config=versioned(self.version(build)) if build else unversioned(),
        )

    async def start(self) -> "WorkflowHandle[Asking, None]":
        return await self.client.start_workflow(Asking.run, id=f"asking-{uuid4().hex}", task_queue=self.queue)

    async def take_over(self, build: str) -> None:
        await take_over(self.client, self.version(build), self.queue, within=PATIENCE)

    async def moves(self, asked: "WorkflowHandle[Asking, None]", build: str) -> None:
        """Return once `build` answers; what is under way when it takes over may still be answered by the other."""
        async with asyncio.timeout(PATIENCE.total_seconds()):
            while await asked.execute_update(Asking.who) != build:
                pass


@pytest.fixture
def fleet(real_time: WorkflowEnvironment) -> Fleet:  # noqa: F811  # A fixture is asked for by its name.
    return Fleet(real_time.client)


def test_a_build_is_named_after_the_program_and_its_code() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+-[0-9a-f]{12}", build_id())
    assert own_version(settings_for(NOBODY)) == WorkerDeploymentVersion("huiying", build_id())
    assert own_version(settings_for(NOBODY, build_id="7", deployment="county")).build_id == "7"


async def test_an_open_process_moves_to_the_version_that_takes_over_and_back(fleet: Fleet) -> None:
    asked = await fleet.start()
    async with fleet.worker("1"):
        await fleet.take_over("1")
        await fleet.moves(asked, "1")
        async with fleet.worker("2"):
            # Beside the version in charge, a new one gets nothing.
            assert await asked.execute_update(Asking.who) == "1"
            assert await current_build(fleet.client, fleet.name) == "1"
            await fleet.take_over("2")
            newer = await fleet.start()
            for one in (asked, newer):
                await fleet.moves(one, "2")
            await fleet.take_over("1")
            for one in (asked, newer):
                await fleet.moves(one, "1")


async def test_what_workers_without_versions_began_goes_on_with_one_that_has(fleet: Fleet) -> None:
    asked = await fleet.start()
    async with fleet.worker(""):
        assert await asked.execute_update(Asking.who) == ""
        assert await polling_builds(fleet.client, fleet.queue, datetime.now(UTC) - SOON) == {""}
        async with fleet.worker("1"):
            await fleet.take_over("1")
            await fleet.moves(asked, "1")
            # And back, where the version before knew of none.
            await fleet.take_over("")
        assert await current_build(fleet.client, fleet.name) is None
        await fleet.moves(asked, "")


async def test_a_version_without_a_worker_gets_no_tasks(fleet: Fleet) -> None:
    assert await current_build(fleet.client, fleet.name) is None
    with pytest.raises(CannotTakeOver, match="does a worker of it run"):
        await take_over(fleet.client, fleet.version("9"), fleet.queue, within=timedelta())
    async with fleet.worker("1"):
        await fleet.take_over("1")
        with pytest.raises(CannotTakeOver, match="9"):
            await take_over(fleet.client, fleet.version("9"), fleet.queue, within=timedelta())


async def test_a_worker_is_seen_once_it_polls(fleet: Fleet) -> None:
    before = datetime.now(UTC)
    assert await polling_builds(fleet.client, fleet.queue, before) == frozenset()
    async with fleet.worker("1"):
        await fleet.take_over("1")
        assert await polling_builds(fleet.client, fleet.queue, before) == {"1"}
    assert await polling_builds(fleet.client, fleet.queue, datetime.now(UTC)) == frozenset()
