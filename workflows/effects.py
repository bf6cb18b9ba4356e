"""Effects: what the ledger owes the outside world. Each is a task of its own and none is awaited."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

from activities import signatures as s
from domain import events as e
from domain.incident import Incident
from domain.vocabulary import Channel, Digest, IncidentId, ReleaseId

# A channel gets this long, with retries; then the effect is parked and a person is told.
TIMEOUT = timedelta(seconds=30)
PATIENCE = timedelta(minutes=10)
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=15))


class Owed(NamedTuple):
    """An intent without a receipt. One that was parked and is tried again has another `since`."""

    release: ReleaseId
    version: int
    digest: Digest
    channel: Channel
    attempt: int
    since: datetime

    def key_of(self, fact: e.Published | e.PublicationLapsed | e.EffectParked) -> str:
        """The event key of a result: a receipt once for a version and channel, the rest once for each try."""
        place = f"{fact.type}/{self.release}/{self.version}/{self.channel}"
        return place if fact.type == "published" else f"{place}/{self.attempt}/{self.since.isoformat()}"


class Result(NamedTuple):
    owed: Owed
    fact: e.Published | e.PublicationLapsed | e.EffectParked


def owed(incident: Incident) -> dict[Owed, bool]:
    """All intents without a receipt, each with whether it is parked."""
    return {
        Owed(release.id, release.version.number, release.version.digest, i.channel, i.attempt, i.since): bool(i.parked)
        for release in incident.releases.values()
        for i in release.intents
    }


class Effects:
    """Starts what is owed. Effects are keyed outside Temporal, so that started twice is done once."""

    def __init__(self, incident: IncidentId, deliver: Callable[[Result], None]) -> None:
        self._id = incident
        self._deliver = deliver
        self._tasks: dict[Owed, asyncio.Task[None]] = {}

    @property
    def idle(self) -> bool:
        return not self._tasks

    def start(self, incident: Incident) -> None:
        for one, parked in owed(incident).items():
            if not parked and one not in self._tasks:
                self._tasks[one] = asyncio.create_task(self._publish(one))

    def forget(self, one: Owed) -> None:
        """Its result is in the ledger."""
        self._tasks.pop(one, None)

    def raise_errors(self) -> None:
        """An exception in a task vanishes unless somebody looks; here it fails the workflow task, visibly."""
        for task in self._tasks.values():
            if task.done() and not task.cancelled():
                task.result()

    async def _publish(self, one: Owed) -> None:
        request = s.PublishRequest(
            incident=self._id,
            release=one.release,
            version=one.version,
            digest=one.digest,
            channel=one.channel,
            attempt=one.attempt,
        )
        try:
            result = await workflow.execute_activity(
                s.PUBLISH,
                request,
                result_type=s.PublishResult,
                start_to_close_timeout=TIMEOUT,
                schedule_to_close_timeout=PATIENCE,
                retry_policy=RETRY,
                summary=f"{one.channel} {one.release} v{one.version}",
            )
        except ActivityError:
            result = s.PublishResult(parked="unreachable")
        self._deliver(Result(one, _fact(one, result)))


def _fact(one: Owed, result: s.PublishResult) -> e.Published | e.PublicationLapsed | e.EffectParked:
    if result.published:
        return result.published
    place = {"release": one.release, "version": one.version, "channel": one.channel}
    if result.lapsed:
        return e.PublicationLapsed.model_validate({**place, "attempt": one.attempt})
    return e.EffectParked.model_validate({**place, "code": result.parked or "unknown"})
