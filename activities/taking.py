"""Takes commands: admitted, decided on and appended in one transaction, under the lock on their incident."""

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities import signatures as s
from activities.admission import Admission
from db import ledger
from db.admission import Known, Locked, Named, lock, look_up
from db.directory import Counties
from db.session import Sessions
from db.writing import prepare
from domain import events as e
from domain.decide import Ruling
from domain.hashing import GENESIS, Algorithm
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
            known, locked = await _look(session, request, message.named)
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
            await self._append(session, request.incident, known, locked, ruling.batch)
            return s.Taken(head=known.head, outcome=_outcome(ruling, known.head + 1), batch=ruling.batch)

    async def _append(
        self, session: AsyncSession, incident: IncidentId, known: Known, locked: Locked | None, batch: e.Batch
    ) -> None:
        before, prev = (locked.incident, locked.hash) if locked else (None, GENESIS)
        writing = prepare(incident, before, prev, batch, self._algorithm)
        if locked is None and not await writing.found(session):
            raise HeadMoved
        county = await self._counties.at(session, known.county)
        await writing.write(session, county.on(batch.by.decided_at))


async def _look(session: AsyncSession, request: s.TakeRequest, named: Named) -> tuple[Known, Locked | None]:
    """What the message names, under the lock on its incident's row, unless there is none yet."""
    if not request.head:
        known = await look_up(session, request.incident, named)
        if not known.head:
            return known, None
    locked = await lock(session, request.incident, named, request.head)
    if locked is None:
        raise ledger.ProjectionMissing(f"incident {request.incident} has entries but no row: rebuild it")
    return locked.known, locked


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
