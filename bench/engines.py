"""Each engine without HTTP: incidents started from their ledgers, and a command sent to each."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import uuid4

import asyncpg
from temporalio.client import Client

from activities.signatures import Outcome
from bench.opponents.bare import Bare, Birth, Load
from bench.opponents.dbos_process import DbosProcess
from bench.opponents.dbos_worker import SYSTEM_DATABASE
from bench.opponents.polling_process import PollingProcess
from bench.stack import DBOS, OURS, POLLING, TUNED, Contestant
from db import texts
from db.session import Sessions
from domain import commands as c
from domain.sealing import SealedCommand, SealKeys
from domain.vocabulary import CommandId, IncidentId, OfficerId
from workflows.revival import revive, send

OFFICER = OfficerId("liuba.editor")
WITHIN = timedelta(minutes=5)


class Engine(Protocol):
    async def start(self, incident: IncidentId, due: datetime) -> None:
        """Let it wait for its alarm, which is `due`."""
        ...

    async def note(self, incident: IncidentId) -> None:
        """Send a command and wait for its outcome, however long the worker is away."""
        ...


async def engine_of(contestant: Contestant, sessions: Sessions, stack: AsyncExitStack) -> Engine:
    """What speaks to the contestant until the stack is closed."""
    if contestant.name == OURS:
        return Ours(await contestant.client(), contestant, sessions)
    if contestant.name == DBOS:
        process = DbosProcess(contestant.environment[SYSTEM_DATABASE], WITHIN)
        stack.callback(process.close)
        return OnDbos(process, contestant, sessions)
    if contestant.name == POLLING:
        url = contestant.environment["HUIYING_DATABASE_URL"]
        polling = PollingProcess(url, WITHIN)
        stack.push_async_callback(polling.close)
        pool = await stack.enter_async_context(asyncpg.create_pool(url.replace("+asyncpg", "")))
        return Polled(polling, pool, contestant, sessions)
    return OnBare(await contestant.client(), contestant)


class _Commanding:
    def __init__(self, contestant: Contestant, sessions: Sessions) -> None:
        self._keys: SealKeys = contestant.settings.seal_ring
        self._sessions = sessions

    async def _sealed_note(self, incident: IncidentId) -> SealedCommand:
        now = datetime.now(UTC)
        async with self._sessions.begin() as session:
            command = await texts.refer(session, incident, c.Note(text="测量用说明。"), now)
        return SealedCommand(
            command_id=CommandId(uuid4().hex),
            incident=incident,
            name=command.name,
            actor=OFFICER,
            body=command.model_dump(mode="json", exclude_unset=True),
            issued_at=now,
            expires_at=now + WITHIN,
        ).sealed(self._keys)


class Ours(_Commanding):
    def __init__(self, client: Client, contestant: Contestant, sessions: Sessions) -> None:
        super().__init__(contestant, sessions)
        self._client = client
        self._queue = contestant.queue

    async def start(self, incident: IncidentId, _due: datetime) -> None:
        await revive(self._client, incident, self._queue)

    async def note(self, incident: IncidentId) -> None:
        _accepted(await send(self._client, await self._sealed_note(incident), self._queue, WITHIN))


class OnDbos(_Commanding):
    def __init__(self, process: DbosProcess, contestant: Contestant, sessions: Sessions) -> None:
        super().__init__(contestant, sessions)
        self._process = process

    async def start(self, incident: IncidentId, _due: datetime) -> None:
        await self._process.start(incident)

    async def note(self, incident: IncidentId) -> None:
        _accepted(await self._process.send(await self._sealed_note(incident)))


class Polled(_Commanding):
    def __init__(
        self, process: PollingProcess, pool: "asyncpg.Pool", contestant: Contestant, sessions: Sessions
    ) -> None:
        super().__init__(contestant, sessions)
        self._process = process
        self._pool = pool

    async def start(self, incident: IncidentId, due: datetime) -> None:
        await self._pool.execute("INSERT INTO jobs (incident, due_at, kind) VALUES ($1, $2, 'alarm')", incident, due)

    async def note(self, incident: IncidentId) -> None:
        _accepted(await self._process.send(await self._sealed_note(incident)))


class OnBare:
    """Of either settings."""

    def __init__(self, client: Client, contestant: Contestant) -> None:
        self._client = client
        self._queue = contestant.queue
        self._local = contestant.name == TUNED

    async def start(self, incident: IncidentId, due: datetime) -> None:
        await self._client.start_workflow(
            Bare.run, Birth(local=self._local, rings_at=due), id=f"bare-{incident}", task_queue=self._queue
        )

    async def note(self, incident: IncidentId) -> None:
        # As many writes as a command of ours has.
        await self._client.get_workflow_handle(f"bare-{incident}").execute_update(
            Bare.take, Load(writes=2), rpc_timeout=WITHIN
        )


def _accepted(outcome: Outcome) -> None:
    assert outcome.outcome == "accepted", outcome
