"""One incident as a durable process: load, take the next thing, decide, append, start what is owed, sleep.

The ledger is the state. A reset, a crash, continue-as-new, reopening and a lost Temporal database
are all the same: load the ledger and go on. Rules are in `domain`; nothing is decided here.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel

    from activities import signatures as s
    from domain import events as e
    from domain.alarms import due_alarms, next_alarm_at
    from domain.commands import COMMANDS
    from domain.decide import conclude, decide, refuse, retry, ring
    from domain.incident import REFUSAL_WINDOW, Incident, advance
    from domain.obligations import explain
    from domain.refusals import Language
    from domain.releases import Intent, Release
    from domain.sealing import SealedCommand
    from domain.vocabulary import CommandName, Origin
    from workflows.intake import Message, accepts_commands, text_of
    from workflows.visibility import details, search_attributes

# A short write is cheapest as a local activity. When the database is away, two quick attempts are
# enough to know; then an ordinary activity waits for it without growing the history.
SHORT = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_attempts=2)
SHORT_TIMEOUT = timedelta(seconds=4)
PATIENT = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=15))
PATIENT_TIMEOUT = timedelta(seconds=20)
# A channel gets this long, with retries; then the effect is parked and a person is told.
EFFECT_TIMEOUT = timedelta(seconds=30)
EFFECT_PATIENCE = timedelta(minutes=10)

Answer = TypeVar("Answer", bound=BaseModel)
EffectKey = tuple[str, int, str, int, datetime]


@workflow.defn
@accepts_commands
class IncidentWorkflow:
    """政务舆情事件 — signals and updates carry the commands, each sealed by the API or `huiying sign`."""

    @workflow.init
    def __init__(self, start: s.Start) -> None:
        self._id = start.incident
        self._incident: Incident | None = None
        self._alarm_at: datetime | None = None
        self._inbox: list[Message | tuple[EffectKey, e.Fact]] = []
        self._tickets = 0
        self._outcomes: dict[int, s.Outcome] = {}
        self._effects: dict[EffectKey, asyncio.Task[None]] = {}
        self._timer: asyncio.Task[None] | None = None
        self._timer_at: datetime | None = None
        self._uncounted = 0
        self._must_load = False
        self._shown: object = None
        # A reset gives the run a new seed, and only a reset does: the ledger is ahead of the kept history.
        workflow.register_random_seed_callback(self._on_reset)

    @workflow.run
    async def run(self, start: s.Start) -> None:
        """Ends when the incident has ended and nothing is under way.

        A cancellation request changes nothing: clocks stop by a command, never by a click.
        """
        loop = asyncio.create_task(self._loop())
        while not loop.done():
            try:
                await workflow.wait_condition(loop.done)
            except asyncio.CancelledError:
                workflow.logger.warning("cancellation ignored: an incident ends by a command")
        loop.result()

    async def _loop(self) -> None:
        await self._load()
        while True:
            self._start_what_is_owed()
            self._show()
            self._set_timer()
            await workflow.wait_condition(self._stirred)
            if self._must_load:
                await self._load()
            elif self._inbox:
                await self._take(self._inbox[0])
                self._inbox.pop(0)
            elif self._due():
                await self._ring()
            elif self._at_rest() and (self._over() or self._long()):
                if self._over():
                    break
                workflow.continue_as_new(s.Start(incident=self._id))
        if self._timer is not None:
            self._timer.cancel()

    # -- what can happen --------------------------------------------------------------------------

    def _stirred(self) -> bool:
        self._raise_lost_errors()
        if self._inbox or self._must_load or self._due() or self._timer_is_stale():
            return True
        return self._at_rest() and (self._over() or self._long())

    def _due(self) -> bool:
        at = self._wakes_at()
        return at is not None and at <= workflow.now()

    def _wakes_at(self) -> datetime | None:
        if self._incident is None:
            return None
        instants = [self._alarm_at]
        if self._uncounted and self._incident.refusals_since:
            instants.append(self._incident.refusals_since + REFUSAL_WINDOW)
        return min((at for at in instants if at), default=None)

    def _at_rest(self) -> bool:
        return not self._inbox and not self._effects and workflow.all_handlers_finished()

    def _over(self) -> bool:
        return self._incident is not None and self._incident.phase.ended and not self._uncounted

    def _long(self) -> bool:
        return workflow.info().is_continue_as_new_suggested()

    def _on_reset(self, _seed: int) -> None:
        self._must_load = True

    def _raise_lost_errors(self) -> None:
        """An exception in a task vanishes unless somebody looks; here it fails the workflow task, visibly."""
        for task in [*self._effects.values(), *([self._timer] if self._timer else [])]:
            if task.done() and not task.cancelled():
                task.result()

    # -- messages ---------------------------------------------------------------------------------

    def enqueue(self, name: str, origin: Origin, values: Sequence[object]) -> int:
        self._tickets += 1
        self._inbox.append(Message(name, origin, text_of(values), self._tickets))
        return self._tickets

    async def outcome(self, ticket: int) -> s.Outcome:
        await workflow.wait_condition(lambda: ticket in self._outcomes)
        return self._outcomes.pop(ticket)

    @workflow.signal(dynamic=True, description="Any other name: refused and recorded.")
    def unknown_signal(self, name: str, args: Sequence[RawValue]) -> None:
        self.enqueue(name, Origin.SIGNAL, args)

    @workflow.update(dynamic=True, description="Any other name: refused and recorded.")
    async def unknown_update(self, name: str, args: Sequence[RawValue]) -> s.Outcome:
        return await self.outcome(self.enqueue(name, Origin.UPDATE, args))

    @workflow.query(description="The folded state: ids, codes, digests and instants.")
    def state(self) -> Incident | None:
        return self._incident

    @workflow.query(description="Why each instant is what it is.")
    def explain(self) -> list[str]:
        if self._incident is None:
            return []
        policy = self._incident.policy
        return [
            f"{duty.id} {duty.kind} {duty.state} {duty.due_at}: {explain(duty, policy, Language.EN)}"
            for duty in self._incident.obligations
        ]

    # -- one thing at a time ----------------------------------------------------------------------

    async def _take(self, thing: Message | tuple[EffectKey, e.Fact]) -> None:
        if not isinstance(thing, Message):
            await self._conclude(*thing)
            return
        outcome = await self._command(thing)
        if thing.origin is Origin.UPDATE:
            self._outcomes[thing.ticket] = outcome

    async def _command(self, message: Message) -> s.Outcome:
        """Admit, decide, append; from the start again whenever the ledger turns out to be further on."""
        if message.name == CommandName.RETRY_BLOCKED and message.origin is Origin.SIGNAL and message.text in _NO_BODY:
            return await self._retry_blocked()
        while True:
            admission = await self._ask(s.ADMIT, self._admission_request(message), s.Admission)
            if admission.head != self._head:
                await self._load()
            if admission.known:
                return admission.known
            now = workflow.now()
            if admission.envelope:
                body = SealedCommand.model_validate_json(message.text).body
                command = COMMANDS[CommandName(message.name)].model_validate(body)
                ruling = decide(self._incident, command, admission.envelope, now, self._id)
            else:
                refusal = admission.refusal
                if refusal is None:
                    raise RuntimeError("an admission must say something")
                by = e.Authorship(
                    origin=message.origin,
                    issued_at=now,
                    decided_at=now,
                    actor=admission.actor,
                    command_id=admission.command_id,
                )
                ruling = refuse(admission.key, by, message.name, refusal)
            refused = ruling.refusal
            outcome = s.Outcome(
                command_id=ruling.batch.by.command_id,
                seq=None,
                outcome="refused" if refused else "accepted",
                refusal=refused,
            )
            if refused and not self._worth_recording(now):
                return outcome
            appended = await self._append(ruling.batch)
            if appended.status == "appended" or (appended.status == "known" and refused):
                return outcome.model_copy(update={"seq": appended.seq})
            await self._load()

    def _admission_request(self, message: Message) -> s.AdmissionRequest:
        units = tuple(sorted(self._incident.units)) if self._incident else ()
        return s.AdmissionRequest(
            incident=self._id, name=message.name, origin=message.origin, message=message.text, units=units
        )

    def _worth_recording(self, now: datetime) -> bool:
        """Refusals beyond the policy's number in an hour become one counting entry."""
        if self._incident is None:
            return False
        if self._incident.refusals_within(now) < self._incident.policy.refusals_per_hour:
            return True
        self._uncounted += 1
        return False

    async def _retry_blocked(self) -> s.Outcome:
        """The one signal that needs no seal: it only makes the last gate look again."""
        incident = self._incident
        batch = retry(incident, workflow.now()) if incident else None
        if batch is not None:
            await self._append(batch)
        return s.Outcome(command_id=None, seq=None, outcome="accepted" if batch else "refused")

    async def _ring(self) -> None:
        incident, now = self._incident, workflow.now()
        if incident is None:
            return
        if self._uncounted and incident.refusals_since and now >= incident.refusals_since + REFUSAL_WINDOW:
            since = incident.refusals_since
            fact = e.RefusalsCounted(since=since, count=self._uncounted)
            await self._append(conclude(incident, f"refusals/{since.isoformat()}", fact, now))
            self._uncounted = 0
            return
        for alarm in due_alarms(incident, now):
            batch = ring(incident, alarm, now)
            if batch is not None:
                await self._append(batch)
                # What rang changed the state: the rest is computed anew.
                return

    # -- effects ----------------------------------------------------------------------------------

    def _start_what_is_owed(self) -> None:
        """One task for each intent without a receipt. Effects are keyed outside Temporal, so twice is once."""
        if self._incident is None:
            return
        for release in self._incident.releases.values():
            for intent in release.intents:
                key = _effect_key(release, intent)
                if not intent.parked and key not in self._effects:
                    self._effects[key] = asyncio.create_task(self._publish(key, release.version.digest))

    async def _publish(self, key: EffectKey, digest: str) -> None:
        release, version, channel, attempt, _ = key
        fields = {"release": release, "version": version, "digest": digest, "channel": channel, "attempt": attempt}
        request = s.PublishRequest.model_validate({"incident": self._id, **fields})
        try:
            result = await workflow.execute_activity(
                s.PUBLISH,
                request,
                result_type=s.PublishResult,
                start_to_close_timeout=EFFECT_TIMEOUT,
                schedule_to_close_timeout=EFFECT_PATIENCE,
                retry_policy=PATIENT,
                summary=f"{channel} {release} v{version}",
            )
        except ActivityError:
            result = s.PublishResult(parked="unreachable")
        where = {"release": release, "version": version, "channel": channel}
        fact: e.Fact
        if result.published:
            fact = result.published
        elif result.lapsed:
            fact = e.PublicationLapsed.model_validate({**where, "attempt": attempt})
        else:
            fact = e.EffectParked.model_validate({**where, "code": result.parked or "unknown"})
        self._inbox.append((key, fact))

    async def _conclude(self, key: EffectKey, fact: e.Fact) -> None:
        """Record what an effect brought, unless the ledger knows already."""
        while self._incident is not None and key in _open_effects(self._incident):
            release, version, channel, attempt, since = key
            name = f"{fact.type}/{release}/{version}/{channel}"  # type: ignore[attr-defined]  # every fact has one
            if not isinstance(fact, e.Published):
                name += f"/{attempt}/{since.isoformat()}"
            appended = await self._append(conclude(self._incident, name, fact, workflow.now()))
            if appended.status == "appended":
                break
            await self._load()
        self._effects.pop(key, None)

    # -- the ledger lane: never parked ------------------------------------------------------------

    @property
    def _head(self) -> int:
        return self._incident.seq if self._incident else 0

    async def _load(self) -> None:
        self._must_load = False
        self._become((await self._ask(s.LOAD, s.Start(incident=self._id), s.Loaded)).incident)

    def _become(self, incident: Incident | None) -> None:
        self._incident = incident
        self._alarm_at = next_alarm_at(incident) if incident else None

    async def _append(self, batch: e.Batch) -> s.Appended:
        request = s.AppendRequest(incident=self._id, expected_head=self._head, batch=batch)
        appended = await self._ask(s.APPEND, request, s.Appended)
        if appended.status == "appended":
            self._become(advance(self._incident, batch, self._id))
        else:
            self._must_load = True
        return appended

    async def _ask(self, activity: str, request: BaseModel, answer: type[Answer]) -> Answer:
        try:
            result: Answer = await workflow.execute_local_activity(
                activity, request, result_type=answer, start_to_close_timeout=SHORT_TIMEOUT, retry_policy=SHORT
            )
        except ActivityError:
            result = await workflow.execute_activity(
                activity, request, result_type=answer, start_to_close_timeout=PATIENT_TIMEOUT, retry_policy=PATIENT
            )
        return result

    # -- what ops see, and when it wakes ----------------------------------------------------------

    def _show(self) -> None:
        now = workflow.now()
        workflow.set_current_details(details(self._incident, now, self._wakes_at()))
        if self._incident is None:
            return
        attributes = search_attributes(self._incident, now)
        values = [attribute.value for attribute in attributes]
        if values != self._shown:
            self._shown = values
            workflow.upsert_search_attributes(attributes)

    def _set_timer(self) -> None:
        """One timer, replaced only when the instant changes: two events for each change of plan."""
        at = self._wakes_at()
        if self._due() or (at == self._timer_at and not self._timer_is_stale()):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = at
        self._timer = asyncio.create_task(self._sleep_until(at)) if at else None

    def _timer_is_stale(self) -> bool:
        return self._timer is not None and self._timer.done()

    @staticmethod
    async def _sleep_until(at: datetime) -> None:
        await workflow.sleep(at - workflow.now(), summary=f"until {at:%Y-%m-%d %H:%M:%S} UTC")


_NO_BODY = ("", "null", "{}", '""', "0 arguments")


def _effect_key(release: Release, intent: Intent) -> EffectKey:
    return (release.id, release.version.number, intent.channel, intent.attempt, intent.since)


def _open_effects(incident: Incident) -> set[EffectKey]:
    return {_effect_key(release, intent) for release in incident.releases.values() for intent in release.intents}
