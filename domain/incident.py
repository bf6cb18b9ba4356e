"""One incident's state, as its ledger tells it (`domain.folding`)."""

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from domain.instants import Instant
from domain.obligations import Obligation
from domain.policy import Policy
from domain.releases import Release
from domain.routing import Route
from domain.vocabulary import (
    Category,
    ConferenceForm,
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


class Conference(BaseModel):
    model_config = ConfigDict(frozen=True)

    round: int
    form: ConferenceForm
    attendees: tuple[OfficerId, ...]
    at: Instant | None = None
    venue: str | None = None
    held_at: Instant | None = None
    transcript_url: str | None = None


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
        """Units that take part: those of the route, the reporter, and whoever drafted before the route changed."""
        return self.route.units | {self.reporter} | {release.unit for release in self.releases.values()}

    @property
    def pending(self) -> tuple[Obligation, ...]:
        return tuple(obligation for obligation in self.obligations if obligation.pending)

    @property
    def parked(self) -> bool:
        """Whether a publication waits for a person."""
        return any(intent.parked for release in self.releases.values() for intent in release.intents)

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
