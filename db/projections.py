"""The row of an incident that lists and the chain's head are read from, computed from its state."""

from collections import OrderedDict
from datetime import datetime
from typing import Any

from domain.incident import Incident
from domain.obligations import earliest
from domain.standing import shown_to
from domain.vocabulary import ConferenceForm
from domain.waiting import waiting_for

STATE_VERSION = 5
"""Raise it whenever `Incident` or `evolve` changes: states stored under another number are folded anew."""

_KEPT_STATES = 64
_STATES: OrderedDict[str, Incident] = OrderedDict()
"""States by their JSON, the latest last: what was just written or read is soon read again, and reading it takes a
millisecond. A text stands for one state for ever, so nothing here grows old.
"""


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
        "course": course(incident),
        "head_seq": incident.seq,
        "head_hash": head_hash,
        "state": _kept(incident.model_dump_json(), incident),
        "state_version": STATE_VERSION,
        "updated_at": updated_at,
    }


_COUNTED: Any = {
    "assessed_at": True,
    "obligations": {"__all__": {"kind", "state", "due_at", "ran_late"}},
    "releases": {"__all__": {"kind": True, "receipts": {"__all__": {"channel", "at"}}}},
    "conferences": {"__all__": {"form", "held_at"}},
}


def course(incident: Incident) -> dict[str, Any]:
    """What statistics count. `published` has kind and instant of every receipt of the mandatory channel, `held` the
    instants of press conferences, `duties` their kind, state and instant, and whether they ran late.
    """
    told = incident.model_dump(mode="json", include=_COUNTED)
    return {
        "assessed_at": told["assessed_at"],
        "published": [
            [release["kind"], receipt["at"]]
            for release in told["releases"].values()
            for receipt in release["receipts"]
            if receipt["channel"] == incident.policy.mandatory_channel
        ],
        "held": [
            held["held_at"]
            for held in told["conferences"]
            if held["form"] == ConferenceForm.CONFERENCE and held["held_at"]
        ],
        "duties": [[duty["kind"], duty["state"], duty["due_at"], duty["ran_late"]] for duty in told["obligations"]],
    }


def stored_state(state: str, state_version: int, head_seq: int) -> Incident | None:
    """The state kept in a row; None when another version wrote it or it is not that of the head."""
    if state_version != STATE_VERSION:
        return None
    incident = _STATES.get(state)
    if incident is None:
        incident = Incident.model_validate_json(state)
        _kept(state, incident)
    return incident if incident.seq == head_seq else None


def _kept(state: str, incident: Incident) -> str:
    _STATES[state] = incident
    _STATES.move_to_end(state)
    if len(_STATES) > _KEPT_STATES:
        _STATES.popitem(last=False)
    return state
