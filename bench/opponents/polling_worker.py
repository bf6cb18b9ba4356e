"""The incident as rows that workers poll for: `python -m bench.opponents.polling_worker`.

A job is something to do with one incident at an instant: a command, a publication, an alarm. Each hand has a part
of the incidents, so that nobody else writes their ledgers: it takes a batch of the jobs that are due with FOR UPDATE
SKIP LOCKED and does all of it in one transaction, with everything it writes. NOTIFY wakes it for commands; alarms
it polls for.
"""

import asyncio
import signal
from datetime import UTC, datetime
from typing import Any, NamedTuple

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker

from activities import signatures as s
from bench.opponents import READY
from bench.opponents.handling import Handling, Plan
from db.session import make_engine, make_sessions
from domain.vocabulary import IncidentId
from runtime.clock import SystemClock
from runtime.log import configure_logging
from runtime.settings import load_settings

HANDS = 6
"""Transactions at once in one process."""
BATCH = 10
"""Jobs in one transaction, where so many are due."""
POLLED_SECONDS = 0.1

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS jobs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident text NOT NULL,
    due_at timestamptz NOT NULL,
    kind text NOT NULL,
    name text NOT NULL DEFAULT '',
    message text NOT NULL DEFAULT '',
    part integer GENERATED ALWAYS AS (abs(hashtext(incident) % {HANDS})) STORED
);
CREATE INDEX IF NOT EXISTS ix_jobs_due ON jobs (part, due_at, id);
CREATE UNIQUE INDEX IF NOT EXISTS ix_jobs_alarm ON jobs (incident) WHERE kind = 'alarm';
"""

_TAKE = text(
    """
    SELECT id, incident, kind, name, message FROM jobs
    WHERE part = :part AND due_at <= :now ORDER BY due_at, id LIMIT :batch FOR UPDATE SKIP LOCKED
    """
)
_DONE = text("DELETE FROM jobs WHERE id = :id")
_ADD = text("INSERT INTO jobs (incident, due_at, kind, message) VALUES (:incident, :due_at, :kind, :message)")
_SET_ALARM = text(
    """
    INSERT INTO jobs (incident, due_at, kind) VALUES (:incident, :due_at, 'alarm')
    ON CONFLICT (incident) WHERE kind = 'alarm' DO UPDATE SET due_at = excluded.due_at
    """
)
_DROP_ALARM = text("DELETE FROM jobs WHERE incident = :incident AND kind = 'alarm'")
_TELL = text("SELECT pg_notify('outcomes', :told)")


class Job(NamedTuple):
    id: int
    incident: str
    kind: str
    name: str
    message: str


class Hand:
    """Does one batch after the other."""

    def __init__(self, engine: AsyncEngine, handling: Handling, part: int) -> None:
        self._engine = engine
        self._handling = handling
        self._part = part

    async def work(self) -> bool:
        """Whether there was something to do."""
        async with self._engine.begin() as connection:
            asked = {"part": self._part, "now": datetime.now(UTC), "batch": BATCH}
            jobs = [Job(*found) for found in await connection.execute(_TAKE, asked)]
            for job in jobs:
                await self._plan_on(connection, job, await self._do(connection, job))
        return bool(jobs)

    async def _do(self, connection: AsyncConnection, job: Job) -> Plan:
        # What these sessions commit is committed with the job, or not at all.
        sessions: async_sessionmaker[AsyncSession] = async_sessionmaker(
            connection, expire_on_commit=False, join_transaction_mode="rollback_only"
        )
        incident = IncidentId(job.incident)
        if job.kind == "command":
            return await self._handling.command(incident, job.name, job.message, sessions)
        if job.kind == "publish":
            return await self._handling.publish(s.PublishRequest.model_validate_json(job.message), sessions)
        return await self._handling.ring(incident, sessions)

    @staticmethod
    async def _plan_on(connection: AsyncConnection, job: Job, plan: Plan) -> None:
        await connection.execute(_DONE, {"id": job.id})
        if plan.wakes_at is None:
            await connection.execute(_DROP_ALARM, {"incident": job.incident})
        else:
            await connection.execute(_SET_ALARM, {"incident": job.incident, "due_at": plan.wakes_at})
        if job.kind != "publish" and plan.calls:
            now = datetime.now(UTC)
            rows: list[dict[str, Any]] = [
                {"incident": job.incident, "due_at": now, "kind": "publish", "message": call.model_dump_json()}
                for call in plan.calls
            ]
            await connection.execute(_ADD, rows)
        if plan.outcome is not None:
            await connection.execute(_TELL, {"told": f"{job.id} {plan.outcome.model_dump_json()}"})


async def keep_working(hand: Hand, stop: asyncio.Event, woken: asyncio.Event) -> None:
    while not stop.is_set():
        if await hand.work():
            continue
        woken.clear()
        try:
            async with asyncio.timeout(POLLED_SECONDS):
                await woken.wait()
        except TimeoutError:
            continue


async def run() -> None:
    settings = load_settings()
    configure_logging(settings.log_level)
    stop, woken = asyncio.Event(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    listening = await asyncpg.connect(settings.database_url.replace("+asyncpg", ""))
    await listening.add_listener("jobs", lambda *_: woken.set())
    engine = make_engine(settings.database_url, pool_size=HANDS)
    handling = Handling(settings, make_sessions(engine), SystemClock())
    print(READY, flush=True)
    await asyncio.gather(*(keep_working(Hand(engine, handling, part), stop, woken) for part in range(HANDS)))
    await listening.close()
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(run())
