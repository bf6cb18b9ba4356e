"""Folds a ledger into an incident's state. `evolve` knows no rule: it only remembers."""

from collections.abc import Iterable
from datetime import datetime
from functools import singledispatch

from domain import events as e
from domain.incident import Conference, Incident
from domain.obligations import Obligation
from domain.releases import Decision, Intent, Receipt, Release, Step, Version
from domain.vocabulary import Channel, IncidentId, ObligationKind, ObligationState, OfficerId, ReleaseId


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
    return _apply(entry.fact, incident, entry).model_copy(update={"seq": entry.seq})


def _found(entry: e.RecordedEntry, incident_id: IncidentId) -> Incident:
    fact = entry.fact
    if not isinstance(fact, e.Submitted):
        raise ValueError(f"a ledger begins with submitted, not {fact.type}")
    return Incident(
        id=incident_id,
        seq=entry.seq,
        submitted_at=entry.at,
        round_started_at=entry.at,
        **{name: getattr(fact, name) for name in type(fact).model_fields if name != "type"},
    )


def reminder_key(round_: int, kind: ObligationKind, due_at: datetime, *, hard: bool) -> str:
    """A target that becomes a duty is told anew: its reminders go further up."""
    return f"{round_}/{kind}/{'hard' if hard else 'soft'}/{due_at.isoformat()}"


def chase_key(round_: int, fact: e.Chased) -> str:
    """What is being chased, since when; the parts that do not apply are left out."""
    parts = [fact.release, fact.version, fact.step, fact.unit, fact.since.isoformat()]
    return "/".join([fact.subject, str(round_), *(str(part) for part in parts if part is not None)])


@singledispatch
def _apply(fact: e.Fact, incident: Incident, entry: e.RecordedEntry) -> Incident:
    """Facts that leave the state as it is: notes, refusal counts."""
    return incident


@_apply.register
def _(fact: e.Routed, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return incident.model_copy(update={"route": fact.route})


@_apply.register
def _(fact: e.Assessed, incident: Incident, entry: e.RecordedEntry) -> Incident:
    names = set(type(fact).model_fields) - {"type", "respond", "reason"}
    return incident.model_copy(update={name: getattr(fact, name) for name in names} | {"assessed_at": entry.at})


@_apply.register
def _(fact: e.PhaseChanged, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return incident.model_copy(update={"phase": fact.phase})


@_apply.register
def _(fact: e.FactsConfirmed, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return incident.model_copy(update={"facts_confirmed_at": entry.at})


@_apply.register
def _(fact: e.ObligationOpened, incident: Incident, entry: e.RecordedEntry) -> Incident:
    opened = Obligation(
        round=incident.round,
        **{name: getattr(fact, name) for name in type(fact).model_fields if name != "type"},
    )
    return incident.model_copy(update={"obligations": (*incident.obligations, opened)})


def _with_obligation(incident: Incident, obligation_id: str, **changes: object) -> Incident:
    obligations = tuple(
        obligation.model_copy(update=changes) if obligation.id == obligation_id else obligation
        for obligation in incident.obligations
    )
    return incident.model_copy(update={"obligations": obligations})


@_apply.register
def _(fact: e.ObligationMoved, incident: Incident, entry: e.RecordedEntry) -> Incident:
    changes = {
        "due_at": fact.due_at,
        "counted_from": fact.counted_from,
        "hours": fact.hours,
        "basis": "last_release",
    }
    return _with_obligation(incident, fact.id, **changes)


@_apply.register
def _(fact: e.ObligationMet, incident: Incident, entry: e.RecordedEntry) -> Incident:
    state = ObligationState.MET_LATE if fact.late else ObligationState.MET
    return _with_obligation(incident, fact.id, state=state, met_at=fact.at, release=fact.release, ran_late=fact.late)


@_apply.register
def _(fact: e.ObligationSuperseded, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return _with_obligation(incident, fact.id, state=ObligationState.SUPERSEDED, ran_late=fact.was_overdue)


@_apply.register
def _(fact: e.ObligationWaived, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return _with_obligation(incident, fact.id, state=ObligationState.WAIVED, ran_late=fact.was_overdue)


@_apply.register
def _(fact: e.Reminded, incident: Incident, entry: e.RecordedEntry) -> Incident:
    key = reminder_key(incident.round, fact.kind, fact.due_at, hard=fact.hard)
    return incident.model_copy(update={"reminded": incident.reminded | {key: fact.fraction}})


@_apply.register
def _(fact: e.Chased, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return incident.model_copy(update={"chased": incident.chased | {chase_key(incident.round, fact): fact.rung}})


def _with_release(incident: Incident, release: ReleaseId, **changes: object) -> Incident:
    changed = incident.releases[release].model_copy(update=changes)
    return incident.model_copy(update={"releases": incident.releases | {release: changed}})


@_apply.register
def _(fact: e.VersionDrafted, incident: Incident, entry: e.RecordedEntry) -> Incident:
    version = Version(
        number=fact.version,
        digest=fact.digest,
        channels=fact.channels,
        embargo_until=fact.embargo_until,
        author=_actor(entry),
        drafted_at=entry.at,
    )
    known = incident.releases.get(fact.release)
    if known is not None:
        return _with_release(incident, fact.release, versions=(*known.versions, version), decisions=())
    release = Release(
        id=fact.release,
        kind=fact.kind,
        unit=fact.unit,
        round=incident.round,
        corrects=fact.corrects,
        versions=(version,),
    )
    return incident.model_copy(update={"releases": incident.releases | {release.id: release}})


def _actor(entry: e.RecordedEntry) -> OfficerId:
    if entry.by.actor is None:
        raise ValueError(f"entry {entry.seq} ({entry.fact.type}) names no actor")
    return entry.by.actor


@_apply.register
def _(fact: e.StepDecided, incident: Incident, entry: e.RecordedEntry) -> Incident:
    step = Step(fact.step, fact.unit)
    decision = Decision(step=step, outcome=fact.outcome, by=_actor(entry), at=entry.at, ground=fact.ground)
    return _with_release(incident, fact.release, decisions=(*incident.releases[fact.release].decisions, decision))


@_apply.register
def _(fact: e.StepAssigned, incident: Incident, entry: e.RecordedEntry) -> Incident:
    assigned = (*incident.releases[fact.release].assigned, (Step(fact.step, fact.unit), fact.officer))
    return _with_release(incident, fact.release, assigned=assigned)


@_apply.register
def _(fact: e.ReleaseCancelled, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return _with_release(incident, fact.release, cancelled=True)


@_apply.register
def _(fact: e.PublicationIntended, incident: Incident, entry: e.RecordedEntry) -> Incident:
    release = incident.releases[fact.release]
    intent = Intent(channel=fact.channel, attempt=fact.attempt, since=entry.at)
    return _with_release(incident, release.id, intents=(*release.intents, intent), attempts=release.attempts + 1)


def _without_intent(release: Release, channel: Channel) -> tuple[Intent, ...]:
    return tuple(intent for intent in release.intents if intent.channel != channel)


@_apply.register
def _(fact: e.Published, incident: Incident, entry: e.RecordedEntry) -> Incident:
    release = incident.releases[fact.release]
    receipt = Receipt(channel=fact.channel, external_id=fact.external_id, url=fact.url, at=fact.at)
    after = _with_release(
        incident,
        release.id,
        receipts=(*release.receipts, receipt),
        intents=_without_intent(release, fact.channel),
    )
    if release.corrects and fact.channel == incident.policy.mandatory_channel:
        return _with_release(after, release.corrects, corrected_by=release.id)
    return after


@_apply.register
def _(fact: e.PublicationLapsed, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return _with_release(incident, fact.release, intents=_without_intent(incident.releases[fact.release], fact.channel))


@_apply.register
def _(fact: e.EffectParked, incident: Incident, entry: e.RecordedEntry) -> Incident:
    intents = tuple(
        intent.model_copy(update={"parked": fact.code, "since": entry.at}) if intent.channel == fact.channel else intent
        for intent in incident.releases[fact.release].intents
    )
    return _with_release(incident, fact.release, intents=intents)


@_apply.register
def _(fact: e.EffectRetried, incident: Incident, entry: e.RecordedEntry) -> Incident:
    releases = {
        key: release.model_copy(
            update={"intents": tuple(i.model_copy(update={"parked": None}) for i in release.intents)}
        )
        for key, release in incident.releases.items()
    }
    return incident.model_copy(update={"releases": releases})


@_apply.register
def _(fact: e.UpdatesPaused, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return incident.model_copy(update={"paused": True})


@_apply.register
def _(fact: e.UpdatesResumed, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return incident.model_copy(update={"paused": False})


@_apply.register
def _(fact: e.ConferenceScheduled, incident: Incident, entry: e.RecordedEntry) -> Incident:
    conference = Conference(
        round=incident.round, form=fact.form, attendees=fact.attendees, at=fact.at, venue=fact.venue
    )
    return incident.model_copy(update={"conferences": (*incident.conferences, conference)})


@_apply.register
def _(fact: e.ConferenceRecorded, incident: Incident, entry: e.RecordedEntry) -> Incident:
    held = Conference(
        round=incident.round,
        form=fact.form,
        attendees=fact.attendees,
        held_at=fact.held_at,
        transcript_url=fact.transcript_url,
    )
    conferences = list(incident.conferences)
    for index, planned in enumerate(conferences):
        if planned.held_at is None and planned.form is fact.form and planned.round == incident.round:
            conferences[index] = held.model_copy(update={"at": planned.at, "venue": planned.venue})
            break
    else:
        conferences.append(held)
    return incident.model_copy(update={"conferences": tuple(conferences)})


@_apply.register
def _(fact: e.Reopened, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return incident.model_copy(
        update={
            "round": fact.round,
            "round_started_at": entry.at,
            "detected_at": fact.detected_at,
            "assessed_at": None,
            "facts_confirmed_at": None,
            "investigation": False,
            "rolling_updates": False,
            "paused": False,
            "due_by": {},
        }
    )


@_apply.register
def _(fact: e.Refused, incident: Incident, entry: e.RecordedEntry) -> Incident:
    within = incident.refusals_within(entry.at)
    since = incident.refusals_since if within else entry.at
    return incident.model_copy(update={"refusals": within + 1, "refusals_since": since})
