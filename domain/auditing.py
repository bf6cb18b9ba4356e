"""The audit of the clocks: what ledger, running processes and the wall clock say of each other."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.vocabulary import Fault, IncidentId
from domain.watching import Watched

GRACE = timedelta(minutes=2)
"""What happened, or fell due, so lately proves nothing: lists of processes lag, and a timer may wait its turn."""


class Seen(NamedTuple):
    """An incident as the database shows it. `seq` is how far its row is, None without one; `written` its ledger."""

    incident: IncidentId
    seq: int | None
    written: int
    changed_at: datetime | None = None
    watched: Watched | None = None

    @property
    def behind(self) -> int:
        """Entries that the row does not know."""
        return self.written - (self.seq or 0)


class Finding(NamedTuple):
    fault: Fault
    incident: IncidentId


def lacking(seen: Iterable[Seen], running: Collection[IncidentId], now: datetime) -> list[IncidentId]:
    """Incidents that should have a process and are not among those that run."""
    return [
        one.incident
        for one in seen
        if one.watched and not one.behind and one.watched.needs_process
        if one.incident not in running and _settled(one.changed_at, now)
    ]


def findings(
    seen: Collection[Seen],
    running: Mapping[IncidentId, datetime],
    ended: Collection[IncidentId],
    unknown: Collection[IncidentId],
    now: datetime,
) -> list[Finding]:
    """Every fault, one for each thing that went wrong.

    `running` says since when; `ended` are those of `lacking` that had a process once; `unknown` those running that no
    ledger knows. A row that is behind says nothing of its clocks.
    """
    without = lacking(seen, running, now)
    return [
        *(Finding(Fault.ROW_BEHIND, one.incident) for one in seen if one.behind),
        *(Finding(Fault.PROCESS_ENDED if id_ in ended else Fault.NO_PROCESS, id_) for id_ in without),
        *(Finding(Fault.ALARM_MISSED, id_) for id_ in _missed(seen, running, now)),
        *(Finding(Fault.UNKNOWN_PROCESS, id_) for id_ in unknown if _settled(running[id_], now)),
    ]


def _missed(seen: Iterable[Seen], running: Collection[IncidentId], now: datetime) -> Iterator[IncidentId]:
    """Whose process runs and slept past its instant. One that catches up moves its ledger meanwhile."""
    for one in seen:
        at = one.watched.alarm_at if one.watched and not one.behind else None
        if at and one.incident in running and _settled(at, now) and _settled(one.changed_at, now):
            yield one.incident


def _settled(at: datetime | None, now: datetime) -> bool:
    return at is not None and at + GRACE <= now


def confirmed(since: datetime, at: datetime) -> bool:
    """Whether the audit at `at` was not the first to find it: what mends itself in between is nobody's work."""
    # Not earlier: a clock may have been set back.
    return since != at
