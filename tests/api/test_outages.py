"""Temporal or the worker away: reads go on and say so, a POST is told to come back, and its key works then."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

import api.process
from api.app import create_app
from db.session import Sessions
from runtime.clock import SystemClock
from runtime.embedded.binaries import temporal_binary
from runtime.temporal import prepare_namespace
from tests.api.conftest import Running
from tests.api.office import Office, app_for, draft, serving, settings_for
from tests.api.test_problems import is_problem
from tests.api.test_submission import rows
from worker import activities_for, make_worker


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def quick_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request asks anew whether Temporal is there."""
    monkeypatch.setattr(api.process, "PROBE_KEPT_SECONDS", 0.0)


async def until_alive(office: Office, incident: str) -> None:
    for _ in range(100):
        if not (await office.get("office.duty", f"/incidents/{incident}")).json()["stale"]:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("still stale")


async def test_temporal_comes_and_goes_under_a_running_api(
    database_url: str, sessions: Sessions, quick_probes: None
) -> None:
    port, clock = free_port(), SystemClock()
    settings = settings_for(database_url, temporal_address=f"127.0.0.1:{port}")

    @asynccontextmanager
    async def temporal() -> AsyncIterator[None]:
        """A server with a worker, which begins with nothing and takes all it learned with it."""
        async with await WorkflowEnvironment.start_local(
            port=port,
            dev_server_existing_path=str(temporal_binary()),
            data_converter=pydantic_data_converter,
            dev_server_log_level="never",
        ) as env:
            await prepare_namespace(env.client)
            async with make_worker(
                env.client, settings.task_queue, activities_for(settings, env.client, sessions, clock)
            ):
                yield

    async with serving(create_app(settings, clock), sessions, clock) as office:
        body = await office.submission()
        away = await office.post("baishi.editor", "/incidents", body, "s1")
        is_problem(away, 503, "process_unavailable")
        assert 2 <= int(away.headers["retry-after"]) <= 5
        assert (await office.http.get("/readyz")).json() == {"ready": True, "database": "ready", "temporal": "down"}
        async with temporal():
            made = await office.post("baishi.editor", "/incidents", body, "s1")
            assert (made.status_code, made.json()["stale"]) == (201, False)
            incident = made.json()["id"]
            path = f"/incidents/{incident}/commands/note"
            assert (await office.post("baishi.editor", path, {"text": "一"}, "n1")).status_code == 200
        assert (await office.get("baishi.editor", f"/incidents/{incident}")).json()["stale"] is True
        assert [line["stale"] for line in (await office.get("baishi.editor", "/incidents")).json()["items"]] == [True]
        is_problem(await office.post("baishi.editor", path, {"text": "二"}, "n2"), 503, "process_unavailable")
        known = await office.post("baishi.editor", path, {"text": "一"}, "n1")
        assert (known.status_code, known.json()["stale"]) == (200, True)
        words = await office.post("baishi.editor", f"/incidents/{incident}/releases", draft(), "r1")
        is_problem(words, 503, "process_unavailable")
        async with temporal():
            await until_alive(office, incident)
            assert (await office.post("baishi.editor", path, {"text": "二"}, "n2")).status_code == 200
            drafted = await office.post("baishi.editor", f"/incidents/{incident}/releases", draft(), "r1")
            assert drafted.status_code == 201
        timeline = (await office.get("baishi.editor", f"/incidents/{incident}/timeline")).json()["items"]
        assert [entry["words"]["text"] for entry in timeline if entry["type"] == "noted"] == ["一", "二"]


async def test_without_a_worker_a_command_waits_its_turn(
    running: Running, real_time: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.process, "ANSWER_WITHIN", timedelta(milliseconds=400))
    clock = SystemClock()
    settings = settings_for(running.database_url, task_queue="nobody-here-yet")
    activities = activities_for(settings, real_time.client, running.sessions, clock)
    async with serving(app_for(settings, clock, real_time.client), running.sessions, clock) as office:
        body = await office.submission()
        is_problem(await office.post("baishi.editor", "/incidents", body, "w1"), 503, "process_unavailable")
        before = await rows(running.sessions)
        is_problem(await office.post("baishi.editor", "/incidents", body, "w1"), 503, "process_unavailable")
        assert (await rows(running.sessions))[:3] == before[:3]
        monkeypatch.setattr(api.process, "ANSWER_WITHIN", timedelta(seconds=8))
        async with make_worker(real_time.client, settings.task_queue, activities):
            made = await office.post("baishi.editor", "/incidents", body, "w1")
            assert made.status_code in (200, 201)
            again = await office.post("baishi.editor", "/incidents", body, "w1")
            assert (again.status_code, again.json()["id"]) == (200, made.json()["id"])
