"""Who is told of what happened. Notices carry ids, codes and instants; words are looked up when they are read."""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from domain import events as e
from domain.consequences import stages_of
from domain.county import Actor, County, Roster
from domain.incident import Incident, Restriction
from domain.releases import Step, holders, step_views
from domain.standing import may_know
from domain.vocabulary import Audience, OfficerId, ReleaseId, ReviewOutcome, Role, UnitId


class NoticeKind(StrEnum):
    SUBMITTED = "submitted"
    REOPENED = "reopened"
    LEAD_NAMED = "lead_named"
    STEP_OPENED = "step_opened"
    STEP_ASSIGNED = "step_assigned"
    RETURNED = "returned"
    REFUSED = "refused"
    REMINDED = "reminded"
    CHASED = "chased"
    PUBLISHED = "published"
    PARKED = "parked"
    DUTY_OPENED = "duty_opened"
    EMERGENCY_ORDERED = "emergency_ordered"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"
    SUPERIOR_RELEASE = "superior_release"
    CONFERENCE_PLANNED = "conference_planned"
    CONFERENCE_APPROVED = "conference_approved"
    CONFERENCE_POSTPONED = "conference_postponed"
    CONFERENCE_CANCELLED = "conference_cancelled"
    CONFERENCE_UNAPPROVED = "conference_unapproved"
    CONSULTATION_CONVENED = "consultation_convened"
    TASK_ASSIGNED = "task_assigned"
    TASK_COMPLETED = "task_completed"
    REFERRAL_PROPOSED = "referral_proposed"
    REFERRAL_CONFIRMED = "referral_confirmed"
    REFERRAL_ACKNOWLEDGED = "referral_acknowledged"
    MERGE_REFUSED = "merge_refused"
    MERGED = "merged"
    ABSORBED = "absorbed"
    MADE_KNOWN = "made_known"
    """Of a restricted incident: whoever is told may know of it from now on."""
    SPOKESPERSON_OWED = "spokesperson_owed"
    """Of no incident: a unit has nobody on file who speaks for it (Art. 7)."""
    CLOCKS_FAULTY = "clocks_faulty"
    """Of the installation: what the audit of the clocks found, and found again."""


class Notice(BaseModel):
    """`seq` is the entry it comes from; `subject` tells apart several of one kind from one entry."""

    model_config = ConfigDict(frozen=True)

    kind: NoticeKind
    seq: int
    officers: tuple[OfficerId, ...]
    subject: str = ""
    data: dict[str, str | int | float] = {}


def notices(
    before: Incident | None, after: Incident, entries: Sequence[e.RecordedEntry], county: County
) -> tuple[Notice, ...]:
    """What one batch of entries brings into whose inbox. Nobody is told what they did themselves."""
    people = _People(county, after)
    found = [notice for entry in entries for notice in _of_entry(before, entry, people)]
    found += _openings(before, after, entries[0].seq, people)
    found += _made_known(before, entries, people)
    actor = entries[0].by.actor
    told = (n.model_copy(update={"officers": people.knowing(o for o in n.officers if o != actor)}) for n in found)
    return tuple(notice for notice in told if notice.officers)


class _People:
    """Turns audiences into today's officers."""

    def __init__(self, county: County, incident: Incident) -> None:
        self.county = county
        self.incident = incident

    @property
    def roster(self) -> Roster:
        return self.county.roster(self.incident.units)

    def knowing(self, officers: Iterable[OfficerId]) -> tuple[OfficerId, ...]:
        """Those who may know of the incident at all."""
        if self.incident.restriction is None:
            return tuple(officers)
        found = ((officer, self.county.officer(officer)) for officer in officers)
        return tuple(id_ for id_, who in found if who and may_know(Actor.of(who), self.incident, self.roster))

    def drafters(self, unit: UnitId) -> tuple[OfficerId, ...]:
        return (*self.county.with_role(Role.EDITOR, unit), *self.county.with_role(Role.UNIT_HEAD, unit))

    def called(self, unit: UnitId, turn: int) -> tuple[OfficerId, ...]:
        """Who is on duty, one at each turn; all who write for the unit where no roster says."""
        roster = self.county.on_duty.get(unit, ())
        return roster[min(turn, len(roster) - 1) :][:1] if roster else self.drafters(unit)

    def of(
        self, audiences: Iterable[Audience], unit: UnitId | None = None, held: tuple[OfficerId, ...] = ()
    ) -> tuple[OfficerId, ...]:
        """Officers of `audiences`; the unit head meant is that of `unit`, else of the lead."""
        lead = self.incident.route.lead
        found: list[OfficerId] = []
        for audience in audiences:
            match audience:
                case Audience.LEAD:
                    found += self.drafters(lead)
                case Audience.UNIT:
                    found += self.drafters(unit or lead)
                case Audience.UNIT_HEAD:
                    found += self.county.with_role(Role.UNIT_HEAD, unit or lead)
                case Audience.HOLDERS:
                    found += held
                case Audience.COUNTY_OFFICE:
                    found += self.county.with_role(Role.COUNTY_OFFICE)
                case Audience.PRESS_OFFICE:
                    found += self.county.with_role(Role.PRESS_OFFICE)
                case Audience.LEADING_GROUP:
                    found += self.county.with_role(Role.LEADING_GROUP)
                case Audience.OPS:
                    found += self.county.with_role(Role.OPS)
        return tuple(dict.fromkeys(found))


def _of_entry(before: Incident | None, entry: e.RecordedEntry, people: _People) -> Iterator[Notice]:
    fact = entry.fact
    match fact:
        case e.Submitted():
            yield _notice(NoticeKind.SUBMITTED, entry, people.of([Audience.COUNTY_OFFICE, Audience.LEAD]))
        case e.Reopened():
            yield _notice(NoticeKind.REOPENED, entry, people.of([Audience.COUNTY_OFFICE, Audience.LEAD]), "round")
        case e.Routed() if before is not None and before.route.lead != fact.route.lead:
            yield _notice(NoticeKind.LEAD_NAMED, entry, people.of([Audience.LEAD]))
        case e.StepAssigned():
            yield _notice(NoticeKind.STEP_ASSIGNED, entry, [fact.officer], "release", "step", "unit")
        case e.StepDecided(outcome="returned" | ReviewOutcome.REFUSED):
            kind = NoticeKind.RETURNED if fact.outcome == "returned" else NoticeKind.REFUSED
            yield _notice(kind, entry, _authors(fact, people), "release", "version", "step", "unit")
        case e.Reminded():
            officers = people.of(fact.to)
            yield _notice(NoticeKind.REMINDED, entry, officers, "obligation", "kind", "hard", "fraction", "due_at")
        case e.Chased():
            what = ("subject", "rung", "since", "release", "version", "step", "unit", "about")
            yield _notice(NoticeKind.CHASED, entry, _chased(fact, people), *what)
        case e.Published():
            yield _notice(NoticeKind.PUBLISHED, entry, people.of([Audience.LEAD]), "release", "version", "channel")
        case e.EffectParked():
            officers = people.of([Audience.COUNTY_OFFICE, Audience.PRESS_OFFICE, Audience.OPS])
            yield _notice(NoticeKind.PARKED, entry, officers, "release", "version", "channel", "code", "action")
        case _:
            yield from _of_release(entry, people)
            yield from _of_proceeding(entry, people)


def _of_release(entry: e.RecordedEntry, people: _People) -> Iterator[Notice]:
    """A hard duty to be signed for, and what happens to releases outside the ordinary course."""
    fact = entry.fact
    match fact:
        case e.ObligationOpened(hard=True):
            first = people.called(people.incident.route.lead, 0)
            yield _notice(NoticeKind.DUTY_OPENED, entry, first, "id", "kind", "due_at", "hard")
        case e.EmergencyOrdered():
            officers = people.of([Audience.LEAD, Audience.COUNTY_OFFICE])
            yield _notice(NoticeKind.EMERGENCY_ORDERED, entry, officers, "release", "version")
        case e.DisagreementSettled():
            unit = people.incident.releases[fact.release].unit
            officers = (*people.drafters(unit), *people.drafters(fact.unit))
            yield _notice(NoticeKind.SETTLED, entry, dict.fromkeys(officers), "release", "version", "unit")
        case e.ReleaseWithdrawn():
            officers = people.of([Audience.LEADING_GROUP, Audience.COUNTY_OFFICE, Audience.PRESS_OFFICE, Audience.LEAD])
            yield _notice(NoticeKind.WITHDRAWN, entry, officers, "release")
        case e.SuperiorReleaseRecorded():
            officers = people.of([Audience.LEAD, Audience.PRESS_OFFICE])
            yield _notice(NoticeKind.SUPERIOR_RELEASE, entry, officers, "obligations")
        case _:
            return


def _of_proceeding(entry: e.RecordedEntry, people: _People) -> Iterator[Notice]:
    """Meetings, tasks, referrals and merges."""
    fact, incident = entry.fact, people.incident
    central = people.of([Audience.COUNTY_OFFICE, Audience.PRESS_OFFICE])
    match fact:
        case e.ConferenceScheduled():
            officers = (*central, *fact.attendees)
            yield _notice(NoticeKind.CONFERENCE_PLANNED, entry, dict.fromkeys(officers), "at", "form")
        case e.ConferenceApproved() | e.ConferencePostponed() | e.ConferenceCancelled():
            attendees = next(c.attendees for c in incident.conferences if c.id == fact.conference)
            kind = NoticeKind(fact.type)
            yield _notice(kind, entry, dict.fromkeys((*central, *attendees)), "conference", "at")
        case e.ConferenceRecorded(approved=False):
            officers = people.of([Audience.COUNTY_OFFICE, Audience.LEADING_GROUP])
            yield _notice(NoticeKind.CONFERENCE_UNAPPROVED, entry, officers, "conference", "form", "held_at")
        case e.ConsultationConvened():
            asked = dict.fromkeys(officer for unit in fact.participants for officer in people.drafters(unit))
            yield _notice(NoticeKind.CONSULTATION_CONVENED, entry, asked, "at")
        case e.TaskAssigned():
            owners = people.drafters(fact.unit)
            officers = (fact.officer, *people.of([Audience.UNIT_HEAD], fact.unit)) if fact.officer else owners
            yield _notice(NoticeKind.TASK_ASSIGNED, entry, dict.fromkeys(officers), "unit", "due_at")
        case e.TaskCompleted():
            yield _notice(NoticeKind.TASK_COMPLETED, entry, people.of([Audience.COUNTY_OFFICE]), "task", "outcome")
        case e.RumourReferred():
            officers = people.of([Audience.COUNTY_OFFICE])
            yield _notice(NoticeKind.REFERRAL_PROPOSED, entry, officers, "receiver", "release")
        case e.ReferralConfirmed() | e.ReferralAcknowledged():
            referral = next(r for r in incident.referrals if r.id == fact.referral)
            kind = NoticeKind(fact.type)
            sent = isinstance(fact, e.ReferralConfirmed) and fact.confirmed
            officers = people.drafters(referral.receiver) if sent else (*central, referral.proposed_by)
            yield _notice(kind, entry, dict.fromkeys(officers), "referral", "confirmed")
        case e.MergeRefused() | e.Merged() | e.Absorbed():
            officers = people.of([Audience.COUNTY_OFFICE, Audience.LEAD])
            yield _notice(NoticeKind(fact.type), entry, officers, "survivor", "incident")
        case _:
            return


def _notice(kind: NoticeKind, entry: e.RecordedEntry, officers: Iterable[OfficerId], *names: str) -> Notice:
    """A notice that carries these fields of the fact."""
    data = entry.fact.model_dump(mode="json", include=set(names), exclude_none=True)
    flat = {name: ",".join(value) if isinstance(value, list) else value for name, value in data.items()}
    return Notice(kind=kind, seq=entry.seq, officers=tuple(officers), data=flat)


def _authors(fact: e.StepDecided, people: _People) -> Iterable[OfficerId]:
    """Those who can write the next version."""
    release = people.incident.releases[fact.release]
    return dict.fromkeys([*sorted(release.authors), *people.drafters(release.unit)])


def _chased(fact: e.Chased, people: _People) -> tuple[OfficerId, ...]:
    """The audiences of the rung. A duty nobody signs for goes to the next person on duty in the lead's place."""
    if fact.subject == "acknowledgement" and fact.unit is not None and Audience.LEAD in fact.to:
        others = [audience for audience in fact.to if audience is not Audience.LEAD]
        return tuple(dict.fromkeys((*people.called(fact.unit, fact.rung), *people.of(others, fact.unit))))
    held: tuple[OfficerId, ...] = ()
    if fact.release is not None and fact.step is not None and fact.unit is not None:
        held = holders(people.incident.releases[fact.release], Step(fact.step, fact.unit), people.roster)
    return people.of(fact.to, fact.unit, held)


_OpenStep = tuple[ReleaseId, int, Step]


def _open_steps(incident: Incident | None) -> dict[_OpenStep, None]:
    if incident is None or incident.phase.ended:
        return {}
    return {
        (release.id, release.version.number, view.step): None
        for release in incident.releases.values()
        for view in step_views(release, stages_of(incident, release))
        if view.opened_at
    }


def _openings(before: Incident | None, after: Incident, seq: int, people: _People) -> Iterator[Notice]:
    """Steps that wait for somebody since this batch, and not before it."""
    known = _open_steps(before)
    for release_id, version, step in _open_steps(after):
        if (release_id, version, step) not in known:
            yield Notice(
                kind=NoticeKind.STEP_OPENED,
                seq=seq,
                officers=holders(after.releases[release_id], step, people.roster),
                subject=f"{release_id}/{step.kind}/{step.unit}",
                data={"release": release_id, "version": version, "step": step.kind, "unit": step.unit},
            )


def _made_known(before: Incident | None, entries: Sequence[e.RecordedEntry], people: _People) -> Iterator[Notice]:
    """Those who know of it since this batch because they were named."""
    known = (before.restriction if before else None) or Restriction()
    for entry in entries:
        if isinstance(entry.fact, e.IncidentRestricted):
            units = (unit for unit in entry.fact.units if unit not in known.units)
            named = (officer for officer in entry.fact.officers if officer not in known.officers)
            officers = dict.fromkeys([*named, *(officer for unit in units for officer in people.drafters(unit))])
            yield _notice(NoticeKind.MADE_KNOWN, entry, officers)
