"""The worker process: wires activities and workflows to Temporal and PostgreSQL. Nothing imports it."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

import policies
from activities.admission import Admission
from activities.ledger import Ledger
from activities.publishing import Publishing
from channels.bulletin import Bulletin
from db import texts
from db.directory import Counties
from db.session import Sessions, make_engine, make_sessions
from domain.vocabulary import Channel
from runtime.clock import Clock, SystemClock
from runtime.log import configure_logging, get_logger
from runtime.settings import load_settings
from runtime.temporal import connect, prepare_namespace
from workflows.incident import IncidentWorkflow

log = get_logger(__name__)

# Pure modules need no copy for each workflow: that is most of the sandbox's cost.
SANDBOX = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules(
        "activities",
        "domain",
        "rfc8785",
        "workflows.effects",
        "workflows.intake",
        "workflows.lane",
        "workflows.visibility",
    )
)
# A killed worker is noticed this soon; ten seconds, the default, is long for somebody at a form.
STICKY_TIMEOUT = timedelta(seconds=2)
# Above the open incidents of any county; a smaller cache costs three times the CPU.
CACHED_WORKFLOWS = 2_000
GRACE = timedelta(seconds=10)
SWEEP_EVERY_SECONDS = 3_600


def activities_for(sessions: Sessions, clock: Clock, seal_key: bytes, public_url: str) -> Sequence[Callable[..., Any]]:
    """Every activity, ready for a worker."""
    counties = Counties()
    ledger = Ledger(sessions, counties)
    admission = Admission(sessions, clock, seal_key, counties)
    own = {Channel.BULLETIN: Bulletin(public_url)}
    publishing = Publishing(sessions, clock, publishers=own, rehearsals=own)
    return [ledger.load, ledger.append, admission.admit, publishing.publish]


def make_worker(client: Client, task_queue: str, activities: Sequence[Callable[..., Any]]) -> Worker:
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[IncidentWorkflow],
        activities=activities,
        workflow_runner=SANDBOX,
        max_cached_workflows=CACHED_WORKFLOWS,
        sticky_queue_schedule_to_start_timeout=STICKY_TIMEOUT,
        graceful_shutdown_timeout=GRACE,
    )


async def sweep_texts(sessions: Sessions, clock: Clock) -> None:
    """Delete, once an hour, texts whose command never came. Any number of workers may do it at once."""
    while True:
        async with sessions.begin() as session:
            swept = await texts.sweep(session, await clock.now())
        log.info("texts_swept", count=swept)
        await asyncio.sleep(SWEEP_EVERY_SECONDS)


async def run() -> None:
    """Work until SIGTERM or SIGINT, then finish what is at hand."""
    settings = load_settings()
    configure_logging(settings.log_level)
    # A policy that does not make sense stops the start, not the first incident that needs it.
    for name in policies.names():
        policies.load(name)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    client = await connect(settings)
    await prepare_namespace(client)
    engine = make_engine(settings.database_url)
    sessions, clock = make_sessions(engine), SystemClock()
    activities = activities_for(sessions, clock, settings.seal_key.get_secret_value().encode(), settings.public_url)
    async with make_worker(client, settings.task_queue, activities):
        log.info("worker_ready", task_queue=settings.task_queue)
        sweeping = asyncio.create_task(sweep_texts(sessions, clock))
        stopping = asyncio.create_task(stop.wait())
        # A sweep that fails ends the process with its reason; the supervisor starts it anew.
        done, _ = await asyncio.wait([sweeping, stopping], return_when=asyncio.FIRST_COMPLETED)
        sweeping.cancel()
        log.info("worker_stopping")
    await engine.dispose()
    for task in done:
        task.result()


if __name__ == "__main__":
    asyncio.run(run())
