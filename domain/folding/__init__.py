"""Folds a ledger into an incident's state. Nothing here knows a rule: it only remembers."""

from collections.abc import Iterable

from domain import events as e
from domain.folding import course, proceedings, releases
from domain.folding.keys import chase_key, reminder_key
from domain.folding.remembering import remember
from domain.incident import Incident
from domain.vocabulary import IncidentId

__all__ = ["advance", "chase_key", "evolve", "fold", "reminder_key"]

FAMILIES = (course, releases, proceedings)
"""What each kind of fact changes; importing them teaches `remember`."""


def fold(entries: Iterable[e.RecordedEntry], incident_id: IncidentId) -> Incident | None:
    """The state after all `entries` in order of `seq`; None when there are none."""
    incident: Incident | None = None
    for entry in entries:
        incident = evolve(incident, entry, incident_id)
    return incident


def advance(incident: Incident | None, batch: e.Batch, incident_id: IncidentId) -> Incident | None:
    """The state as it will be once `batch` is appended."""
    for entry in batch.entries():
        seq = incident.seq + 1 if incident else 1
        incident = evolve(incident, e.RecordedEntry(seq=seq, key=entry.key, by=entry.by, fact=entry.fact), incident_id)
    return incident


def evolve(incident: Incident | None, entry: e.RecordedEntry, incident_id: IncidentId) -> Incident:
    """The state after one more entry. The first entry of every ledger is `submitted`."""
    if incident is None:
        return _found(entry, incident_id)
    return remember(entry.fact, incident, entry).model_copy(update={"seq": entry.seq})


def _found(entry: e.RecordedEntry, incident_id: IncidentId) -> Incident:
    fact = entry.fact
    if not isinstance(fact, e.Submitted):
        raise ValueError(f"a ledger begins with submitted, not {fact.type}")
    return Incident(
        id=incident_id,
        seq=entry.seq,
        submitted_at=entry.at,
        round_started_at=entry.at,
        lead_since=entry.at,
        **{name: getattr(fact, name) for name in type(fact).model_fields if name != "type"},
    )
