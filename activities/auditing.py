"""The audit of the clocks: gathers what ledger and Temporal say, and tells ops what does not fit."""

import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities import signatures as s
from channels.heartbeat import Heartbeat
from db import deliveries, findings
from db.directory import Counties
from db.session import Sessions
from db.watching import Watch, known_incidents
from domain.auditing import Finding, lacking
from domain.auditing import findings as find
from domain.notices import NoticeKind
from domain.vocabulary import IncidentId, Role
from runtime.clock import Clock
from runtime.log import get_logger
from runtime.metrics import AUDITS, HEARTBEAT_AT, HEARTBEAT_FAILURES

log = get_logger(__name__)


class Census(Protocol):
    """Which incidents have a process, as Temporal lists them."""

    async def running(self) -> Mapping[IncidentId, datetime]: ...

    async def look_up(self, among: Collection[IncidentId]) -> tuple[Mapping[IncidentId, datetime], set[IncidentId]]: ...


class Auditing:
    def __init__(
        self, sessions: Sessions, clock: Clock, counties: Counties, census: Census, heartbeat: Heartbeat | None
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._counties = counties
        self._census = census
        self._heartbeat = heartbeat
        self._watch = Watch()

    @activity.defn(name=s.AUDIT_CLOCKS)
    async def audit(self) -> s.AuditReport:
        """Compare ledger, processes and the clock. Asked again it looks again, and tells nobody twice."""
        began = time.monotonic()
        now = await self._clock.now()
        running = dict(await self._census.running())
        async with self._sessions() as session:
            seen = await self._watch.look(session, at_all=True)
            strangers = running.keys() - {one.incident for one in seen}
            unknown = strangers - await known_incidents(session, strangers)
        ended: set[IncidentId] = set()
        if without := lacking(seen, running, now):
            # Asked for by their ids: those that changed runs while the list was read were in no page of it.
            found_running, ended = await self._census.look_up(without)
            running |= found_running
        found = find(seen, running, ended, unknown, now)
        took = round((time.monotonic() - began) * 1000)
        audit = findings.Audit(now, took, len(seen), len(running))
        async with self._sessions.begin() as session:
            changes = await findings.record(session, audit, found)
            await self._tell(session, changes.to_tell, now)
        for one in changes.new:
            log.warning("clock_fault_found", incident=one.incident, fault=one.fault)
        for one in changes.gone:
            log.info("clock_fault_gone", incident=one.incident, fault=one.fault)
        log.info("clocks_audited", incidents=len(seen), processes=len(running), faults=len(found), ms=took)
        AUDITS.inc()
        counts = Counter(one.fault for one in found)
        return s.AuditReport(at=now, incidents=len(seen), processes=len(running), found=dict(counts))

    @activity.defn(name=s.BEAT)
    async def beat(self) -> None:
        """Tell the watchman outside that an audit was completed. Once more does no harm."""
        if self._heartbeat is None:
            return
        with HEARTBEAT_FAILURES.count_exceptions():
            await self._heartbeat.beat()
        HEARTBEAT_AT.set_to_current_time()

    async def _tell(self, session: AsyncSession, to_tell: Sequence[Finding], now: datetime) -> None:
        """One notice for each fault to everybody of ops; where there is nobody, to the county office."""
        if not to_tell:
            return
        county = (await self._counties.current(session)).on(now)
        officers = county.with_role(Role.OPS) or county.with_role(Role.COUNTY_OFFICE)
        for fault, count in Counter(one.fault for one in to_tell).items():
            data: dict[str, str | int | float] = {"fault": fault, "count": count}
            await deliveries.tell(session, NoticeKind.CLOCKS_FAULTY, officers, fault, int(now.timestamp()), data, now)
