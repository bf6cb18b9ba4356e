"""Effects: what the ledger owes the outside world. Each is a task of its own, and no other place is waited for."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import BaseModel
from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

from activities import signatures as s
from domain import events as e
from domain.incident import Incident
from domain.vocabulary import Channel, Digest, IncidentId, OfficerId, ReleaseId
from workflows.lane import Answer, at_once

# A channel gets this long, with retries; then the effect is parked and a person is told.
TIMEOUT = timedelta(seconds=30)
PATIENCE = timedelta(minutes=10)
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=15))
ONCE = RetryPolicy(maximum_attempts=1)


Finding = e.Published | e.PublicationLapsed | e.Retracted | e.EffectParked | e.Merged | e.MergeRefused


class Owed(NamedTuple):
    """A call on a channel without a receipt. One that was parked and is tried again has another `since`."""

    action: e.Action
    release: ReleaseId
    version: int
    digest: Digest
    channel: Channel
    attempt: int
    since: datetime

    def key_of(self, fact: Finding) -> str:
        """The event key of a result: a receipt once for a version and channel, the rest once for each try."""
        place = f"{fact.type}/{self.release}/{self.version}/{self.channel}"
        once = isinstance(fact, e.Published | e.Retracted)
        return place if once else f"{place}/{self.attempt}/{self.since.isoformat()}"


class OwedMerge(NamedTuple):
    """A merge asked for by an entry and not answered yet."""

    survivor: IncidentId
    officer: OfficerId
    seq: int

    def key_of(self, fact: Finding) -> str:
        return f"{fact.type}/{self.survivor}/{self.seq}"


class Result(NamedTuple):
    owed: Owed | OwedMerge
    fact: Finding


def owed(incident: Incident) -> dict[Owed | OwedMerge, bool]:
    """All that is called for and has no receipt, each with whether it is parked."""
    calls: dict[Owed | OwedMerge, bool] = {
        Owed(
            call.action,
            release.id,
            release.version.number,
            release.version.digest,
            call.channel,
            call.attempt,
            call.since,
        ): bool(call.parked)
        for release in incident.releases.values()
        for call in release.pending
    }
    if incident.merging:
        merging = incident.merging
        calls[OwedMerge(merging.survivor, merging.by, merging.seq)] = False
    return calls


class Effects:
    """Starts what is owed. Effects are keyed outside Temporal, so that started twice is done once."""

    def __init__(self, incident: IncidentId, deliver: Callable[[Result], None]) -> None:
        self._id = incident
        self._deliver = deliver
        self._tasks: dict[Owed | OwedMerge, asyncio.Task[None]] = {}
        self._at_hand: set[Owed | OwedMerge] = set()

    @property
    def idle(self) -> bool:
        return not self._tasks

    @property
    def at_hand(self) -> bool:
        """The county's own bulletin is being written: a short write, of which the answer comes at once."""
        return bool(self._at_hand)

    def start(self, incident: Incident, *, bulletin_at_once: bool) -> None:
        """`bulletin_at_once`: what goes to the bulletin is tried as part of this workflow task first."""
        for one, parked in owed(incident).items():
            if parked or one in self._tasks:
                continue
            if bulletin_at_once and isinstance(one, Owed) and one.channel is Channel.BULLETIN:
                self._at_hand.add(one)
            self._tasks[one] = asyncio.create_task(self._bring_about(one))

    def forget(self, one: Owed | OwedMerge) -> None:
        """Its result is in the ledger."""
        self._tasks.pop(one, None)

    def raise_errors(self) -> None:
        """An exception in a task vanishes unless somebody looks; here it fails the workflow task, visibly."""
        for task in self._tasks.values():
            if task.done() and not task.cancelled():
                task.result()

    async def _bring_about(self, one: Owed | OwedMerge) -> None:
        if isinstance(one, OwedMerge):
            fact: Finding = await self._ask_to_absorb(one)
        else:
            fact = await (self._publish(one) if one.action == "publish" else self._retract(one))
        self._deliver(Result(one, fact))

    async def _publish(self, one: Owed) -> Finding:
        request = s.PublishRequest(
            incident=self._id,
            release=one.release,
            version=one.version,
            digest=one.digest,
            channel=one.channel,
            attempt=one.attempt,
        )
        result = await self._call(s.PUBLISH, request, s.PublishResult, one)
        if result is None or result.parked:
            return _parked(one, result.parked if result else None)
        if result.published:
            return result.published
        return e.PublicationLapsed(release=one.release, version=one.version, channel=one.channel, attempt=one.attempt)

    async def _retract(self, one: Owed) -> Finding:
        request = s.RetractRequest(
            incident=self._id,
            release=one.release,
            version=one.version,
            channel=one.channel,
            attempt=one.attempt,
        )
        result = await self._call(s.RETRACT, request, s.RetractResult, one)
        if result is None or result.retracted_at is None:
            return _parked(one, result.parked if result else None)
        return e.Retracted(release=one.release, version=one.version, channel=one.channel, at=result.retracted_at)

    async def _call(self, name: str, request: BaseModel, answer: type[Answer], one: Owed) -> Answer | None:
        """What a channel's activity answers; None when it kept failing."""
        if one in self._at_hand:
            try:
                quick = await at_once(name, request, answer, ONCE)
            finally:
                self._at_hand.discard(one)
            if quick is not None:
                return quick
        try:
            result: Answer = await workflow.execute_activity(
                name,
                request,
                result_type=answer,
                start_to_close_timeout=TIMEOUT,
                schedule_to_close_timeout=PATIENCE,
                retry_policy=RETRY,
                summary=f"{name} {one.channel} {one.release} v{one.version}",
            )
        except ActivityError:
            return None
        return result

    async def _ask_to_absorb(self, one: OwedMerge) -> Finding:
        """Asked until it answers: only the survivor can say whether it has taken this incident in."""
        request = s.MergeRequest(incident=self._id, survivor=one.survivor, officer=one.officer, seq=one.seq)
        outcome = await workflow.execute_activity(
            s.ASK_TO_ABSORB,
            request,
            result_type=s.Outcome,
            start_to_close_timeout=TIMEOUT,
            retry_policy=RETRY,
            summary=f"merge into {one.survivor}",
        )
        if outcome.refusal:
            return e.MergeRefused(survivor=one.survivor, refusal=outcome.refusal)
        return e.Merged(survivor=one.survivor)


def _parked(one: Owed, code: str | None) -> e.EffectParked:
    return e.EffectParked(
        release=one.release,
        version=one.version,
        channel=one.channel,
        code=code or "unreachable",
        action=one.action,
    )
