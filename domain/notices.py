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
            what = ("subject", "rung", "since", "release", "version", "step", "unit")
            yield _notice(NoticeKind.CHASED, entry, _chased(fact, people), *what)
        case e.Published():
            yield _notice(NoticeKind.PUBLISHED, entry, people.of([Audience.LEAD]), "release", "version", "channel")
        case e.EffectParked():
            officers = people.of([Audience.COUNTY_OFFICE, Audience.OPS])
            yield _notice(NoticeKind.PARKED, entry, officers, "release", "version", "channel", "code")
        case _:
            return


def _notice(kind: NoticeKind, entry: e.RecordedEntry, officers: Iterable[OfficerId], *names: str) -> Notice:
    """A notice that carries these fields of the fact."""
    data = entry.fact.model_dump(mode="json", include=set(names), exclude_none=True)
    return Notice(kind=kind, seq=entry.seq, officers=tuple(officers), data=data)


def _authors(fact: e.StepDecided, people: _People) -> Iterable[OfficerId]:
    """Those who can write the next version."""
    release = people.incident.releases[fact.release]
    return dict.fromkeys([*sorted(release.authors), *people.drafters(release.unit)])


def _chased(fact: e.Chased, people: _People) -> tuple[OfficerId, ...]:
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
