"""What an incident waits for: by whom, since when. The same list for people, pages and search."""

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict

from domain.conferring import approval_stands
from domain.consequences import stages_of
from domain.incident import Incident
from domain.instants import Instant
from domain.obligations import MET_BY
from domain.publishing import remedies
from domain.releases import Release, step_views
from domain.supervision import unsigned
from domain.vocabulary import ObligationKind, Phase, ReleaseId, ReleaseState, StepKind, UnitId

ASSESSMENT, FACTS, REVISION, PUBLICATION, BLOCKED = "assessment", "facts", "revision", "publication", "blocked"
ACKNOWLEDGEMENT, DISAGREEMENT, CONFIRMATION, REMEDY = "acknowledgement", "disagreement", "confirmation", "remedy"
APPROVAL, CONFERENCE, CONSULTATION, TASK = "conference_approval", "conference", "consultation", "task"
REFERRAL, RECEIPT, MERGE = "referral", "referral_receipt", "merge"


class Waiting(BaseModel):
    """`what` is one of the constants above, a step or an obligation's kind; `about` the item's id where it has one."""

    model_config = ConfigDict(frozen=True)

    what: str
    unit: UnitId
    since: Instant
    release: ReleaseId | None = None
    step: StepKind | None = None
    due_at: Instant | None = None
    about: str | None = None


def waiting_for(incident: Incident) -> tuple[Waiting, ...]:
    """Everything somebody has to do next. Once the incident has ended only what outlives it is left."""
    found = [*_aftermath(incident), *_referrals(incident)]
    return tuple(found if incident.phase.ended else [*_waits(incident), *found])


def _aftermath(incident: Incident) -> Iterator[Waiting]:
    """Calls on channels without a receipt, and what is owed for releases that did not stand."""
    for release in incident.releases.values():
        for intent in release.pending:
            what = PUBLICATION if intent.parked is None else BLOCKED if intent.may_be_retried else CONFIRMATION
            channel = str(intent.channel)
            yield Waiting(what=what, unit=incident.office, since=intent.since, release=release.id, about=channel)
    for remedy in remedies(incident):
        unit = incident.releases[remedy.release].unit
        yield Waiting(what=REMEDY, unit=unit, since=remedy.since, release=remedy.release)


def _waits(incident: Incident) -> Iterator[Waiting]:
    lead = incident.route.lead
    if incident.assessed_at is None:
        yield Waiting(what=ASSESSMENT, unit=incident.office, since=incident.round_started_at)
    elif incident.facts_confirmed_at is None and incident.phase is Phase.RESPONDING:
        yield Waiting(what=FACTS, unit=lead, since=incident.assessed_at)
    if incident.merging:
        yield Waiting(what=MERGE, unit=incident.office, since=incident.merging.at)
    for duty in unsigned(incident):
        since = max(at for at in (duty.opened_at, incident.lead_since, incident.round_started_at) if at)
        yield Waiting(what=ACKNOWLEDGEMENT, unit=lead, since=since, due_at=duty.due_at, about=duty.id)
    for release in incident.releases.values():
        yield from _release_waits(incident, release)
    yield from _proceedings(incident)
    # A duty waits for a draft only while none that would meet it is on its way.
    under_way = {
        r.kind for r in incident.releases.values() if r.state in (ReleaseState.IN_REVIEW, ReleaseState.PUBLISHING)
    }
    for obligation in incident.pending:
        if not MET_BY[obligation.kind] & under_way:
            kind = obligation.kind
            unit = incident.office if kind is ObligationKind.PRESS_CONFERENCE else lead
            since = obligation.counted_from or incident.round_started_at
            yield Waiting(what=kind, unit=unit, since=since, due_at=obligation.due_at)


def _release_waits(incident: Incident, release: Release) -> Iterator[Waiting]:
    if release.state in (ReleaseState.RETURNED, ReleaseState.REFUSED):
        at = release.decisions[-1].at
        yield Waiting(what=REVISION, unit=release.unit, since=at, release=release.id)
    for view in step_views(release, stages_of(incident, release)):
        if view.opened_at:
            step = view.step
            yield Waiting(what=step.kind, unit=step.unit, since=view.opened_at, release=release.id, step=step.kind)
    for decision in release.stopping:
        if decision.step.kind is StepKind.COSIGN and release.state is ReleaseState.RETURNED:
            unit = decision.step.unit
            yield Waiting(what=DISAGREEMENT, unit=incident.office, since=decision.at, release=release.id, about=unit)


def _proceedings(incident: Incident) -> Iterator[Waiting]:
    office, this_round = incident.office, incident.round
    for conference in incident.conferences:
        if not conference.open or conference.round != this_round or conference.at is None:
            continue
        approved = conference.approved_at if approval_stands(incident, conference) else None
        what, since = (CONFERENCE, approved) if approved else (APPROVAL, conference.planned_at or conference.at)
        yield Waiting(what=what, unit=office, since=since, due_at=conference.at, about=conference.id)
    for consultation in incident.consultations:
        if consultation.concluded_at is None and consultation.round == this_round:
            yield Waiting(what=CONSULTATION, unit=office, since=consultation.at, about=consultation.id)
    for task in incident.assignments:
        if task.pending:
            yield Waiting(what=TASK, unit=task.unit, since=task.assigned_at, due_at=task.due_at, about=task.id)


def _referrals(incident: Incident) -> Iterator[Waiting]:
    for referral in incident.referrals:
        if referral.undecided:
            yield Waiting(what=REFERRAL, unit=incident.office, since=referral.proposed_at, about=referral.id)
        elif referral.confirmed_at and referral.on_its_way:
            yield Waiting(what=RECEIPT, unit=referral.receiver, since=referral.confirmed_at, about=referral.id)
