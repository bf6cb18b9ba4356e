"""What facts change of an incident's own course: its route and phase, what it owes, whom it was told, merging."""

from domain import events as e
from domain.folding.keys import chase_key, reminder_key
from domain.folding.remembering import actor_of, remember
from domain.incident import Incident, Restriction
from domain.obligations import Obligation
from domain.proceedings import Merging
from domain.vocabulary import ObligationState


@remember.register
def _(fact: e.Routed, incident: Incident, entry: e.RecordedEntry) -> Incident:
    changes: dict[str, object] = {"route": fact.route}
    if fact.route.lead != incident.route.lead:
        changes["lead_since"] = entry.at
    return incident.model_copy(update=changes)


@remember.register
def _(fact: e.LeadDesignated, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return incident.model_copy(update={"designated": fact.lead})


@remember.register
def _(fact: e.Assessed, incident: Incident, entry: e.RecordedEntry) -> Incident:
    names = set(type(fact).model_fields) - {"type", "respond", "reason"}
    changes: dict[str, object] = {name: getattr(fact, name) for name in names} | {"assessed_at": entry.at}
    if fact.level != incident.level:
        changes["earlier_levels"] = (*incident.earlier_levels, incident.level)
    if fact.category != incident.category:
        changes["earlier_categories"] = (*incident.earlier_categories, incident.category)
    return incident.model_copy(update=changes)


@remember.register
def _(fact: e.PhaseChanged, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return incident.model_copy(update={"phase": fact.phase})


@remember.register
def _(fact: e.FactsConfirmed, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return incident.model_copy(update={"facts_confirmed_at": entry.at})


@remember.register
def _(fact: e.ObligationOpened, incident: Incident, entry: e.RecordedEntry) -> Incident:
    opened = Obligation(
        round=incident.round,
        opened_at=entry.at,
        **{name: getattr(fact, name) for name in type(fact).model_fields if name != "type"},
    )
    return incident.model_copy(update={"obligations": (*incident.obligations, opened)})


def _with_obligation(incident: Incident, obligation_id: str, **changes: object) -> Incident:
    obligations = tuple(
        obligation.model_copy(update=changes) if obligation.id == obligation_id else obligation
        for obligation in incident.obligations
    )
    return incident.model_copy(update={"obligations": obligations})


@remember.register
def _(fact: e.ObligationMoved, incident: Incident, entry: e.RecordedEntry) -> Incident:
    changes = {
        "due_at": fact.due_at,
        "counted_from": fact.counted_from,
        "hours": fact.hours,
        "basis": "last_release",
    }
    return _with_obligation(incident, fact.id, **changes)


@remember.register
def _(fact: e.ObligationMet, incident: Incident, entry: e.RecordedEntry) -> Incident:
    state = ObligationState.MET_LATE if fact.late else ObligationState.MET
    return _with_obligation(incident, fact.id, state=state, met_at=fact.at, release=fact.release, ran_late=fact.late)


@remember.register
def _(fact: e.ObligationSuperseded, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return _with_obligation(incident, fact.id, state=ObligationState.SUPERSEDED, ran_late=fact.was_overdue)


@remember.register
def _(fact: e.ObligationWaived, incident: Incident, entry: e.RecordedEntry) -> Incident:
    changes = {"state": ObligationState.WAIVED, "ran_late": fact.was_overdue, "because": fact.because}
    return _with_obligation(incident, fact.id, **changes)


@remember.register
def _(fact: e.Acknowledged, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return _with_obligation(incident, fact.id, acknowledged_by=fact.unit, acknowledged_at=entry.at)


@remember.register
def _(fact: e.Reminded, incident: Incident, entry: e.RecordedEntry) -> Incident:
    key = reminder_key(incident.round, fact.kind, fact.due_at, hard=fact.hard)
    return incident.model_copy(update={"reminded": incident.reminded | {key: fact.fraction}})


@remember.register
def _(fact: e.Chased, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return incident.model_copy(update={"chased": incident.chased | {chase_key(incident.round, fact): fact.rung}})


@remember.register
def _(fact: e.UpdatesPaused, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return incident.model_copy(update={"paused": True})


@remember.register
def _(fact: e.UpdatesResumed, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return incident.model_copy(update={"paused": False})


@remember.register
def _(fact: e.MergeIntended, incident: Incident, entry: e.RecordedEntry) -> Incident:
    merging = Merging(survivor=fact.survivor, by=actor_of(entry), at=entry.at, seq=entry.seq)
    return incident.model_copy(update={"merging": merging})


@remember.register
def _(fact: e.MergeRefused, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return incident.model_copy(update={"merging": None})


@remember.register
def _(fact: e.Merged, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return incident.model_copy(update={"merging": None, "merged_into": fact.survivor})


@remember.register
def _(fact: e.Absorbed, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return incident.joined_with(fact)


@remember.register
def _(fact: e.Reopened, incident: Incident, entry: e.RecordedEntry) -> Incident:
    # What an absorbed incident had made public belongs to the round that took it in, as our own releases do.
    spent = {"releases": (), "conferences": ()}
    return incident.model_copy(
        update={
            "absorbed": tuple(absorbed.model_copy(update=spent) for absorbed in incident.absorbed),
            "round": fact.round,
            "round_started_at": entry.at,
            "detected_at": fact.detected_at,
            "assessed_at": None,
            "facts_confirmed_at": None,
            "investigation": False,
            "rolling_updates": False,
            "paused": False,
            "due_by": {},
            "earlier_levels": (),
            "earlier_categories": (),
        }
    )


@remember.register
def _(fact: e.IncidentRestricted, incident: Incident, entry: e.RecordedEntry) -> Incident:
    restriction = Restriction(units=fact.units, officers=fact.officers)
    return incident.model_copy(update={"restriction": restriction})


@remember.register
def _(fact: e.RestrictionLifted, incident: Incident, entry: e.RecordedEntry) -> Incident:
    return incident.model_copy(update={"restriction": None})


@remember.register
def _(fact: e.Refused, incident: Incident, entry: e.RecordedEntry) -> Incident:
    within = incident.refusals_within(entry.at)
    since = incident.refusals_since if within else entry.at
    return incident.model_copy(update={"refusals": within + 1, "refusals_since": since})
