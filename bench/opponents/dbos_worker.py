"""The incident as a DBOS Transact workflow, and the process that runs it: `python -m bench.opponents.dbos_worker`.

One step for each thing that happens: a command is admitted, decided and appended in one, a channel called and its
receipt appended in another. Appending is idempotent, so a step that runs twice changes nothing. Messages wake the
workflow by LISTEN/NOTIFY, a timeout of `recv` is its timer.
"""

import asyncio
import os
import signal
from datetime import UTC, datetime
from typing import Any

from dbos import DBOS, DBOSConfig

from activities import signatures as s
from bench.opponents import READY
from bench.opponents.handling import Handling, Plan
from db.session import make_engine, make_sessions
from domain.vocabulary import IncidentId
from runtime.clock import SystemClock
from runtime.log import configure_logging
from runtime.settings import load_settings

QUEUE, TOPIC, WORKFLOW = "incidents", "commands", "incident"
SYSTEM_DATABASE = "BENCH_DBOS_DATABASE_URL"
QUEUE_POLLED_SECONDS = 0.1
"""A queue is polled, by default once a second; every 20 ms takes a quarter of a core."""
POOL_TIMEOUT_SECONDS = 600
LONGEST_WAIT = 30 * 86_400.0

CONFIG: DBOSConfig = {
    "name": "incidents",
    # Of the code by default; fixed, so that a changed benchmark recovers what it left.
    "application_version": "bench",
    # A connection for each of what goes on at once; with the default of 20 half of them may wait for messages.
    "sys_db_pool_size": 30,
    # The shortest there is: an outcome is waited for.
    "notification_coalesce_sec": 0.001,
    "log_level": "WARNING",
}


class Work:
    """What the steps need; made once the loop runs."""

    handling: Handling


@DBOS.step()
async def look(incident: str) -> dict[str, Any]:
    return _told(await Work.handling.look(IncidentId(incident)))


@DBOS.step()
async def take(incident: str, name: str, message: str) -> dict[str, Any]:
    return _told(await Work.handling.command(IncidentId(incident), name, message))


@DBOS.step()
async def publish(request: str) -> dict[str, Any]:
    return _told(await Work.handling.publish(s.PublishRequest.model_validate_json(request)))


@DBOS.step()
async def ring(incident: str) -> dict[str, Any]:
    return _told(await Work.handling.ring(IncidentId(incident)))


def _told(plan: Plan) -> dict[str, Any]:
    """Only what the workflow needs goes into DBOS's tables."""
    return plan.model_dump(mode="json", exclude_defaults=True)


@DBOS.workflow(name=WORKFLOW)
async def incident_process(incident: str) -> None:
    """Take the next command, call what is owed, act on alarms; end with the incident."""
    plan = Plan.model_validate(await look(incident))
    while not plan.over:
        if plan.calls:
            plan = Plan.model_validate(await publish(plan.calls[0].model_dump_json()))
            continue
        message = await DBOS.recv_async(TOPIC, timeout_seconds=_seconds_until(plan.wakes_at))
        if message is None:
            plan = Plan.model_validate(await ring(incident))
            continue
        plan = Plan.model_validate(await take(incident, message["name"], message["message"]))
        if plan.outcome is not None:
            await DBOS.set_event_async(message["id"], plan.outcome.model_dump(mode="json"))


def _seconds_until(at: datetime | None) -> float:
    """DBOS keeps the first answer as a step, so a recovered workflow wakes when it would have."""
    return LONGEST_WAIT if at is None else max(0.0, (at - datetime.now(UTC)).total_seconds())


async def run() -> None:
    settings = load_settings()
    configure_logging(settings.log_level)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    # A thousand steps at once wait for its connections longer than the half minute after which it would give up.
    engine = make_engine(settings.database_url, pool_timeout=POOL_TIMEOUT_SECONDS)
    Work.handling = Handling(settings, make_sessions(engine), SystemClock())
    DBOS(config=CONFIG | {"system_database_url": os.environ[SYSTEM_DATABASE]})
    # On this loop, so that steps share its connections.
    DBOS.launch()
    await DBOS.register_queue_async(QUEUE, polling_interval_sec=QUEUE_POLLED_SECONDS)
    print(READY, flush=True)
    await stop.wait()
    DBOS.destroy()
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(run())
