"""Every scenario of the sample county, submitted over HTTP, comes out as its lead, route and instants should."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from db.session import make_engine, make_sessions
from tests.api.office import Office, app_for, serving, settings_for
from tests.clock import FixedClock
from worker import activities_for, make_worker

SCENARIOS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "scenarios" / "incidents.json").read_text("utf-8")
)
LATER = datetime(2027, 1, 1, tzinfo=UTC)
"""After all of them, whatever this machine's clock says."""


@pytest.fixture(scope="module")
async def later(new_database: Callable[[], str], real_time: WorkflowEnvironment) -> AsyncIterator[Office]:
    url, queue, clock = new_database(), "incidents-scenarios", FixedClock(LATER)
    engine = make_engine(url)
    sessions = make_sessions(engine)
    settings = settings_for(url, task_queue=queue)
    activities = activities_for(settings, real_time.client, sessions, clock)
    app = app_for(settings, clock, real_time.client)
    async with make_worker(real_time.client, queue, activities), serving(app, sessions, clock) as office:
        yield office
    await engine.dispose()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["id"])
async def test_a_scenario_comes_out_as_expected(later: Office, scenario: dict[str, Any]) -> None:
    answer = await later.post("office.duty", "/incidents", scenario["submit"])
    assert answer.status_code == 201, answer.text
    state, expected = answer.json(), scenario["expected"]
    for name in ("lead", "coordinators", "cooperators"):
        assert state[name] == expected[name], name
    assert state["route"]["article"] == expected["article"]
    timed = [
        {"kind": o["kind"], "hard": o["hard"], "due_at": datetime.fromisoformat(o["due_at"])}
        for o in state["obligations"]
        if o["due_at"]
    ]
    wanted = [o | {"due_at": datetime.fromisoformat(o["due_at"])} for o in expected["obligations"]]
    assert sorted(timed, key=lambda o: o["kind"]) == sorted(wanted, key=lambda o: o["kind"])
