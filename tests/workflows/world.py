"""One incident on a real workflow server with a real ledger, driven by sealed commands."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from pydantic import SecretStr
from temporalio.client import Client, RPCError, RPCStatusCode, WithStartWorkflowOperation, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.signatures import Outcome, Start
from db import ledger, texts
from db.session import Sessions
from domain import commands as c
from domain.consequences import stages_of
from domain.events import RecordedEntry
from domain.incident import Incident
from domain.releases import Document, step_views
from domain.sealing import NAMELESS, SealedCommand, SealKeys
from domain.vocabulary import Channel, CommandName, IncidentId, ReleaseId
from runtime.clock import Clock
from runtime.settings import Settings
from worker import activities_for, make_worker
from workflows.incident import IncidentWorkflow

SEAL_KEY = "a key of tests, long enough for anybody"
SEAL_KEYS = {NAMELESS: SEAL_KEY.encode()}
CODEC_RING = {"k1": b"an invented key of 32 bytes, alas"[:32]}


NOT_USED = "postgresql+asyncpg://nobody@127.0.0.1/nothing"


class ServerClock:
    """The workflow server's time: under time skipping it is not this machine's."""

    def __init__(self, env: WorkflowEnvironment) -> None:
        self._env = env

    async def now(self) -> datetime:
        return await self._env.get_current_time()


class World:
    """`incident` is submitted by `submit`; every other command goes to it."""

    def __init__(self, env: WorkflowEnvironment, sessions: Sessions, task_queue: str | None = None) -> None:
        """On the task queue of another world, the two share its worker."""
        self.env = env
        self.client: Client = env.client
        self.seal_keys: SealKeys = SEAL_KEYS
        self.sessions = sessions
        self.clock: Clock = ServerClock(env)
        self.incident = IncidentId(uuid4().hex)
        self.task_queue = task_queue or f"incidents-{self.incident}"
        self.detected_at = datetime.min.replace(tzinfo=UTC)
        self._sent = 0

    @property
    def settings(self) -> Settings:
        given = {"database_url": NOT_USED, "seal_key": SecretStr(SEAL_KEY), "task_queue": self.task_queue}
        return Settings.model_validate(given)

    @property
    def handle(self) -> WorkflowHandle[IncidentWorkflow, None]:
        return self.client.get_workflow_handle_for(IncidentWorkflow.run, f"incident-{self.incident}")

    async def start(self) -> None:
        await self.client.start_workflow(
            IncidentWorkflow.run,
            Start(incident=self.incident),
            id=f"incident-{self.incident}",
            task_queue=self.task_queue,
        )

    async def end(self) -> None:
        """Leave nothing running: the server is shared, and its next test has another ledger."""
        try:
            await self.handle.terminate("the test is over")
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    async def submit(self, ago: timedelta = timedelta(0), /, **fields: object) -> Outcome:
        """A major flood in 柳坝乡, led by the emergency bureau, unless `fields` says otherwise."""
        self.detected_at = await self.clock.now() - ago
        given = {
            "title": "桥头塌方",
            "summary": "柳坝乡桥头塌方,道路中断,未见人员伤亡报告。",
            "category": "emergency",
            "level": "major",
            "townships": ["liuba"],
            "departments": ["emergency", "water"],
            "detected_at": self.detected_at.isoformat(),
            "source": "unit_report",
        } | fields
        await self.start()
        return await self.command("submit", "emergency.editor", **given)

    async def sealed(self, name: str, actor: str, /, **fields: object) -> SealedCommand:
        """A command as the API would send it: words stored, their references sealed."""
        self._sent += 1
        now = await self.clock.now()
        command = c.COMMANDS[CommandName(name)].model_validate(fields)
        async with self.sessions.begin() as session:
            referring = await texts.refer(session, self.incident, command, now)
        return SealedCommand.model_validate(
            {
                "command_id": f"c{self._sent}",
                "incident": self.incident,
                "name": name,
                "actor": actor,
                "body": referring.model_dump(mode="json", exclude_unset=True),
                "issued_at": now,
                "expires_at": now + timedelta(minutes=10),
            }
        ).sealed(self.seal_keys)

    async def command(self, name: str, actor: str, **fields: object) -> Outcome:
        return await self.send(await self.sealed(name, actor, **fields))

    async def send(self, sealed: SealedCommand) -> Outcome:
        """Under an update id of its own each time: what is sent again reaches the process again."""
        outcome: Outcome = await self.handle.execute_update(
            sealed.name, sealed.model_dump(mode="json"), id=uuid4().hex, result_type=Outcome
        )
        return outcome

    async def accepted(self, name: str, actor: str, **fields: object) -> Outcome:
        outcome = await self.command(name, actor, **fields)
        assert outcome.outcome == "accepted", outcome.refusal
        return outcome

    async def wake(self, name: str, actor: str, **fields: object) -> Outcome:
        """A command to an incident whose run has ended, as the API sends it: the run starts with it."""
        sealed = await self.sealed(name, actor, **fields)
        start = WithStartWorkflowOperation(
            IncidentWorkflow.run,
            Start(incident=self.incident),
            id=f"incident-{self.incident}",
            task_queue=self.task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        outcome: Outcome = await self.client.execute_update_with_start_workflow(
            sealed.name, sealed.model_dump(mode="json"), start_workflow_operation=start, result_type=Outcome
        )
        return outcome

    async def signal(self, sealed: SealedCommand) -> None:
        await self.handle.signal(sealed.name, sealed.model_dump(mode="json"))

    async def draft(
        self,
        kind: str,
        actor: str,
        body: str = "现场已设置警戒。",
        embargo_until: str | None = None,
        channels: Sequence[str] = (Channel.BULLETIN,),
    ) -> tuple[str, str]:
        """A new release's id and digest, its words stored."""
        release = ReleaseId(uuid4().hex)
        document = Document.model_validate(
            {
                "incident": self.incident,
                "release": release,
                "kind": kind,
                "title": "情况通报",
                "body": body,
                "channels": sorted(channels),
                "embargo_until": embargo_until,
            }
        )
        async with self.sessions.begin() as session:
            digest = await texts.store_document(session, document, await self.clock.now())
        fields = {"release": release, "kind": kind, "digest": digest, "channels": sorted(channels)}
        await self.accepted("draft_release", actor, embargo_until=embargo_until, **fields)
        return release, digest

    async def publish(self, kind: str, channels: Sequence[str] = (Channel.BULLETIN,)) -> str:
        """A release of the emergency bureau through every step a major incident asks, to its first receipt; its id."""
        release, digest = await self.draft(kind, "emergency.editor", f"{kind} {uuid4().hex}", channels=channels)
        signers = {"unit_approval": "emergency.head", "cosign": "water.head", "county_approval": "office.duty"}
        while opened := await self._open_step(release):
            if opened == "confidentiality":
                fields = {"release": release, "digest": digest, "outcome": "cleared"}
                await self.accepted("review_confidentiality", "emergency.reviewer", **fields)
            else:
                await self.accepted("approve", signers[opened], release=release, step=opened, digest=digest)
        await self.until(lambda incident: bool(incident.releases[ReleaseId(release)].receipts))
        return release

    async def _open_step(self, release: str) -> str | None:
        incident = await self.state()
        found = incident.releases[ReleaseId(release)]
        views = step_views(found, stages_of(incident, found))
        return next((view.step.kind for view in views if view.opened_at), None)

    async def state(self) -> Incident:
        async with self.sessions() as session:
            incident = await ledger.load(session, self.incident)
        assert incident is not None
        return incident

    async def entries(self) -> list[RecordedEntry]:
        async with self.sessions() as session:
            return await ledger.entries(session, self.incident)

    async def types(self) -> list[str]:
        return [entry.fact.type for entry in await self.entries()]

    async def until(self, reached: Callable[[Incident], bool], patience: int = 200) -> Incident:
        """The state once `reached`; the ledger is asked again whenever the process has moved on."""
        for _ in range(patience):
            incident = await self.state()
            if reached(incident):
                return incident
            await asyncio.sleep(0.05)
        raise AssertionError(f"not reached; the ledger says {await self.types()}")

    async def needs_attention(self) -> bool:
        """What the process shows those who search for what is stuck."""
        return (await self.handle.describe()).search_attributes["NeedsAttention"] == [True]

    async def flagged(self, patience: int = 200) -> None:
        """Once it shows that it needs attention: the ledger says so first, the process as soon as it has answered."""
        for _ in range(patience):
            if await self.needs_attention():
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"not flagged; the ledger says {await self.types()}")


@asynccontextmanager
async def working(env: WorkflowEnvironment, sessions: Sessions) -> AsyncIterator[World]:
    """A world with a worker on `env`."""
    world = World(env, sessions)
    async with worker_of(world, world.settings):
        yield world
        await world.end()


def worker_of(world: World, settings: Settings) -> Worker:
    """A worker for the world, with the client it has now."""
    activities = activities_for(settings, world.client, world.sessions, world.clock)
    return make_worker(world.client, world.task_queue, activities)
