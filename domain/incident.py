"""One incident's state, as its ledger tells it (`domain.folding`)."""

from datetime import datetime, timedelta
from typing import Self

from pydantic import BaseModel, ConfigDict

from domain.events import Absorbed
from domain.instants import Instant
from domain.obligations import Obligation
from domain.policy import Policy
from domain.proceedings import Assignment, Conference, Consultation, Figure, Merging, Referral
from domain.releases import Release
from domain.routing import Route
from domain.vocabulary import (
    Category,
    IncidentId,
    Level,
    ObligationKind,
    OfficerId,
    Phase,
    ReleaseId,
    Source,
    UnitId,
)

REFUSAL_WINDOW = timedelta(hours=1)


class Restriction(BaseModel):
    """限定知悉: who knows of an incident beside those who always do."""

    model_config = ConfigDict(frozen=True)

    units: tuple[UnitId, ...] = ()
    officers: tuple[OfficerId, ...] = ()


class Incident(BaseModel):
    """Texts stand as references. Times of a round start anew when the incident is reopened."""

    model_config = ConfigDict(frozen=True)

    id: IncidentId
    seq: int
    number: str
    drill: bool
    policy: Policy
    reporter: UnitId
    title: str
    summary: str
    category: Category
    level: Level
    townships: tuple[UnitId, ...]
    departments: tuple[UnitId, ...]
    superior_department: UnitId | None
    designated: UnitId | None = None
    source: Source
    links: tuple[str, ...]
    earlier_levels: tuple[Level, ...] = ()
    """What it, or what it absorbed, was reported or assessed as in this round before it became what it is now."""
    earlier_categories: tuple[Category, ...] = ()
    detected_at: Instant
    submitted_at: Instant
    round: int = 1
    round_started_at: Instant
    route: Route
    office: UnitId
    phase: Phase = Phase.REPORTED
    assessed_at: Instant | None = None
    facts_confirmed_at: Instant | None = None
    investigation: bool = False
    rolling_updates: bool = False
    due_by: dict[ObligationKind, Instant] = {}
    paused: bool = False
    obligations: tuple[Obligation, ...] = ()
    releases: dict[ReleaseId, Release] = {}
    conferences: tuple[Conference, ...] = ()
    consultations: tuple[Consultation, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    referrals: tuple[Referral, ...] = ()
    figures: tuple[Figure, ...] = ()
    lead_since: Instant | None = None
    merging: Merging | None = None
    merged_into: IncidentId | None = None
    restriction: Restriction | None = None
    absorbed: tuple[Absorbed, ...] = ()
    reminded: dict[str, float] = {}
    """Highest reminder fraction given, by duty, hardness and instant: regrading to another one re-arms it."""
    chased: dict[str, int] = {}
    """Rungs climbed, by what idles and since when."""
    refusals: int = 0
    refusals_since: Instant | None = None

    @property
    def concerned_departments(self) -> tuple[UnitId, ...]:
        """Departments involved, the superior one included."""
        superior = (self.superior_department,) if self.superior_department else ()
        return tuple(dict.fromkeys((*self.departments, *superior)))

    @property
    def units(self) -> frozenset[UnitId]:
        """Units that take part: those of the route, reporters, whoever drafted, was consulted or given a task."""
        drafters = {release.unit for release in self.releases.values()}
        return self.route.units | self.reporters | drafters | self.participants

    @property
    def reporters(self) -> frozenset[UnitId]:
        """Units that reported it, or an incident that was merged into it."""
        return frozenset({self.reporter, *(unit for absorbed in self.absorbed for unit in absorbed.reporters)})

    @property
    def categories(self) -> tuple[Category, ...]:
        """Its own category first, then those it had in this round, then those of what it absorbed."""
        brought = (category for absorbed in self.absorbed for category in absorbed.categories)
        return tuple(dict.fromkeys((self.category, *self.earlier_categories, *brought)))

    def joined_with(self, absorbed: Absorbed) -> Self:
        """The earliest detection, the higher level, all units and every order; the same incident again adds nothing."""
        others = tuple(known for known in self.absorbed if known.incident != absorbed.incident)
        superior = self.superior_department or absorbed.superior_department
        # There is one superior department; another one is still among the departments.
        brought = (*absorbed.departments, *((absorbed.superior_department,) if absorbed.superior_department else ()))
        departments = dict.fromkeys((*self.departments, *(unit for unit in brought if unit != superior)))
        levels = list(Level)
        return self.model_copy(
            update={
                "absorbed": (*others, absorbed),
                "detected_at": min(self.detected_at, absorbed.detected_at),
                "level": min(self.level, absorbed.level, key=levels.index),
                "earlier_levels": tuple(dict.fromkeys((*self.earlier_levels, *absorbed.earlier_levels))),
                "townships": tuple(dict.fromkeys((*self.townships, *absorbed.townships))),
                "departments": tuple(departments),
                "superior_department": superior,
                "investigation": self.investigation or absorbed.investigation,
                "rolling_updates": self.rolling_updates or absorbed.rolling_updates,
                "due_by": _earliest(self.due_by, absorbed.due_by),
                "restriction": self.restriction and self._known_also_to(absorbed),
            }
        )

    def _known_also_to(self, absorbed: Absorbed) -> Restriction:
        known = self.restriction or Restriction()
        return Restriction(
            units=tuple(dict.fromkeys((*known.units, *absorbed.known_to))),
            officers=tuple(dict.fromkeys((*known.officers, *absorbed.known_by))),
        )

    @property
    def participants(self) -> frozenset[UnitId]:
        """Units asked to a consultation or given a task."""
        consulted = {unit for consultation in self.consultations for unit in consultation.participants}
        return frozenset(consulted | {assignment.unit for assignment in self.assignments})

    @property
    def receivers(self) -> frozenset[UnitId]:
        """Units that a confirmed referral went to."""
        return frozenset(referral.receiver for referral in self.referrals if referral.confirmed_at)

    @property
    def pending(self) -> tuple[Obligation, ...]:
        return tuple(obligation for obligation in self.obligations if obligation.pending)

    @property
    def parked(self) -> bool:
        """Whether a publication or a retraction waits for a person."""
        return any(intent.parked for release in self.releases.values() for intent in release.pending)

    @property
    def retriable(self) -> bool:
        """Whether trying again helps some of it: where nobody knows what a lost call did, only looking does."""
        return any(intent.may_be_retried for release in self.releases.values() for intent in release.pending)

    def this_round(self) -> tuple[Release, ...]:
        return tuple(release for release in self.releases.values() if release.round == self.round)

    def published_at(self, release: Release) -> datetime | None:
        """Instant of the mandatory channel's receipt: what meets a duty."""
        receipt = release.receipt(self.policy.mandatory_channel)
        return receipt.at if receipt else None

    def refusals_within(self, now: datetime) -> int:
        """Refusals listed singly in the hour that `now` belongs to."""
        if self.refusals_since is None or now - self.refusals_since >= REFUSAL_WINDOW:
            return 0
        return self.refusals


def _earliest(
    ours: dict[ObligationKind, Instant], theirs: dict[ObligationKind, Instant]
) -> dict[ObligationKind, Instant]:
    return {kind: min(at for by in (ours, theirs) if (at := by.get(kind))) for kind in {**ours, **theirs}}
