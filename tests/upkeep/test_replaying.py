"""The gate before a deploy: whether a version goes on with the incidents that are open on a server."""

from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from db.session import Sessions
from domain.folding import fold
from domain.incident import Incident
from tests.upkeep.bad_deploys import Drowsy
from tests.upkeep.stage import Stage
from upkeep import replaying
from upkeep.replaying import last_good_task, replay_open
from workflows.incident import IncidentWorkflow


@pytest.fixture
async def stage(server: WorkflowEnvironment, sessions: Sessions) -> AsyncIterator[Stage]:
    stage = Stage(server, sessions)
    yield stage
    await stage.end()


async def gate(stage: Stage, process: type[IncidentWorkflow] = IncidentWorkflow) -> tuple[bool, list[str]]:
    """What it says of this incident; others are open on the server."""
    said: list[str] = []
    passed = await replay_open(stage.sessions, stage.client, said.append, process)
    assert "histories: " in said[-1]
    return passed, [line for line in said if stage.incident in line]


async def test_a_version_passes_that_goes_on_with_what_is_open_and_one_that_does_not_is_stopped(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage.worker():
        await stage.submit()
        await stage.publish("first")
    await stage.listed()
    assert await gate(stage) == (True, [])
    passed, (said,) = await gate(stage, Drowsy)
    assert not passed
    assert said.startswith(f"{stage.incident}: NondeterminismError: ")
    # Replaying does not look at what is decided, so that is held against the ledger.

    def fold_otherwise(*arguments: object) -> Incident | None:
        incident = fold(*arguments)  # type: ignore[arg-type]
        return incident and incident.model_copy(update={"paused": True})

    monkeypatch.setattr(replaying, "fold", fold_otherwise)
    passed, (said,) = await gate(stage)
    assert not passed
    assert said.endswith(": paused")
    assert "another state than the ledger's at entry" in said


async def test_the_last_task_that_still_replays_is_found(stage: Stage) -> None:
    async with stage.worker(Drowsy):
        await stage.submit()
        await stage.accepted("note", "emergency.editor", text="说明")
    history = await stage.handle.fetch_history()
    tasks = [event.event_id for event in history.events if event.HasField("workflow_task_completed_event_attributes")]
    converter = stage.client.data_converter
    assert await last_good_task(history, converter, Drowsy) == tasks[-1]
    # The first task begins with nothing behind it, so any version may take it.
    assert await last_good_task(history, converter) == tasks[0]
