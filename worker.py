"""The worker process: wires activities and workflows to Temporal and PostgreSQL. Nothing imports it."""

import asyncio
import contextlib
import math
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import httpx2
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.service import RPCError
from temporalio.worker import Worker

import policies
from activities.accompanying import Accompanying
from activities.admission import Admission
from activities.auditing import Auditing
from activities.ledger import Ledger
from activities.merging import Merging
from activities.notifying import Notifying
from activities.publishing import Publishing
from activities.taking import Taking
from channels import Publisher
from channels.bulletin import Bulletin
from channels.heartbeat import Heartbeat
from channels.messengers.switchboard import messengers
from channels.outlets import accounts, outlets, rehearsals
from db.directory import Counties
from db.readiness import OUTAGES, is_outage
from db.session import Sessions, make_engine, make_sessions
from domain.delivering import QuietHours
from domain.vocabulary import Channel
from runtime.anchor_key import read_key
from runtime.attachments.store import AttachmentStore, StoreAway
from runtime.clock import Clock, SystemClock
from runtime.deployment import CannotTakeOver, current_build, own_version, take_over, unversioned, versioned
from runtime.log import configure_logging, get_logger
from runtime.metrics_listener import serving_metrics
from runtime.sdk import start_runtime
from runtime.settings import Settings, load_settings, read_files
from runtime.temporal import connect, prepare_namespace
from runtime.traces import start_tracing
from upkeep.anchoring import anchor_heads
from upkeep.forgetting import Forgetting
from upkeep.repairing import revive_open
from upkeep.sweeping import sweep_orphans
from workflows.auditing import AuditWorkflow, keep_auditor
from workflows.census import Census
from workflows.incident import IncidentWorkflow
from workflows.revival import send
from workflows.sandbox import SANDBOX

log = get_logger(__name__)

# A killed worker is noticed this soon; ten seconds, the default, is long for somebody at a form.
STICKY_TIMEOUT = timedelta(seconds=2)
# Above the open incidents of any county; a smaller cache costs three times the CPU.
CACHED_WORKFLOWS = 2_000
GRACE = timedelta(seconds=10)
# How often a worker looks whether any version gets the tasks: none does once Temporal has lost its database.
VERSION_LOOK_SECONDS = 5
SWEEP_EVERY_SECONDS = 3_600
FORGET_EVERY_SECONDS = 86_400
OUTBOX_EVERY_SECONDS = 1
# How often a worker looks whether an anchor is due: the shortest time between two.
ANCHOR_LOOK_SECONDS = 60


def activities_for(
    settings: Settings,
    client: Client,
    sessions: Sessions,
    clock: Clock,
    publishers: Mapping[Channel, Publisher] | None = None,
) -> Sequence[Callable[..., Any]]:
    """Every activity, ready for a worker. Without `publishers`, the bulletin is the only place there is."""
    store = AttachmentStore(settings.attachments_url)
    counties, seal_keys = Counties(), settings.seal_ring
    ledger = Ledger(sessions, counties, settings.ledger_hash)
    admission = Admission(sessions, clock, seal_keys, counties)
    taking = Taking(sessions, admission, counties, settings.ledger_hash)
    reached = publishers or {Channel.BULLETIN: Bulletin()}
    publishing = Publishing(sessions, clock, reached, rehearsals(), settings.public_url, store)
    merging = Merging(clock, seal_keys, partial(send, client, task_queue=settings.task_queue))
    return [
        ledger.load,
        ledger.append,
        admission.admit,
        taking.take,
        publishing.publish,
        publishing.retract,
        merging.ask_to_absorb,
    ]


def auditing_for(
    settings: Settings, client: Client, sessions: Sessions, clock: Clock, http: httpx2.AsyncClient
) -> Sequence[Callable[..., Any]]:
    """The activities of the auditor of the clocks."""
    url = settings.heartbeat_url.get_secret_value()
    census = Census(client, settings.task_queue)
    auditing = Auditing(sessions, clock, Counties(), census, Heartbeat(http, url) if url else None)
    return [auditing.audit, auditing.beat]


def make_worker(
    client: Client,
    task_queue: str,
    activities: Sequence[Callable[..., Any]],
    version: WorkerDeploymentVersion | None = None,
) -> Worker:
    """Without a version it gets what is given to workers that have none."""
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[IncidentWorkflow, AuditWorkflow],
        activities=activities,
        interceptors=[Accompanying()],
        workflow_runner=SANDBOX,
        max_cached_workflows=CACHED_WORKFLOWS,
        sticky_queue_schedule_to_start_timeout=STICKY_TIMEOUT,
        graceful_shutdown_timeout=GRACE,
        deployment_config=versioned(version) if version else unversioned(),
    )


async def keep_sweeping(sessions: Sessions, store: AttachmentStore, clock: Clock) -> None:
    """Delete, once an hour, texts and files whose command never came. Any number of workers may do it at once."""
    while True:
        try:
            swept = await sweep_orphans(sessions, store, clock)
            log.info("orphans_swept", **swept._asdict())
        except StoreAway:
            # Nothing depends on it, so the next hour will do.
            log.warning("attachment_store_away")
        await asyncio.sleep(SWEEP_EVERY_SECONDS)


async def keep_anchoring(sessions: Sessions, settings: Settings, clock: Clock) -> None:
    """Sign where every ledger ends, as often as the settings say. Any number of workers may do it at once."""
    if settings.anchor_key is None:
        log.warning("anchors_not_made")
        await asyncio.Event().wait()
        return
    key, every = read_key(settings.anchor_key.get_secret_value()), timedelta(minutes=settings.anchor_minutes)
    while True:
        try:
            made = await anchor_heads(sessions, clock, key, settings.ledger_hash, every)
            if made is not None:
                log.info("heads_anchored", number=made.number, size=made.size)
        except OUTAGES as error:
            if not is_outage(error):
                raise
            log.warning("anchors_unreachable", error=type(error).__name__)
        await asyncio.sleep(ANCHOR_LOOK_SECONDS)


async def keep_forgetting(forgetting: Forgetting) -> None:
    """Erase, once a day, the words of incidents whose period is over."""
    while True:
        try:
            await forgetting.run()
        except StoreAway:
            log.warning("attachment_store_away")
        except OUTAGES as error:
            if not is_outage(error):
                raise
            log.warning("erasing_put_off", error=type(error).__name__)
        await asyncio.sleep(FORGET_EVERY_SECONDS)


async def keep_in_charge(client: Client, version: WorkerDeploymentVersion, task_queue: str) -> None:
    """Take over at once, and again whenever no version is in charge. One that is, is left to whoever started it."""
    await take_over(client, version, task_queue)
    log.info("version_in_charge", build=version.build_id)
    while True:
        await asyncio.sleep(VERSION_LOOK_SECONDS)
        try:
            if await current_build(client, version.deployment_name) is None:
                await take_over(client, version, task_queue)
                log.warning("version_took_over_again", build=version.build_id)
        except (RPCError, CannotTakeOver) as error:
            log.warning("version_not_known", error=type(error).__name__)


async def deliver_notices(notifying: Notifying, stop: asyncio.Event) -> None:
    """Empty the outbox as notices come, and chase the registers once an hour. What is being sent is sent to its end."""
    chased_at = -math.inf
    while not stop.is_set():
        try:
            if time.monotonic() - chased_at >= SWEEP_EVERY_SECONDS:
                await notifying.chase_filings()
                chased_at = time.monotonic()
            taken = await notifying.deliver()
        except OUTAGES as error:
            if not is_outage(error):
                raise
            # The outbox keeps; what it was busy with is taken up again when the lease on it is over.
            log.warning("outbox_unreachable", error=type(error).__name__)
            taken = 0
        if not taken:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), OUTBOX_EVERY_SECONDS)


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
    sdk_url = start_runtime(metrics=bool(settings.metrics_port))
    tracing = start_tracing("worker")
    client = await connect(settings, interceptors=[tracing.interceptor] if tracing else [])
    await prepare_namespace(client)
    engine = make_engine(settings.database_url)
    if tracing:
        tracing.watch(engine)
    sessions, clock = make_sessions(engine), SystemClock()
    http = httpx2.AsyncClient(follow_redirects=False)
    environment = os.environ | read_files(os.environ)
    activities = [
        *activities_for(settings, client, sessions, clock, outlets(accounts(environment), http)),
        *auditing_for(settings, client, sessions, clock, http),
    ]
    version = own_version(settings)
    worker = make_worker(client, settings.task_queue, activities, version)
    async with http, serving_metrics(settings, sdk_url), worker:
        log.info("worker_ready", task_queue=settings.task_queue, build=version.build_id)
        # A restored database comes without them, and so does a lost one of Temporal.
        started = await revive_open(sessions, client, settings.task_queue, unreadable=False)
        log.info("processes_started", count=started)
        await keep_auditor(client, settings.task_queue, timedelta(minutes=settings.audit_minutes))
        quiet = QuietHours.of(settings.quiet_hours)
        notifying = Notifying(sessions, clock, Counties(), messengers(http, environment), settings.console_url, quiet)
        store = AttachmentStore(settings.attachments_url)
        forgetting = Forgetting(sessions, store, clock, settings.database_url, "worker")
        delivering = asyncio.create_task(deliver_notices(notifying, stop))
        tasks = [
            asyncio.create_task(keep_sweeping(sessions, store, clock)),
            asyncio.create_task(keep_forgetting(forgetting)),
            asyncio.create_task(keep_anchoring(sessions, settings, clock)),
            delivering,
            *(
                [asyncio.create_task(keep_in_charge(client, version, settings.task_queue))]
                if settings.takes_over
                else []
            ),
            asyncio.create_task(stop.wait()),
        ]
        # What fails beside the workflows ends the process with its reason; the supervisor starts it anew.
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        log.info("worker_stopping")
        # A notice that is cut off while it is sent would be sent again.
        stop.set()
        await asyncio.wait({delivering}, timeout=GRACE.total_seconds())
        for task in tasks:
            task.cancel()
    await engine.dispose()
    for task in tasks:
        if task.done() and not task.cancelled():
            task.result()


if __name__ == "__main__":
    asyncio.run(run())
