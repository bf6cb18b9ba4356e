"""What an engine that is not ours does with a command, an alarm or a publication: the same rules, the same ledger,
the same activities' code. It knows what the standard incident needs: no merging, no retraction.
"""

from pydantic import BaseModel, ConfigDict

from activities import signatures as s
from activities.admission import Admission
from activities.publishing import Publishing
from channels.bulletin import Bulletin
from channels.outlets import rehearsals
from db import ledger, reads
from db.directory import Counties
from db.session import Sessions
from domain import events as e
from domain.alarms import due_alarms, next_alarm_at
from domain.decide import conclude, ring
from domain.folding import advance
from domain.incident import Incident
from domain.instants import Instant
from domain.vocabulary import Channel, IncidentId, Origin
from runtime.attachments.store import AttachmentStore
from runtime.clock import Clock
from runtime.settings import Settings
from workflows.effects import Owed, owed


class Plan(BaseModel):
    """What an engine must know to go on: when to wake, what to call, whether it is over."""

    model_config = ConfigDict(frozen=True)

    wakes_at: Instant | None = None
    calls: tuple[s.PublishRequest, ...] = ()
    over: bool = False
    outcome: s.Outcome | None = None
    """Of the command that was handled, if one was."""


class Handling:
    """One engine's hands. `sessions_of` gives other sessions for one call, to make it part of a transaction."""

    def __init__(self, settings: Settings, sessions: Sessions, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._counties = Counties()
        self._store = AttachmentStore(settings.attachments_url)
        self.sessions = sessions

    async def command(self, incident: IncidentId, name: str, message: str, sessions: Sessions | None = None) -> Plan:
        """Admit, decide, append. A command that the ledger knows gets its recorded outcome."""
        sessions = sessions or self.sessions
        async with sessions() as session:
            state = await reads.incident(session, incident)
        units = tuple(sorted(state.units)) if state else ()
        request = s.AdmissionRequest(incident=incident, name=name, origin=Origin.UPDATE, message=message, units=units)
        admission = await Admission(sessions, self._clock, self._settings.seal_ring, self._counties).admit(request)
        if admission.known:
            return _plan(state, admission.known)
        now = await self._clock.now()
        ruling = admission.rule(request, state, now)
        after, seq = await self._append(sessions, state, incident, ruling.batch)
        outcome = s.Outcome(
            command_id=ruling.batch.by.command_id,
            seq=seq,
            outcome="refused" if ruling.refusal else "accepted",
            refusal=ruling.refusal,
        )
        return _plan(after, outcome)

    async def ring(self, incident: IncidentId, sessions: Sessions | None = None) -> Plan:
        """Act on the first alarm that fell due."""
        sessions, now = sessions or self.sessions, await self._clock.now()
        async with sessions() as session:
            state = await reads.incident(session, incident)
        for alarm in due_alarms(state, now) if state else []:
            batch = ring(state, alarm, now) if state else None
            if batch is not None:
                return _plan((await self._append(sessions, state, incident, batch))[0])
        return _plan(state)

    async def publish(self, request: s.PublishRequest, sessions: Sessions | None = None) -> Plan:
        """Call the channel, unless it was called, and record its receipt."""
        sessions = sessions or self.sessions
        publishing = Publishing(
            sessions,
            self._clock,
            {Channel.BULLETIN: Bulletin()},
            rehearsals(),
            self._settings.public_url,
            self._store,
        )
        result = await publishing.publish(request)
        if result.published is None:
            raise RuntimeError(f"the standard incident publishes whatever it drafts, not {result!r}")
        async with sessions() as session:
            state = await reads.incident(session, request.incident)
        for one in owed(state) if state else ():
            if state and isinstance(one, Owed) and _request(state, one) == request:
                batch = conclude(state, one.key_of(result.published), result.published, await self._clock.now())
                return _plan((await self._append(sessions, state, request.incident, batch))[0])
        return _plan(state)

    async def look(self, incident: IncidentId) -> Plan:
        """Where the incident stands."""
        async with self.sessions() as session:
            return _plan(await reads.incident(session, incident))

    async def _append(
        self, sessions: Sessions, state: Incident | None, incident: IncidentId, batch: e.Batch
    ) -> tuple[Incident | None, int]:
        head = state.seq if state else 0
        async with sessions.begin() as session:
            appended = await ledger.append(session, incident, head, batch, self._counties, self._settings.ledger_hash)
        if appended.status == "moved":
            raise RuntimeError("one engine at a time writes an incident's ledger")
        return advance(state, batch, incident) if appended.status == "appended" else state, appended.seq


def _plan(state: Incident | None, outcome: s.Outcome | None = None) -> Plan:
    if state is None:
        return Plan(outcome=outcome)
    calls = tuple(_request(state, one) for one, parked in owed(state).items() if isinstance(one, Owed) and not parked)
    wakes_at = next_alarm_at(state)
    over = state.phase.ended and wakes_at is None and not calls
    return Plan(wakes_at=wakes_at, calls=calls, over=over, outcome=outcome)


def _request(state: Incident, one: Owed) -> s.PublishRequest:
    return s.PublishRequest(
        incident=state.id,
        release=one.release,
        version=one.version,
        digest=one.digest,
        channel=one.channel,
        attempt=one.attempt,
    )
