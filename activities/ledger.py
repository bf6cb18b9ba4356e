"""Reads and appends the ledger for the workflow."""

from temporalio import activity

from activities import signatures as s
from db import ledger
from db.directory import Counties
from db.session import Sessions
from domain.hashing import Algorithm
from domain.vocabulary import Origin
from runtime.metrics import LEDGER_LAG


class Ledger:
    def __init__(self, sessions: Sessions, counties: Counties, algorithm: Algorithm = Algorithm.SHA256) -> None:
        """New entries are hashed with `algorithm`; what is written stays as it is."""
        self._sessions = sessions
        self._counties = counties
        self._algorithm = algorithm

    @activity.defn(name=s.LOAD)
    async def load(self, start: s.Start) -> s.Loaded:
        """Fold the incident's entries. Reads only."""
        async with self._sessions() as session:
            return s.Loaded(incident=await ledger.load(session, start.incident))

    @activity.defn(name=s.APPEND)
    async def append(self, request: s.AppendRequest) -> s.Appended:
        """Append if the head has not moved. A retry finds the batch's key and changes nothing."""
        async with self._sessions.begin() as session:
            appended = await ledger.append(
                session, request.incident, request.expected_head, request.batch, self._counties, self._algorithm
            )
        by = request.batch.by
        if appended.status == "appended" and by.origin is Origin.UPDATE:
            LEDGER_LAG.observe(max(0.0, (by.decided_at - by.issued_at).total_seconds()))
        return s.Appended(status=appended.status, seq=appended.seq)
