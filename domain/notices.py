"""Who is told of what happened. Notices carry ids, codes and instants; words are looked up when they are read."""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from domain import events as e
from domain.consequences import stages_of
from domain.county import County, Roster
from domain.incident import Incident
from domain.releases import Step, holders, step_views
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
    actor = entries[0].by.actor
    told = (n.model_copy(update={"officers": tuple(o for o in n.officers if o != actor)}) for n in found)
    return tuple(notice for notice in told if notice.officers)


class _People:
    """Turns audiences into today's officers."""

    def __init__(self, county: County, incident: Incident) -> None:
        self.county = county
        self.incident = incident

    @property
    def roster(self) -> Roster:
        return self.county.roster(self.incident.units)

    def drafters(self, unit: UnitId) -> tuple[OfficerId, ...]:
        return (*self.county.with_role(Role.EDITOR, unit), *self.county.with_role(Role.UNIT_HEAD, unit))

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
    seq, fact = entry.seq, entry.fact
    match fact:
        case e.Submitted() | e.Reopened():
            kind = NoticeKind.SUBMITTED if isinstance(fact, e.Submitted) else NoticeKind.REOPENED
            yield Notice(kind=kind, seq=seq, officers=people.of([Audience.COUNTY_OFFICE, Audience.LEAD]))
        case e.Routed():
            if before is not None and before.route.lead != fact.route.lead:
                data = {"unit": fact.route.lead}
                yield Notice(kind=NoticeKind.LEAD_NAMED, seq=seq, officers=people.of([Audience.LEAD]), data=data)
        case e.StepAssigned():
            data = {"release": fact.release, "step": fact.step, "unit": fact.unit}
            yield Notice(kind=NoticeKind.STEP_ASSIGNED, seq=seq, officers=(fact.officer,), data=data)
        case e.StepDecided():
            yield from _stopped(fact, seq, people)
        case e.Reminded():
            data = {"obligation": fact.obligation, "kind": fact.kind, "due_at": fact.due_at.isoformat()}
            data |= {"fraction": fact.fraction}
            yield Notice(kind=NoticeKind.REMINDED, seq=seq, officers=people.of(fact.to), data=data)
        case e.Chased():
            yield Notice(kind=NoticeKind.CHASED, seq=seq, officers=_chased(fact, people), data=_chase_data(fact))
        case e.Published():
            data = {"release": fact.release, "version": fact.version, "channel": fact.channel, "digest": fact.digest}
            yield Notice(kind=NoticeKind.PUBLISHED, seq=seq, officers=people.of([Audience.LEAD]), data=data)
        case e.EffectParked():
            data = {"release": fact.release, "version": fact.version, "channel": fact.channel, "code": fact.code}
            officers = people.of([Audience.COUNTY_OFFICE, Audience.OPS])
            yield Notice(kind=NoticeKind.PARKED, seq=seq, officers=officers, data=data)
        case _:
            return


def _stopped(fact: e.StepDecided, seq: int, people: _People) -> Iterator[Notice]:
    """A return or a refusal goes to those who can write the next version."""
    if fact.outcome not in ("returned", ReviewOutcome.REFUSED):
        return
    release = people.incident.releases[fact.release]
    officers = dict.fromkeys([*sorted(release.authors), *people.drafters(release.unit)])
    kind = NoticeKind.RETURNED if fact.outcome == "returned" else NoticeKind.REFUSED
    data = {"release": release.id, "version": fact.version, "step": fact.step, "unit": fact.unit}
    yield Notice(kind=kind, seq=seq, officers=tuple(officers), data=data)


def _chased(fact: e.Chased, people: _People) -> tuple[OfficerId, ...]:
    held: tuple[OfficerId, ...] = ()
    if fact.release is not None and fact.step is not None and fact.unit is not None:
        held = holders(people.incident.releases[fact.release], Step(fact.step, fact.unit), people.roster)
    return people.of(fact.to, fact.unit, held)


def _chase_data(fact: e.Chased) -> dict[str, str | int | float]:
    return fact.model_dump(mode="json", exclude={"type", "to"}, exclude_none=True)


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
        if (release_id, version, step) in known:
            continue
        yield Notice(
            kind=NoticeKind.STEP_OPENED,
            seq=seq,
            officers=holders(after.releases[release_id], step, people.roster),
            subject=f"{release_id}/{step.kind}/{step.unit}",
            data={"release": release_id, "version": version, "step": step.kind, "unit": step.unit},
        )
