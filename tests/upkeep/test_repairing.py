"""What gets stuck on a real server: `huiying repair` says why, makes it go on, and nothing happens twice."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import PauseActivityRequest
from temporalio.common import WorkerDeploymentVersion
from temporalio.testing import WorkflowEnvironment

from channels.bulletin import Bulletin
from db.session import Sessions
from domain.stuck import Remedy
from domain.vocabulary import Channel
from runtime.embedded.binaries import temporal_binary
from tests.upkeep.bad_deploys import POISON, Choking, Drowsy
from tests.upkeep.stage import Stage, Website
from upkeep.remedies import Remedies
from upkeep.repairing import EVERYTHING, Repair
from worker import activities_for, make_worker

BOTH = (Channel.BULLETIN, Channel.WEBSITE)


@pytest.fixture
async def stage(server: WorkflowEnvironment, sessions: Sessions) -> AsyncIterator[Stage]:
    stage = Stage(server, sessions)
    yield stage
    await stage.end()


@pytest.fixture
def website() -> Website:
    return Website()


@pytest.fixture
async def connected(server: WorkflowEnvironment, sessions: Sessions, website: Website) -> AsyncIterator[Stage]:
    """With a website beside the bulletin."""
    stage = Stage(server, sessions, {Channel.BULLETIN: Bulletin(), Channel.WEBSITE: website})
    yield stage
    await stage.end()


async def test_a_bad_deploy_is_rolled_back_and_reset(stage: Stage, sessions: Sessions) -> None:
    async with stage.worker():
        await stage.submit()
        await stage.publish("first")
    before = await stage.traces()
    younger = Stage(stage.env, sessions)
    younger.task_queue = stage.task_queue
    async with stage.worker(Drowsy):
        await younger.submit()
        await stage.signal(await stage.sealed("note", "emergency.editor", text="坏版本期间"))
        assert "does not fit its history" in await stage.stuck("workflow task failed")
        assert await younger.repair() == []
    assert await stage.traces() == before
    async with stage.worker():
        await younger.signal(await younger.sealed("note", "emergency.editor", text="换回之后"))
        for one in (stage, younger):
            await one.stuck("does not fit its history")
            assert "done" in (await one.repair(EVERYTHING))[0]
            await one.last("noted")
            assert await one.repair() == []
    after = await stage.traces()
    assert after == before | {"ledger": before["ledger"] + 1}
    await younger.end()


# The SDK drops the messages behind the one that fails the task.
@pytest.mark.filterwarnings("ignore:coroutine '_WorkflowInstanceImpl:RuntimeWarning")
async def test_a_message_that_a_version_chokes_on_is_left_out_and_the_others_are_taken(stage: Stage) -> None:
    async with stage.worker(Choking):
        await stage.submit()
        await stage.publish("first")
        before = await stage.traces()
        await stage.handle.signal(POISON, {"anything": 1})
        await stage.signal(await stage.sealed("note", "emergency.editor", text="同时发来"))
        said = await stage.stuck("workflow task failed")
        event = re.search(r"poison \((\d+)\), note", said)
        assert event, said
        await stage.repair(EVERYTHING, leave_out=int(event[1]))
        await stage.last("noted")
        assert await stage.repair() == []
    assert await stage.traces() == before | {"ledger": before["ledger"] + 1}
    async with stage.worker():
        # The process as it is chokes on nothing: it says no, and puts it down.
        await stage.handle.signal(POISON, {"anything": 1})
        await stage.last("refused")
        assert await stage.repair() == []


async def test_a_channel_that_is_down_for_a_day_is_chased_and_tried_again_when_told(
    connected: Stage, website: Website
) -> None:
    connected.clock = connected.time
    async with connected.worker():
        await connected.submit()
        release = await connected.publish("first", BOTH)
        await connected.time.pass_by(timedelta(days=1))
        await connected.until(lambda incident: incident.parked)
        assert {"chased", "reminded"} <= set(await connected.types())
        await connected.flagged()
        (said,) = [one for one in await connected.repair() if "parked" in one]
        assert f"the publication of {release} on website is parked" in said
        assert website.taken == []
        website.down = False
        await connected.repair(EVERYTHING)
        await connected.until(lambda incident: len(incident.this_round()[0].receipts) == 2)
        assert len(website.taken) == 1
        assert (await connected.types()).count("published") == 2
        assert not [one for one in await connected.repair() if "parked" in one]


async def test_an_activity_that_fails_again_and_again_or_was_paused_is_tried_at_once(
    connected: Stage, website: Website
) -> None:
    async with connected.worker():
        await connected.submit()
        await connected.publish("first", BOTH)
        said = await connected.stuck("activity publish failed")
        assert "lastly with ConnectionError" in said
        process = WorkflowExecution(workflow_id=connected.handle.id)
        pause = PauseActivityRequest(namespace=connected.client.namespace, execution=process, type="publish")
        await connected.client.workflow_service.pause_activity(pause)
        await connected.stuck("somebody paused the activity publish")
        website.down = False
        await connected.repair(EVERYTHING)
        await connected.until(lambda incident: len(incident.this_round()[0].receipts) == 2)
        assert await connected.repair() == []
    assert len(website.taken) == 1


async def test_an_incident_reset_to_its_first_task_publishes_notifies_and_records_nothing_twice(
    connected: Stage, website: Website
) -> None:
    website.down = False
    async with connected.worker():
        await connected.submit()
        for kind in ("first", "update"):
            await connected.publish(kind, BOTH)
        await connected.until(lambda incident: sum(len(r.receipts) for r in incident.releases.values()) == 4)
        before, state = await connected.traces(), await connected.state()
        assert (before["bulletin"], before["receipts"], len(website.taken)) == (2, 4, 2)
        run = (await connected.handle.describe()).run_id
        # As somebody does who has nothing but Temporal's own command line.
        await temporal(connected, "workflow", "reset", "--type", "FirstWorkflowTask", "--reason", "a test")
        await connected.accepted("note", "emergency.editor", text="重置之后")
        assert (await connected.handle.describe()).run_id != run
        assert await connected.repair() == []
    assert await connected.traces() == before | {"ledger": before["ledger"] + 1}
    assert website.asked == 2
    after = await connected.state()
    assert after == state.model_copy(update={"seq": after.seq})


async def test_a_process_that_was_ended_by_force_starts_again_from_its_ledger(stage: Stage) -> None:
    async with stage.worker():
        await stage.submit()
        before = await stage.traces()
        await temporal(stage, "workflow", "terminate", "--reason", "a test")
        await stage.stuck("has no process: the last one terminated")
        await stage.repair(EVERYTHING)
        await stage.accepted("note", "emergency.editor", text="继续")
        assert await stage.repair() == []
    assert await stage.traces() == before | {"ledger": before["ledger"] + 1}


async def temporal(stage: Stage, *arguments: str) -> None:
    """`temporal …` for the incident's process."""
    address = stage.client.service_client.config.target_host
    where = ("--workflow-id", stage.handle.id, "--address", address, "--disable-config-file")
    process = await asyncio.create_subprocess_exec(
        temporal_binary(), *arguments, *where, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()


async def test_workers_that_are_not_there_or_get_no_tasks_are_told_and_the_latter_take_over(stage: Stage) -> None:
    said: list[str] = []
    deployment = f"of-{stage.incident}"
    remedies = Remedies(stage.client, stage.task_queue, deployment)
    looking = Repair(stage.sessions, stage.clock, remedies, said.append)
    mending = replace(looking, performs=frozenset({Remedy.TAKE_OVER}))
    assert not await looking.look_at_workers()
    activities = activities_for(stage.settings, stage.client, stage.sessions, stage.clock)
    version = WorkerDeploymentVersion(deployment, "1")
    async with make_worker(stage.client, stage.task_queue, activities, version):
        while await looking.look_at_workers() or "no worker" in said[-1]:  # noqa: ASYNC110  # Nobody tells us.
            await asyncio.sleep(0.05)
        assert said[-1] == "tasks go to version — alone, while the workers that are there are 1; let 1 take over"
        assert await mending.look_at_workers()
        assert await looking.look_at_workers()
        await stage.submit()
    assert said[0] == "no worker asks for tasks, so no incident goes on; start a worker"
