"""The benchmark measures what it says, and its report says what was measured."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

from bench.findings import Findings, Ratio
from bench.report import RESULTS, page
from bench.sections.whole import shape_of

HISTORY = Path(__file__).parent.parent / "histories" / "closed.history.json"
RUN = {"at": "2026-11-26T16:00+00:00", "seed": 1, "machine": "2 cores"}


@pytest.mark.parametrize(
    ("value", "sense", "met"),
    [(0.9, "at least", True), (0.7, "at least", False), (0.7, "at most", True), (0.9, "at most", False)],
)
def test_a_goal_binds_in_its_direction(value: float, sense: str, met: bool) -> None:
    assert Ratio.model_validate({"name": "", "value": value, "goal": 0.8, "sense": sense}).met is met


def test_a_missed_goal_stands_on_the_page_as_missed() -> None:
    ratio = Ratio(name="list ÷ asyncpg", value=3.5, goal=2.5)
    said = page({"list": Findings(title="List", how="", ratios=(ratio,))}, {"list": RUN})
    assert "| list ÷ asyncpg | 3.5 × | at most 2.5 | **missed** |" in said


def test_the_bare_workflow_does_as_much_as_our_own_history_holds() -> None:
    events = list(WorkflowHistory.from_json("closed", HISTORY.read_text()).events)
    shape = shape_of(events)

    def count(kind: "EventType.ValueType") -> int:
        return sum(event.event_type == kind for event in events)

    assert len(shape) == count(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED)
    effects = sum(load.effects for load in shape)
    assert effects == count(EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED) > 0
    assert sum(load.writes for load in shape) + effects == count(EventType.EVENT_TYPE_MARKER_RECORDED)
    assert sum(load.timers for load in shape) == count(EventType.EVENT_TYPE_TIMER_STARTED)
    assert [load.last for load in shape] == [False] * (len(shape) - 1) + [True]


@pytest.mark.long
def test_a_section_runs_and_is_reported(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench", "--quick", "--only", "list", "--to", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / RESULTS).read_text())
    assert [ratio["value"] > 0 for ratio in found["list"]["ratios"]] == [True]
    drawn = ET.fromstring((tmp_path / "report.svg").read_text())  # noqa: S314  # We have just written it.
    assert drawn.tag.endswith("svg")
