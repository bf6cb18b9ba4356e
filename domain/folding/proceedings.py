"""What facts change of all that runs beside its releases: figures, conferences, consultations, tasks, referrals."""

from typing import TypeVar

from domain import events as e
from domain.folding.remembering import actor_of, remember
from domain.incident import Incident
from domain.proceedings import Assignment, Conference, Consultation, Figure, Referral


@remember.register
def _(fact: e.FigureAgreed, incident: Incident, entry: e.RecordedEntry) -> Incident:
    figure = Figure(
        id=fact.figure,
        agreed_at=entry.at,
        agreed_by=actor_of(entry),
        **{name: getattr(fact, name) for name in ("text", "checked", "may_say", "verified_by", "valid_until")},
    )
    others = tuple(known for known in incident.figures if known.id != figure.id)
    return incident.model_copy(update={"figures": (*others, figure)})


@remember.register
def _(fact: e.FigureWithdrawn, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return incident.model_copy(
        update={"figures": _changed(incident.figures, fact.figure, withdrawn_at=entry.at)},
    )


@remember.register
def _(fact: e.ConferenceScheduled, incident: Incident, entry: e.RecordedEntry) -> Incident:
    planned = {name: getattr(fact, name) for name in type(fact).model_fields if name != "type"}
    return _with_conference(incident, planned_by=entry.by.actor, planned_at=entry.at, **planned)


def _with_conference(incident: Incident, **fields: object) -> Incident:
    conference = Conference.model_validate(
        {"id": f"c{len(incident.conferences) + 1}", "round": incident.round, **fields}
    )
    return incident.model_copy(update={"conferences": (*incident.conferences, conference)})


def _change_conference(incident: Incident, id_: str, **changes: object) -> Incident:
    return incident.model_copy(update={"conferences": _changed(incident.conferences, id_, **changes)})


_UNAPPROVED = {"approved_by": None, "approved_at": None, "approved_digest": None}


@remember.register
def _(fact: e.ConferenceApproved, incident: Incident, entry: e.RecordedEntry) -> Incident:
    approval = {"approved_by": entry.by.actor, "approved_at": entry.at, "approved_digest": fact.digest}
    return _change_conference(incident, fact.conference, **approval)


@remember.register
def _(fact: e.ConferencePostponed, incident: Incident, entry: e.RecordedEntry) -> Incident:
    planned = next(c for c in incident.conferences if c.id == fact.conference)
    changes = {
        "at": fact.at,
        "venue": fact.venue or planned.venue,
        "planned_at": entry.at,
        "postponed_by": entry.by.actor,
        "postponements": planned.postponements + 1,
    }
    return _change_conference(incident, planned.id, **changes, **_UNAPPROVED)


@remember.register
def _(fact: e.ConferenceCancelled, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return _change_conference(incident, fact.conference, cancelled_at=entry.at)


@remember.register
def _(fact: e.ConferenceRecorded, incident: Incident, entry: e.RecordedEntry) -> Incident:
    held = {name: getattr(fact, name) for name in ("held_at", "transcript_url", "attendees", "form")}
    held["agreed"] = fact.approved
    planned = fact.conference or _planned(incident, fact)
    if planned is None:
        return _with_conference(incident, **held)
    return _change_conference(incident, planned, **held)


def _planned(incident: Incident, fact: e.ConferenceRecorded) -> str | None:
    """Entries that name no conference mean the first open one of their form."""
    fitting = (c.id for c in incident.conferences if c.open and c.form is fact.form and c.round == incident.round)
    return next(fitting, None)


@remember.register
def _(fact: e.ConsultationConvened, incident: Incident, entry: e.RecordedEntry) -> Incident:
    consultation = Consultation(
        id=f"m{len(incident.consultations) + 1}",
        round=incident.round,
        participants=fact.participants,
        at=fact.at,
        agenda=fact.agenda,
    )
    return incident.model_copy(update={"consultations": (*incident.consultations, consultation)})


@remember.register
def _(fact: e.ConsultationConcluded, incident: Incident, entry: e.RecordedEntry) -> Incident:
    outcome = {name: getattr(fact, name) for name in ("conclusions", "release_plan", "handling_plan")}
    consultations = _changed(incident.consultations, fact.consultation, concluded_at=entry.at, **outcome)
    return incident.model_copy(update={"consultations": consultations})


@remember.register
def _(fact: e.TaskAssigned, incident: Incident, entry: e.RecordedEntry) -> Incident:
    assignment = Assignment(
        id=f"t{len(incident.assignments) + 1}",
        round=incident.round,
        assigned_at=entry.at,
        **{name: getattr(fact, name) for name in type(fact).model_fields if name != "type"},
    )
    return incident.model_copy(update={"assignments": (*incident.assignments, assignment)})


@remember.register
def _(fact: e.TaskCompleted, incident: Incident, entry: e.RecordedEntry) -> Incident:
    assignments = _changed(incident.assignments, fact.task, outcome=fact.outcome, ended_at=entry.at)
    return incident.model_copy(update={"assignments": assignments})


@remember.register
def _(fact: e.RumourReferred, incident: Incident, entry: e.RecordedEntry) -> Incident:
    referral = Referral(
        id=f"r{len(incident.referrals) + 1}",
        proposed_by=actor_of(entry),
        proposed_for=entry.by.on_behalf_of,
        proposed_at=entry.at,
        **{name: getattr(fact, name) for name in type(fact).model_fields if name != "type"},
    )
    return incident.model_copy(update={"referrals": (*incident.referrals, referral)})


@remember.register
def _(fact: e.ReferralConfirmed, incident: Incident, entry: e.RecordedEntry) -> Incident:
    confirmation = {"confirmed_by": entry.by.actor, "confirmed_at": entry.at}
    changes = confirmation if fact.confirmed else {"declined_at": entry.at}
    return incident.model_copy(update={"referrals": _changed(incident.referrals, fact.referral, **changes)})


@remember.register
def _(fact: e.ReferralAcknowledged, incident: Incident, entry: e.RecordedEntry) -> Incident:
    changes = {"acknowledged_at": entry.at, "receipt": fact.receipt}
    return incident.model_copy(update={"referrals": _changed(incident.referrals, fact.referral, **changes)})


_Item = TypeVar("_Item", Figure, Conference, Consultation, Assignment, Referral)


def _changed(items: tuple[_Item, ...], id_: str, **changes: object) -> tuple[_Item, ...]:
    """The items with one of them changed."""
    return tuple(item.model_copy(update=changes) if item.id == id_ else item for item in items)
