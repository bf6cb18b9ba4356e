"""Takes commands: admitted, decided on and appended in one transaction, under the lock on their incident."""

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities import signatures as s
from activities.admission import Admission
from db import ledger
from db.admission import Locked, lock, look_up
from db.directory import Counties
from db.session import Sessions
from db.writing import prepare
from domain import events as e
from domain.decide import Ruling
from domain.hashing import Algorithm
from domain.incident import Incident
from domain.vocabulary import IncidentId


class HeadMoved(Exception):
    """Somebody founded the ledger meanwhile: taken again, the message is judged by what is there."""


class Taking:
    def __init__(
        self, sessions: Sessions, admission: Admission, counties: Counties, algorithm: Algorithm = Algorithm.SHA256
    ) -> None:
        """New entries are hashed with `algorithm`."""
        self._sessions = sessions
        self._admission = admission
        self._counties = counties
        self._algorithm = algorithm

    @activity.defn(name=s.TAKE)
    async def take(self, request: s.TakeRequest) -> s.Taken:
        """Record what becomes of a message. A retry finds it in the ledger and changes nothing."""
        message = self._admission.read(request.incident, request.name, request.message)
        async with self._sessions.begin() as session:
            locked = await lock(session, request.incident, message.named, request.head)
            known = locked.known if locked else await look_up(session, request.incident, message.named)
            incident = locked.incident if locked else None
            asked = _asked(request, incident)
            admission = await self._admission.judge(session, asked, message, known)
            if admission.known:
                return s.Taken(head=known.head, outcome=admission.known)
            ruling = admission.rule(asked, incident, request.now)
            if ruling.refusal and not _is_listed(incident, ruling.batch.by):
                return s.Taken(head=known.head, outcome=_outcome(ruling), uncounted=incident is not None)
            seq = known.command.seq if known.command else None
            if seq is None and admission.key != message.key:
                # Under another key than was looked for: its seal had expired.
                seq = await ledger.seq_of(session, request.incident, admission.key)
            if seq is not None:
                return s.Taken(head=known.head, outcome=_outcome(ruling, seq))
            await self._append(session, request.incident, locked, ruling.batch)
            return s.Taken(head=known.head, outcome=_outcome(ruling, known.head + 1), batch=ruling.batch)

    async def _append(self, session: AsyncSession, incident: IncidentId, locked: Locked | None, batch: e.Batch) -> None:
        if locked is None:
            appended = await ledger.append(session, incident, 0, batch, self._counties, self._algorithm)
            if appended.status != "appended":
                raise HeadMoved
            return
        county = await self._counties.at(session, locked.known.county)
        writing = prepare(incident, locked.incident, locked.hash, batch, self._algorithm)
        await writing.write(session, county.on(batch.by.decided_at))


def _asked(request: s.TakeRequest, incident: Incident | None) -> s.AdmissionRequest:
    return s.AdmissionRequest(
        incident=request.incident,
        name=request.name,
        origin=request.origin,
        message=request.message,
        units=tuple(sorted(incident.units)) if incident else (),
    )


def _is_listed(incident: Incident | None, by: e.Authorship) -> bool:
    """Refusals beyond the policy's number in an hour become one counting entry, which their process makes."""
    return incident is not None and incident.refusals_within(by.decided_at) < incident.policy.refusals_per_hour


def _outcome(ruling: Ruling, seq: int | None = None) -> s.Outcome:
    return s.Outcome(
        command_id=ruling.batch.by.command_id,
        seq=seq,
        outcome="refused" if ruling.refusal else "accepted",
        refusal=ruling.refusal,
    )
