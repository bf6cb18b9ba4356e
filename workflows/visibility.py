"""What ops see of an incident in Temporal: search attributes and current details. Ids and codes, no words."""

from datetime import datetime
from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

from domain.incident import Incident
from domain.waiting import PUBLICATION, waiting_for

LEVEL = SearchAttributeKey.for_keyword("IncidentLevel")
PHASE = SearchAttributeKey.for_keyword("IncidentPhase")
LEAD = SearchAttributeKey.for_keyword("LeadUnit")
NEXT_DUE = SearchAttributeKey.for_datetime("NextDueAt")
OVERDUE = SearchAttributeKey.for_bool("Overdue")
WAITING = SearchAttributeKey.for_keyword_list("WaitingFor")
ATTENTION = SearchAttributeKey.for_bool("NeedsAttention")
DRILL = SearchAttributeKey.for_bool("Drill")


def search_attributes(
    incident: Incident, now: datetime, *, exposed: bool, calls: bool = False
) -> list[SearchAttributeUpdate[Any]]:
    """All search attributes as they are at `now`. `WaitingFor` holds values like `cosign:health`.

    `exposed`: the run's history holds a message that came in plain text. `calls`: `WaitingFor` names channels that are
    being called as well, for which nobody has anything to do; runs of before the bulletin was written at once did so.
    """
    waits = [wait for wait in waiting_for(incident) if calls or wait.what != PUBLICATION]
    due = [o.due_at for o in incident.pending if o.due_at]
    return [
        LEVEL.value_set(str(incident.level)),
        PHASE.value_set(str(incident.phase)),
        LEAD.value_set(str(incident.route.lead)),
        NEXT_DUE.value_set(min(due)) if due else NEXT_DUE.value_unset(),
        OVERDUE.value_set(any(o.overdue(now) for o in incident.pending)),
        WAITING.value_set(sorted({f"{wait.what}:{wait.unit}" for wait in waits})),
        ATTENTION.value_set(incident.parked or exposed),
        DRILL.value_set(incident.drill),
    ]


def details(incident: Incident | None, now: datetime, wakes_at: datetime | None, *, exposed: bool) -> str:
    """Markdown for the Temporal UI: phase, duties with their instants, whom it waits for, when it wakes."""
    if incident is None:
        return "Waiting for `submit`."
    lines = [
        f"**{incident.phase}** · {incident.level} · lead `{incident.route.lead}` · ledger at {incident.seq}"
        + (" · drill" if incident.drill else ""),
        "",
        "| duty | due (UTC) | |",
        "|---|---|---|",
    ]
    for duty in incident.obligations:
        state = "**overdue**" if duty.overdue(now) else str(duty.state)
        lines.append(f"| {duty.kind} | {_short(duty.due_at)} | {state} |")
    waits = [f"- {wait.what} · `{wait.unit}` since {_short(wait.since)}" for wait in waiting_for(incident)]
    lines += ["", "Waiting for:", *(waits or ["- nothing"])]
    lines += ["", f"Wakes at {_short(wakes_at)}."]
    for release in incident.releases.values():
        lines += [f"- blocked: `{release.id}` on {i.channel}: {i.parked}" for i in release.pending if i.parked]
    lines += ["- **a message came in plain text and stands in this history**"] if exposed else []
    return "\n".join(lines)


def _short(at: datetime | None) -> str:
    # Not strftime: it imports a module at each call, which the sandbox looks into.
    return str(at)[:19] if at else "—"
