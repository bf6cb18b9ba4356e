"""The row of an incident that lists and the chain's head are read from, computed from its state."""

from datetime import datetime
from typing import Any

from domain.incident import Incident
from domain.obligations import earliest
from domain.standing import shown_to
from domain.waiting import waiting_for

STATE_VERSION = 4
"""Raise it whenever `Incident` or `evolve` changes: states stored under another number are folded anew."""


def row(incident: Incident, head_hash: str, updated_at: datetime) -> dict[str, Any]:
    """The columns of `incidents` by name, `id` included."""
    return {
        "id": incident.id,
        "number": incident.number,
        "drill": incident.drill,
        "reporter": incident.reporter,
        "level": incident.level,
        "category": incident.category,
        "phase": incident.phase,
        "lead": incident.route.lead,
        "units": list(shown_to(incident)),
        "restricted": incident.restriction is not None,
        "title": incident.title,
        "detected_at": incident.detected_at,
        "submitted_at": incident.submitted_at,
        "next_due_at": earliest(o.due_at for o in incident.pending if o.due_at is not None),
        # What an ended incident still waits for would be looked for by nobody.
        "needs_attention": incident.parked or (incident.phase.ended and bool(waiting_for(incident))),
        "head_seq": incident.seq,
        "head_hash": head_hash,
        "state": incident.model_dump_json(),
        "state_version": STATE_VERSION,
        "updated_at": updated_at,
    }


def stored_state(state: str, state_version: int, head_seq: int) -> Incident | None:
    """The state kept in a row; None when another version wrote it or it is not that of the head."""
    if state_version != STATE_VERSION:
        return None
    incident = Incident.model_validate_json(state)
    return incident if incident.seq == head_seq else None
