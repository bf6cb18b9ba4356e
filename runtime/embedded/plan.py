"""What `huiying up` runs: the two servers, the chores before the first request, worker and API."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx2
from temporalio.client import Client
from temporalio.service import RPCError

from runtime.deployment import is_at_work
from runtime.embedded.addresses import NAMESPACE, postgres_of, program, stack_settings
from runtime.embedded.failure import StackFailed
from runtime.embedded.folder import DataFolder
from runtime.embedded.launch import Launch
from runtime.embedded.ports import LOOPBACK, PortBlock
from runtime.embedded.postgres import STOP_SECONDS as POSTGRES_STOP_SECONDS
from runtime.embedded.postgres import STOP_SIGNAL as POSTGRES_STOP_SIGNAL
from runtime.embedded.service import Chore, Plan, Run, Service
from runtime.embedded.temporal_server import STOP_SECONDS as TEMPORAL_STOP_SECONDS
from runtime.embedded.temporal_server import TemporalServer
from runtime.temporal import (
    SearchAttributeConflict,
    TemporalUnavailable,
    connect,
    connect_to,
    converter_of,
    prepare_namespace,
)

WORKER_STOP_SECONDS = 25.0
"""A worker finishes the notices it is sending, then the activities it has begun: ten seconds for each."""
API_STOP_SECONDS = 12.0
PROBE_SECONDS = 5.0
CONNECT_WITHIN = timedelta(seconds=15)


def plan_stack(folder: DataFolder, ports: PortBlock) -> Plan:
    """The whole stack on `ports`, with its data in `folder`."""
    kept = str(folder.sample_password)
    return Plan(
        foundations=(plan_postgres(folder, ports), plan_temporal(folder, ports)),
        chores=(
            Chore("migrate", "Tables", lambda: program(folder, ports, "cli", "migrate")),
            Chore("county", "County", lambda: program(folder, ports, "cli", "admin", "sample-county", kept)),
        ),
        programs=(plan_worker(folder, ports), plan_api(folder, ports)),
    )


def plan_postgres(folder: DataFolder, ports: PortBlock) -> Service:
    """The database, its cluster in DIR/postgres."""
    server = postgres_of(folder, ports)

    async def is_ready(run: Run) -> bool:
        return server.is_ready(run.pid)

    return Service(
        "postgres",
        "PostgreSQL",
        server.launch,
        is_ready,
        stop_signal=POSTGRES_STOP_SIGNAL,
        stop_seconds=POSTGRES_STOP_SECONDS,
    )


def plan_temporal(folder: DataFolder, ports: PortBlock) -> Service:
    """Temporal and its UI. A lost database file comes back empty, so its namespace is prepared each time."""
    server = TemporalServer(
        folder.temporal,
        port=ports.temporal,
        ui_port=ports.temporal_ui,
        http_port=ports.temporal_http,
        metrics_port=ports.temporal_metrics,
        codec_endpoint=f"http://{LOOPBACK}:{ports.api}/codec",
    )

    async def is_ready(run: Run) -> bool:
        return await asyncio.to_thread(server.is_ready, run.pid)

    async def settle() -> None:
        try:
            client = await connect_to(server.address, NAMESPACE, converter_of({}), within=CONNECT_WITHIN)
            await prepare_namespace(client, within=CONNECT_WITHIN)
        except (TemporalUnavailable, SearchAttributeConflict) as e:
            raise StackFailed(str(e)) from e

    return Service("temporal", "Temporal", server.launch, is_ready, settle, stop_seconds=TEMPORAL_STOP_SECONDS)


def plan_worker(folder: DataFolder, ports: PortBlock) -> Service:
    """The process that decides and acts. It answers when Temporal sees it poll, and gives it the tasks."""
    client: Client | None = None

    async def is_ready(run: Run) -> bool:
        nonlocal client
        settings = stack_settings(folder, ports)
        try:
            client = client or await connect(settings, within=CONNECT_WITHIN)
            return await is_at_work(client, settings, run.started_at)
        except (TemporalUnavailable, RPCError):
            return False

    def launch() -> Launch:
        return program(folder, ports, "worker")

    return Service("worker", "Worker", launch, is_ready, stop_seconds=WORKER_STOP_SECONDS)


def plan_api(folder: DataFolder, ports: PortBlock) -> Service:
    """The HTTP API, the console and the bulletin."""
    url = f"http://{LOOPBACK}:{ports.api}/readyz"

    async def is_ready(_run: Run) -> bool:
        # A proxy of the environment knows nothing of our loopback.
        async with httpx2.AsyncClient(trust_env=False, timeout=PROBE_SECONDS) as http:
            try:
                return (await http.get(url)).status_code == httpx2.codes.OK
            except httpx2.TransportError:
                return False

    def launch() -> Launch:
        return program(folder, ports, "api")

    return Service("api", "API", launch, is_ready, stop_seconds=API_STOP_SECONDS)
