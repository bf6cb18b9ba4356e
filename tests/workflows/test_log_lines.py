"""What the worker and Temporal's SDK log of an incident: its id in every line, and none of its words."""

import asyncio
import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from activities import signatures as s
from db.session import Sessions
from runtime.log import configure_logging
from runtime.sdk import make_runtime
from runtime.temporal import converter_of
from tests.workflows.world import CODEC_RING, World
from worker import activities_for, make_worker

_OF_TEMPORAL = ("temporalio.activity", "temporalio.workflow")
WORDS = "桥头塌方机密文本"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a worker would write to stderr."""
    monkeypatch.setattr(workflow.logger, "workflow_info_on_message", False)
    monkeypatch.setattr(activity.logger, "activity_info_on_message", False)
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    configure_logging("info")
    yield stderr
    logging.getLogger().handlers.clear()


def lines_of(written: io.StringIO) -> list[dict[str, Any]]:
    assert WORDS not in written.getvalue()
    return [json.loads(line) for line in written.getvalue().splitlines()]


async def until(written: io.StringIO, event: str) -> dict[str, Any]:
    """The first line of that event."""
    for _ in range(400):
        found = [line for line in lines_of(written) if line["event"].startswith(event)]
        if found:
            return found[0]
        await asyncio.sleep(0.05)
    raise AssertionError(f"{event} was not logged")


async def test_every_line_of_an_incident_names_it(
    real_time: WorkflowEnvironment,
    sessions: Sessions,
    written: io.StringIO,
) -> None:
    world = World(real_time, sessions)
    world.client = await Client.connect(
        real_time.client.service_client.config.target_host,
        data_converter=converter_of(CODEC_RING),
        runtime=make_runtime(None),
    )
    load, append, admit, take, *others = activities_for(world.settings, world.client, sessions, world.clock)
    failing = True

    @activity.defn(name=s.TAKE)
    async def unsteady(request: s.TakeRequest) -> s.Taken:
        if failing:
            logging.getLogger("a.library").warning("it failed\n%s", WORDS)
            raise ConnectionError(WORDS)
        answer: s.Taken = await take(request)
        return answer

    async with make_worker(world.client, world.task_queue, [load, append, admit, unsteady, *others]):
        submitting = asyncio.create_task(world.submit())
        failed = await until(written, "Completing activity as failed")
        failing = False
        await submitting
        await world.handle.cancel()
        await until(written, "cancellation ignored")
        await world.end()
    lines = [line for line in lines_of(written) if line["logger"] in ("a.library", *_OF_TEMPORAL)]
    assert {line.get("incident") for line in lines} == {world.incident}
    assert failed["activity"] == s.TAKE
    assert failed["exception"][0]["type"] == "builtins.ConnectionError"
    assert next(line for line in lines if line["logger"] == "a.library")["event"] == "it failed"
