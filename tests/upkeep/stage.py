"""An incident that gets stuck, with workers that are taken away, replaced by bad ones, and brought back."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper, WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from channels import Accepted, Call, Publication, Publisher
from db.session import Sessions
from domain.refusals import Language
from domain.releases import Receipt
from domain.stuck import Remedy
from domain.vocabulary import Channel, IncidentId
from runtime.deployment import unversioned
from tests.workflows.world import World
from upkeep.remedies import Remedies
from upkeep.repairing import Repair
from worker import activities_for
from workflows.incident import IncidentWorkflow

PATIENCE_SECONDS = 60


@dataclass
class Website:
    """A place that takes what it is given while it is not `down`."""

    down: bool = True
    asked: int = 0
    taken: list[str] = field(default_factory=list)

    async def publish(self, publication: Publication, call: Call, now: datetime) -> Accepted:
        self.asked += 1
        if self.down:
            raise ConnectionError
        self.taken.append(publication.digest)
        return Accepted(publication.digest, "", now)

    async def retract(self, publication: Publication, receipt: Receipt, now: datetime) -> None:
        raise NotImplementedError


class SkippedClock:
    """The time of one process, which its server can put forward."""

    def __init__(self, stage: "Stage") -> None:
        self._stage = stage
        self._skipper = TimeSkipper(stage.client)

    async def now(self) -> datetime:
        try:
            return await self._skipper.get_current_time(self._stage.handle)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return datetime.now(UTC)

    async def pass_by(self, duration: timedelta) -> None:
        assert await self._skipper.fast_forward(self._stage.handle, duration)


class Stage(World):
    """`publishers` are the places that releases go to, beside the bulletin."""

    def __init__(
        self, env: WorkflowEnvironment, sessions: Sessions, publishers: Mapping[Channel, Publisher] | None = None
    ) -> None:
        super().__init__(env, sessions)
        self.publishers = publishers
        self.time = SkippedClock(self)

    @asynccontextmanager
    async def worker(self, process: type[IncidentWorkflow] = IncidentWorkflow) -> AsyncIterator[None]:
        activities = activities_for(self.settings, self.client, self.sessions, self.clock, self.publishers)
        async with Worker(
            self.client,
            task_queue=self.task_queue,
            workflows=[process],
            activities=activities,
            workflow_runner=UnsandboxedWorkflowRunner(),
            deployment_config=unversioned(),
        ):
            yield

    async def repair(
        self,
        performs: frozenset[Remedy] = frozenset(),
        *,
        leave_out: int | None = None,
        incident: IncidentId | None = None,
        language: Language = Language.EN,
    ) -> list[str]:
        """What `huiying repair` says of the incident; empty when all is well with it, or is at last."""
        said: list[str] = []
        remedies = Remedies(self.client, self.task_queue, "nobody", leave_out)
        one = Repair(self.sessions, self.clock, remedies, said.append, performs, language=language)
        well = await one.mend(incident or self.incident)
        assert well is all("; done: " in one for one in said), said
        return said

    async def stuck(self, words: str) -> str:
        """What repair says once it says `words`."""
        said: list[str] = []
        for _ in range(PATIENCE_SECONDS * 10):
            said = await self.repair()
            for sentence in said:
                if words in sentence:
                    return sentence
            await asyncio.sleep(0.1)
        raise AssertionError(f"never said; {said}")

    async def traces(self) -> dict[str, int]:
        """What the incident has left behind: entries, what the public sees, notices, receipts."""
        counted = {}
        async with self.sessions() as session:
            for table in ("ledger", "bulletin", "notices", "receipts"):
                query = text(f"SELECT count(*) FROM {table} WHERE incident = :i")  # noqa: S608  # One of these.
                counted[table] = int(await session.scalar(query, {"i": self.incident}) or 0)
        return counted

    async def last(self, type_: str) -> None:
        """Return once the ledger's last entry is one of these."""
        for _ in range(PATIENCE_SECONDS * 20):
            if (await self.types())[-1] == type_:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"never came; the ledger says {await self.types()}")

    async def listed(self) -> None:
        """Return once the server lists the process: its lists are a moment behind."""
        query = f"WorkflowId = '{self.handle.id}'"
        while not [one async for one in self.client.list_workflows(query)]:  # noqa: ASYNC110  # The server tells nobody.
            await asyncio.sleep(0.05)
