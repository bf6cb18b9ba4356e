"""The replay gate: recorded histories replay without divergence and end in the same state.

Replay alone ignores what activities were asked and how long timers ran, so the state is compared too.
"""

import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from domain.incident import Incident
from workflows.incident import IncidentWorkflow
from workflows.lane import Lane
from workflows.sandbox import SANDBOX, STRICT

FOLDER = Path(__file__).parent.parent / "histories"
# Without one, the SDK makes one from every module that is loaded, which takes seconds.
BUILD = "replay"
NAMES = sorted(path.name.removesuffix(".history.json") for path in FOLDER.glob("*.history.json"))


def recorded(name: str) -> WorkflowHistory:
    return WorkflowHistory.from_json(f"recorded-{name}", (FOLDER / f"{name}.history.json").read_text())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sandbox", [SANDBOX, STRICT], ids=["as in a worker", "with nothing shared"])
async def test_a_recorded_history_replays_in_the_sandbox(name: str, sandbox: SandboxedWorkflowRunner) -> None:
    replayer = Replayer(
        workflows=[IncidentWorkflow],
        data_converter=pydantic_data_converter,
        workflow_runner=sandbox,
        build_id=BUILD,
    )
    await replayer.replay_workflow(recorded(name))


@pytest.mark.parametrize("name", NAMES)
async def test_a_replayed_history_ends_in_the_recorded_state(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    states: list[Incident | None] = []
    become = Lane._become

    def remember(self: Lane, incident: Incident | None) -> None:
        states.append(incident)
        become(self, incident)

    monkeypatch.setattr(Lane, "_become", remember)
    replayer = Replayer(
        workflows=[IncidentWorkflow],
        data_converter=pydantic_data_converter,
        workflow_runner=UnsandboxedWorkflowRunner(),
        build_id=BUILD,
    )
    await replayer.replay_workflow(recorded(name))
    final = states[-1]
    assert final is not None
    recorded_state = json.loads((FOLDER / f"{name}.state.json").read_text())
    assert kept(json.loads(final.model_dump_json()), recorded_state) == recorded_state


def kept(now: object, then: object) -> object:
    """What the state holds of what it held then: fields that came later are left out."""
    match now, then:
        case dict(), dict():
            return {name: kept(now[name], value) for name, value in then.items() if name in now}
        case list(), list() if len(now) == len(then):
            return [kept(*pair) for pair in zip(now, then, strict=True)]
        case _:
            return now


def test_there_are_histories_to_replay() -> None:
    assert len(NAMES) >= 2
