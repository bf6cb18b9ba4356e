"""One incident as a durable process: load, take the next thing, decide, append, start what is owed, sleep.

The ledger is the state. A reset, a crash, continue-as-new, reopening and a lost Temporal database
are all the same: load the ledger and go on. Rules are in `domain`; nothing is decided here.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from activities import signatures as s
    from domain import events as e
    from domain.alarms import due_alarms
    from domain.decide import conclude, retry, ring
    from domain.incident import REFUSAL_WINDOW, Incident
    from domain.obligations import explain
    from domain.refusals import Code, Language
    from domain.vocabulary import CommandName, Origin
    from workflows.effects import Effects, Result, owed
    from workflows.intake import Message, accepts_commands, is_bare, text_of
    from workflows.lane import Lane
    from workflows.visibility import details, search_attributes

AT_ONCE = "commands-taken-at-once"
"""The patch since which a command is one activity; until no run of before 0.2.0 is open."""
BULLETIN_AT_ONCE = "bulletin-written-at-once"
"""The patch since which the bulletin is written within the workflow task that owes it. It stands for the one above
as well, a marker less; until no run of before it is open.
"""

LATENESS = "huiying_timer_lateness_seconds"


@workflow.defn
@accepts_commands
class IncidentWorkflow:
    """政务舆情事件 — signals and updates carry the commands, each sealed by the API or `huiying sign`."""

    @workflow.init
    def __init__(self, start: s.Start) -> None:
        self._id = start.incident
        self._lane = Lane(start.incident)
        self._inbox: list[Message | Result] = []
        self._effects = Effects(start.incident, self._inbox.append)
        self._tickets = 0
        self._outcomes: dict[int, s.Outcome] = {}
        self._timer: asyncio.Task[None] | None = None
        self._timer_at: datetime | None = None
        self._uncounted = 0
        self._exposed = False
        self._at_once = self._bulletin_at_once = False
        self._shown: dict[str, object] = {}
        # A reset gives the run a new seed, and only a reset does: the ledger is ahead of the kept history.
        workflow.register_random_seed_callback(self._lane.distrust)

    @workflow.run
    async def run(self, _start: s.Start) -> None:
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
        self._bulletin_at_once = workflow.patched(BULLETIN_AT_ONCE)
        self._at_once = self._bulletin_at_once or workflow.patched(AT_ONCE)
        while await self._step():
            if self._lane.incident is not None:
                self._effects.start(self._lane.incident, bulletin_at_once=self._bulletin_at_once)
                if self._effects.at_hand:
                    await workflow.wait_condition(lambda: not self._effects.at_hand)
            if not self._at_once or not self._stirred():
                self._show()
            self._set_timer()
            await workflow.wait_condition(self._stirred)
        if self._timer is not None:
            self._timer.cancel()

    async def _step(self) -> bool:
        """Do the next thing, if there is one. Whether the process goes on."""
        if self._lane.must_load:
            await self._lane.load()
        elif self._inbox:
            await self._take(self._inbox[0])
            self._inbox.pop(0)
        elif self._due():
            await self._ring()
        elif self._at_rest() and self._over():
            return False
        elif self._at_rest() and workflow.info().is_continue_as_new_suggested():
            workflow.continue_as_new(s.Start(incident=self._id))
        return True

    # -- what can happen --------------------------------------------------------------------------

    def _stirred(self) -> bool:
        self._effects.raise_errors()
        if self._lane.must_load or self._inbox or self._due() or self._timer_is_over():
            return True
        return self._at_rest() and (self._over() or workflow.info().is_continue_as_new_suggested())

    def _due(self) -> bool:
        at = self._wakes_at()
        return at is not None and at <= workflow.now()

    def _wakes_at(self) -> datetime | None:
        counts_at = self._counts_at()
        return min((at for at in (self._lane.alarm_at, counts_at) if at), default=None)

    def _counts_at(self) -> datetime | None:
        """When refusals that were not listed singly become one entry."""
        incident = self._lane.incident
        if incident is None or not self._uncounted or incident.refusals_since is None:
            return None
        return incident.refusals_since + REFUSAL_WINDOW

    def _at_rest(self) -> bool:
        return not self._inbox and self._effects.idle and workflow.all_handlers_finished()

    def _over(self) -> bool:
        """The incident has ended and nothing that outlives it is chased; or messages came, and none founded one."""
        incident = self._lane.incident
        if incident is None:
            return self._tickets > 0
        return incident.phase.ended and self._wakes_at() is None

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
        return self._lane.incident

    @workflow.query(description="Why each instant is what it is.")
    def explain(self) -> list[str]:
        incident = self._lane.incident
        if incident is None:
            return []
        return [
            f"{duty.id} {duty.kind} {duty.state} {duty.due_at}: {explain(duty, incident.policy, Language.EN)}"
            for duty in incident.obligations
        ]

    # -- one thing at a time ----------------------------------------------------------------------

    async def _take(self, thing: Message | Result) -> None:
        if isinstance(thing, Result):
            await self._conclude(thing)
            return
        bare_retry = thing.name == CommandName.RETRY_BLOCKED and thing.origin is Origin.SIGNAL and is_bare(thing)
        taking = self._retry_blocked() if bare_retry else self._command(thing)
        outcome = await asyncio.create_task(taking, context=thing.within)
        if thing.origin is Origin.UPDATE:
            self._outcomes[thing.ticket] = outcome

    async def _command(self, message: Message) -> s.Outcome:
        """Admitted, decided on and appended at once, at wherever the ledger is."""
        if not self._at_once:
            return await self._command_by_steps(message)
        request = s.TakeRequest(
            incident=self._id,
            name=message.name,
            origin=message.origin,
            message=message.text,
            head=self._lane.head,
            now=workflow.now(),
        )
        taken = await self._lane.take(request)
        refusal = taken.outcome.refusal
        self._exposed |= refusal is not None and refusal.code is Code.UNENCRYPTED
        self._uncounted += taken.uncounted
        return taken.outcome

    async def _command_by_steps(self, message: Message) -> s.Outcome:
        """Admit, decide, append; from the start again whenever the ledger turns out to be further on.

        How runs go on that were started before commands were taken at once; to be dropped when none is open.
        """
        while True:
            request = self._admission_request(message)
            admission = await self._lane.admit(request)
            if admission.known:
                return admission.known
            ruling = admission.rule(request, self._lane.incident, workflow.now())
            self._exposed |= ruling.refusal is not None and ruling.refusal.code is Code.UNENCRYPTED
            outcome = s.Outcome(
                command_id=ruling.batch.by.command_id,
                seq=None,
                outcome="refused" if ruling.refusal else "accepted",
                refusal=ruling.refusal,
            )
            if ruling.refusal and not self._worth_recording(ruling.batch.by.decided_at):
                return outcome
            appended = await self._lane.append(ruling.batch)
            if appended.status == "appended" or (appended.status == "known" and ruling.refusal):
                return outcome.model_copy(update={"seq": appended.seq})
            await self._lane.load()

    def _admission_request(self, message: Message) -> s.AdmissionRequest:
        units = tuple(sorted(self._lane.incident.units)) if self._lane.incident else ()
        return s.AdmissionRequest(
            incident=self._id, name=message.name, origin=message.origin, message=message.text, units=units
        )

    def _worth_recording(self, now: datetime) -> bool:
        """Refusals beyond the policy's number in an hour become one counting entry."""
        incident = self._lane.incident
        if incident is None:
            return False
        if incident.refusals_within(now) < incident.policy.refusals_per_hour:
            return True
        self._uncounted += 1
        return False

    async def _retry_blocked(self) -> s.Outcome:
        """The one signal that needs no seal: it only makes the last gate look again."""
        incident = self._lane.incident
        batch = retry(incident, workflow.now()) if incident else None
        if batch is not None:
            await self._lane.append(batch)
        return s.Outcome(command_id=None, seq=None, outcome="accepted" if batch else "refused")

    async def _conclude(self, result: Result) -> None:
        """Record what an effect brought, unless the ledger knows already."""
        while (incident := self._lane.incident) is not None and result.owed in owed(incident):
            batch = conclude(incident, result.owed.key_of(result.fact), result.fact, workflow.now())
            if (await self._lane.append(batch)).status == "appended":
                break
            await self._lane.load()
        self._effects.forget(result.owed)

    async def _ring(self) -> None:
        """Act on the first thing that fell due; what rang changes the state, so the rest is computed anew."""
        incident, now = self._lane.incident, workflow.now()
        if incident is None:
            return
        if self._timer_at is not None and self._timer_at == self._wakes_at():
            # What was past when it was planned had no timer, and is late for other reasons.
            late = workflow.metric_meter().create_histogram_float(LATENESS, "When a timer fired, past its instant", "s")
            late.record((now - self._timer_at).total_seconds())
        counts_at = self._counts_at()
        if incident.refusals_since and counts_at and counts_at <= now:
            fact = e.RefusalsCounted(since=incident.refusals_since, count=self._uncounted)
            await self._lane.append(conclude(incident, f"refusals/{fact.since.isoformat()}", fact, now))
            self._uncounted = 0
            return
        for alarm in due_alarms(incident, now):
            batch = ring(incident, alarm, now)
            if batch is not None:
                await self._lane.append(batch)
                return

    # -- what ops see, and when it wakes ----------------------------------------------------------

    def _show(self) -> None:
        incident, now = self._lane.incident, workflow.now()
        workflow.set_current_details(details(incident, now, self._wakes_at(), exposed=self._exposed))
        if incident is None:
            return
        attributes = search_attributes(incident, now, exposed=self._exposed, calls=not self._bulletin_at_once)
        changed = [one for one in attributes if self._shown.get(one.key.name, self) != one.value]
        if changed:
            self._shown |= {one.key.name: one.value for one in changed}
            workflow.upsert_search_attributes(changed)

    def _set_timer(self) -> None:
        """One timer, replaced only when the instant changes: two events for each change of plan."""
        at = self._wakes_at()
        if self._due() or (at == self._timer_at and not self._timer_is_over()):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = at
        self._timer = asyncio.create_task(self._sleep_until(at)) if at else None

    def _timer_is_over(self) -> bool:
        return self._timer is not None and self._timer.done()

    @staticmethod
    async def _sleep_until(at: datetime) -> None:
        await workflow.sleep(at - workflow.now(), summary=f"until {at:%Y-%m-%d %H:%M:%S} UTC")
