"""What processes tell Prometheus of a county at work, and that dashboard and alerts ask for nothing else."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import httpx2
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample
from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from api.app import create_app
from db.session import Sessions
from domain.vocabulary import ReleaseId
from runtime.clock import SystemClock
from runtime.embedded.ports import free_port
from runtime.sdk import make_runtime
from runtime.temporal import converter_of
from tests.api.office import CHEAP_PASSWORDS, app_for, serving, settings_for
from tests.clock import FixedClock
from tests.scene import Scene
from tests.workflows.world import CODEC_RING, World, worker_of

DEPLOY = Path(__file__).parents[2] / "deploy"
HOUR = timedelta(hours=1)
# What Prometheus itself says of those it asks.
_ITS_OWN = {"up"}
_FUNCTIONS = {"sum", "max", "min", "rate", "increase", "time", "vector", "histogram_quantile", "or"}
_ASIDE = re.compile(r"\{[^}]*\}|\[[^]]*\]|\bby \([^)]*\)")


class Rule(BaseModel):
    """An alert, as Prometheus reads it."""

    model_config = ConfigDict(extra="forbid")

    alert: str = Field(pattern=r"^Huiying[A-Z]\w+$")
    expr: str
    for_: str = Field(default="0s", alias="for", pattern=r"^\d+[smh]$")
    labels: dict[Literal["severity"], Literal["critical", "warning"]]
    annotations: dict[Literal["summary", "description"], str]


class Group(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    rules: list[Rule]


class Alerts(BaseModel):
    model_config = ConfigDict(extra="forbid")

    groups: list[Group]

    @property
    def rules(self) -> list[Rule]:
        return [rule for group in self.groups for rule in group.rules]


ALERTS = Alerts.model_validate(YAML(typ="safe").load(DEPLOY / "prometheus" / "alerts.yml"))
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "huiying.json").read_text())


def asked() -> Iterator[str]:
    """Every expression of dashboard and alerts."""
    yield from (rule.expr for rule in ALERTS.rules)
    yield from (target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ()))


def names_in(expression: str) -> set[str]:
    """The metrics an expression asks for."""
    return set(re.findall(r"[a-zA-Z_:][\w:]*", _ASIDE.sub(" ", expression))) - _FUNCTIONS


class Metrics:
    """A page as Prometheus reads it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.samples: dict[str, list[Sample]] = {}
        for family in text_string_to_metric_families(text):
            self.samples.setdefault(family.name, [])
            for sample in family.samples:
                self.samples.setdefault(sample.name, []).append(sample)

    def value(self, name: str, **labels: str) -> float:
        """The sum of those samples that have these labels."""
        found = self.samples[name]
        return sum(one.value for one in found if labels.items() <= one.labels.items())


async def read(settings_port: int, **headers: str) -> Metrics:
    async with httpx2.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"http://127.0.0.1:{settings_port}/metrics", headers=headers)
    answer.raise_for_status()
    return Metrics(answer.text)


async def test_overdue_duties_and_waiting_steps_are_told_while_nothing_else_runs(
    database_url: str, sessions: Sessions, clock: FixedClock, scene: Scene
) -> None:
    port = free_port()
    settings = settings_for(database_url, metrics_port=port)
    await scene.submit(level="major", departments=("water",), superior_department="water")
    await scene.draft(officer="water.editor")
    async with serving(app_for(settings, clock), sessions, clock):
        before = await read(port)
        clock.advance(5 * HOUR)
        after = await read(port)
    assert before.value("huiying_overdue_duties") == 0
    owed = {"kind": "first_release", "unit": "water", "hard": "true", "drill": "false"}
    assert after.value("huiying_overdue_duties", **owed) == 1
    assert after.value("huiying_oldest_step_age_seconds", step="unit_approval", unit="water") == 5 * 3600
    assert after.value("huiying_open_incidents", drill="false") == 1
    assert after.value("huiying_reachable", what="database") == 1
    assert after.value("huiying_reachable", what="temporal") == 0
    assert after.value("huiying_audit_timestamp_seconds") == 0


async def test_a_county_at_work_tells_all_that_dashboard_and_alerts_ask_for(
    real_time: WorkflowEnvironment, database_url: str, sessions: Sessions
) -> None:
    port, sdk_port = free_port(), free_port()
    client = await Client.connect(
        real_time.client.service_client.config.target_host,
        data_converter=converter_of(CODEC_RING),
        runtime=make_runtime(sdk_port),
    )

    async def connect() -> Client:
        return client

    world = World(real_time, sessions, f"measured-{uuid4().hex}")
    world.client = client
    settings = settings_for(database_url, task_queue=world.task_queue, metrics_port=port)
    app = create_app(settings, SystemClock(), connect, CHEAP_PASSWORDS, sdk_url=f"http://127.0.0.1:{sdk_port}/metrics")
    async with worker_of(world, world.settings), serving(app, sessions, SystemClock()) as office:
        await world.submit(drill=True, hour_seconds=0.5)
        # The bulletin alone needs no activity that is measured as one.
        release = ReleaseId(await world.publish("first", channels=("bulletin", "wechat")))
        await world.until(lambda incident: len(incident.releases[release].receipts) == 2)
        await world.until(lambda incident: bool(incident.chased) and bool(incident.reminded))
        assert (await office.get("office.duty", f"/incidents/{world.incident}")).is_success
        metrics = await read(port)
        await world.end()
    missing = {name for expression in asked() for name in names_in(expression)} - metrics.samples.keys() - _ITS_OWN
    assert missing == set()
    assert metrics.value("huiying_timer_lateness_seconds_count", task_queue=world.task_queue) >= 1
    assert metrics.value("huiying_task_queue_pollers", type="workflow") >= 1
    assert metrics.value("huiying_reachable") == 2
    assert metrics.value("huiying_open_incidents", drill="true") == 1
    # Neither titles nor names of people, units or files: those are in Chinese, or mark a person.
    assert not re.search(r"[\u4e00-\u9fff]", metrics.text)
    assert "emergency.editor" not in metrics.text
    assert world.incident not in metrics.text


def test_every_alert_is_worded_in_chinese_and_explained() -> None:
    explained = (DEPLOY.parent / "docs" / "observability.md").read_text()
    names = [rule.alert for rule in ALERTS.rules]
    assert len(set(names)) == len(names)
    for rule in ALERTS.rules:
        assert re.search(r"[\u4e00-\u9fff]", rule.annotations["summary"])
        assert rule.annotations["summary"] in explained
        assert f"`{rule.alert}`" in explained
        assert rule.expr.count("(") == rule.expr.count(")")


def test_no_alert_calls_anybody_for_a_drill() -> None:
    for expression in (rule.expr for rule in ALERTS.rules):
        for name in ("huiying_overdue_duties", "huiying_oldest_step_age_seconds", "huiying_blocked_publications"):
            assert name not in expression or 'drill="false"' in expression


def test_the_panels_of_the_dashboard_stand_side_by_side() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells
