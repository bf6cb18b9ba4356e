"""Metrics are served on a port of their own, to whom they are meant for."""

import socket
from collections.abc import AsyncIterator

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from runtime.embedded.ports import free_port
from runtime.metrics_listener import LONGEST_HEAD, serving_metrics
from runtime.settings import Settings, SettingsError, load_settings

TOKEN = "read by nobody but prometheus"


def settings(**given: str | int) -> Settings:
    url = "postgresql+asyncpg://nobody:mq3J7xPw2fKd@127.0.0.1/none"
    return load_settings(database_url=url, seal_key="5f0c7e21b9d84a63a1e6d30f52c9874b", **given)


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(trust_env=False) as client:
        yield client


async def test_they_are_served_and_nothing_else_is(http: httpx2.AsyncClient) -> None:
    given = settings(metrics_port=free_port())
    at = f"http://127.0.0.1:{given.metrics_port}"
    async with serving_metrics(given):
        answer = await http.get(f"{at}/metrics")
        assert (await http.get(f"{at}/")).status_code == 404
        assert (await http.post(f"{at}/metrics")).status_code == 404
        with pytest.raises(httpx2.TransportError):
            await http.get(f"{at}/metrics", headers={"X-Long": "x" * LONGEST_HEAD})
    assert answer.status_code == 200
    families = {family.name for family in text_string_to_metric_families(answer.text)}
    assert {"huiying_channel_calls", "huiying_ledger_lag_seconds", "process_cpu_seconds"} <= families
    with pytest.raises(httpx2.ConnectError):
        await http.get(f"{at}/metrics")


async def test_with_a_token_only_its_bearer_reads_them(http: httpx2.AsyncClient) -> None:
    given = settings(metrics_port=free_port(), metrics_token=TOKEN)
    at = f"http://127.0.0.1:{given.metrics_port}/metrics"
    async with serving_metrics(given):
        for headers in ({}, {"Authorization": "Bearer other"}, {"Authorization": TOKEN}):
            refused = await http.get(at, headers=headers)
            assert (refused.status_code, refused.content) == (401, b"")
        assert (await http.get(at, headers={"Authorization": f"Bearer {TOKEN}"})).status_code == 200


async def test_a_port_that_is_taken_stops_no_process(http: httpx2.AsyncClient) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        async with serving_metrics(settings(metrics_port=taken.getsockname()[1])):
            pass


def test_beyond_this_machine_they_need_a_token() -> None:
    with pytest.raises(SettingsError, match="HUIYING_METRICS_TOKEN is missing"):
        settings(metrics_host="0.0.0.0", metrics_port=9100)  # noqa: S104  # Refused.
    assert settings(metrics_host="0.0.0.0", metrics_port=9100, metrics_token=TOKEN).metrics_port == 9100  # noqa: S104  # Not served.


@pytest.mark.parametrize("url", ["http://watch.example/x", "https://169.254.169.254/x", "ftp://watch.example/x"])
def test_the_watchman_is_nobody_who_must_not_be_called(url: str) -> None:
    with pytest.raises(SettingsError, match="HUIYING_HEARTBEAT_URL"):
        settings(heartbeat_url=url)
