"""What is measured at the moment somebody asks: how every incident stands, the outbox, the audit, the task queue.

All of it is computed from instants in the database. Nothing here waits for a timer to have fired, and nothing but the
backlog needs Temporal to answer.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from api.parts import Parts
from api.process import ProcessAway
from db import findings, reads
from db.readiness import OUTAGES, is_outage
from db.watching import Watch
from domain.auditing import Seen
from domain.vocabulary import Fault
from domain.watching import Watched
from runtime.temporal import Backlog

Samples = Iterable[tuple[tuple[str, ...], float]]


class Measures:
    """For one API process; remembers what it has read."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._watch = Watch()

    async def gather(self) -> Iterable[Metric]:
        """Of what answers."""
        database, temporal = await self._of_database(), await self._of_temporal()
        answering = [(("database",), float(bool(database))), (("temporal",), float(bool(temporal)))]
        return [_gauge("reachable", "Whether it answers", ("what",), answering), *database, *temporal]

    async def _of_database(self) -> list[Metric]:
        try:
            now = await self._parts.clock.now()
            async with self._parts.sessions() as session:
                seen = await self._watch.look(session)
                outbox = await reads.outbox(session, now)
                audit, found = await findings.last(session), await findings.counts(session)
        except OUTAGES as error:
            if not is_outage(error):
                raise
            return []
        return [*_of_incidents(seen, now), *_of_outbox(outbox, now), *_of_audit(audit, found)]

    async def _of_temporal(self) -> list[Metric]:
        try:
            return list(_of_backlogs(await self._parts.process.backlogs()))
        except ProcessAway:
            return []


def _of_incidents(seen: Sequence[Seen], now: datetime) -> Iterator[Metric]:
    known = [one.watched for one in seen if one.watched]
    unended = Counter((_drill(one),) for one in known if not one.ended)
    yield _gauge("open_incidents", "Incidents that have not ended", ("drill",), unended.items())
    overdue = Counter(
        (duty.kind, one.lead, _yes(duty.hard), _drill(one)) for one in known for duty in one.duties if duty.overdue(now)
    )
    of_duty, of_step = ("kind", "unit", "hard", "drill"), ("step", "unit", "drill")
    yield _gauge("overdue_duties", "Duties past their instant, by the lead that owes them", of_duty, overdue.items())
    yield _gauge("oldest_step_age_seconds", "How long the oldest review step has waited", of_step, _waiting(known, now))
    blocked = Counter((channel, _drill(one)) for one in known for channel in one.blocked)
    yield _gauge("blocked_publications", "Calls that wait for a person", ("channel", "drill"), blocked.items())
    behind = sum(one.behind for one in seen)
    yield _gauge("ledger_lag_entries", "Entries of ledgers that lists do not know", (), [((), behind)])


def _waiting(known: Iterable[Watched], now: datetime) -> Samples:
    oldest: dict[tuple[str, ...], float] = {}
    for one in known:
        for step in one.steps:
            labels, age = (step.kind, step.unit, _drill(one)), (now - step.since).total_seconds()
            oldest[labels] = max(age, oldest.get(labels, 0.0))
    return oldest.items()


def _of_outbox(outbox: reads.Outbox, now: datetime) -> Iterator[Metric]:
    counts = [(("due",), outbox.due), (("undelivered",), outbox.undelivered)]
    yield _gauge("outbox_notices", "Notices due to leave the inbox, or that reached nobody", ("state",), counts)
    age = (now - outbox.oldest_at).total_seconds() if outbox.oldest_at else 0.0
    yield _gauge("outbox_age_seconds", "How long the oldest notice that is due has been there", (), [((), age)])


def _of_audit(audit: findings.Audit | None, found: dict[Fault, int]) -> Iterator[Metric]:
    at, took = (audit.at.timestamp(), audit.milliseconds / 1000) if audit else (0.0, 0.0)
    yield _gauge("audit_timestamp_seconds", "When the clocks were last audited; 0: never", (), [((), at)])
    yield _gauge("audit_seconds", "How long that took", (), [((), took)])
    counts = [((fault,), found.get(fault, 0)) for fault in Fault]
    yield _gauge("audit_findings", "Incidents that it found at fault", ("fault",), counts)


def _of_backlogs(backlogs: dict[str, Backlog]) -> Iterator[Metric]:
    tasks = [((kind,), one.tasks) for kind, one in backlogs.items()]
    yield _gauge("task_queue_backlog", "Tasks that wait for a worker, roughly", ("type",), tasks)
    ages = [((kind,), one.age.total_seconds()) for kind, one in backlogs.items()]
    yield _gauge("task_queue_backlog_age_seconds", "How long the oldest of them has waited", ("type",), ages)
    pollers = [((kind,), one.pollers) for kind, one in backlogs.items()]
    yield _gauge("task_queue_pollers", "Workers seen asking for tasks lately", ("type",), pollers)


def _gauge(name: str, about: str, labels: tuple[str, ...], samples: Samples) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(f"huiying_{name}", about, labels=labels)
    for values, value in samples:
        gauge.add_metric([str(label) for label in values], value)
    return gauge


def _drill(one: Watched) -> str:
    return _yes(one.drill)


def _yes(whether: bool) -> str:  # noqa: FBT001  # It is all it takes.
    return "true" if whether else "false"
