"""What happened: the entries of an incident's ledger.

A fact carries ids, codes, instants and digests; words stand in `texts`. An entry is a fact with who,
when and how. The shapes are final: the ledger is never rewritten, only read by newer code.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.instants import Instant
from domain.policy import Policy
from domain.refusals import RefusalRecord
from domain.routing import Route
from domain.vocabulary import (
    Audience,
    Category,
    Channel,
    CommandId,
    ConferenceForm,
    Digest,
    Ground,
    Level,
    ObligationKind,
    OfficerId,
    Origin,
    Phase,
    ReleaseId,
    ReleaseKind,
    ReviewOutcome,
    Role,
    Source,
    StepKind,
    UnitId,
)


class Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Submitted(Fact):
    type: Literal["submitted"] = "submitted"
    number: str
    reporter: UnitId
    title: str
    summary: str
    category: Category
    level: Level
    townships: tuple[UnitId, ...]
    departments: tuple[UnitId, ...]
    superior_department: UnitId | None
    detected_at: Instant
    source: Source
    links: tuple[str, ...]
    drill: bool
    policy: Policy
    office: UnitId
    route: Route


class Routed(Fact):
    type: Literal["routed"] = "routed"
    route: Route


class Assessed(Fact):
    """The whole outcome of an assessment, not the difference: folding needs no rule."""

    type: Literal["assessed"] = "assessed"
    level: Level
    category: Category
    townships: tuple[UnitId, ...]
    departments: tuple[UnitId, ...]
    superior_department: UnitId | None
    designated: UnitId | None
    respond: bool
    investigation: bool
    rolling_updates: bool
    detected_at: Instant
    due_by: dict[ObligationKind, Instant]
    reason: str | None


class PhaseChanged(Fact):
    type: Literal["phase_changed"] = "phase_changed"
    phase: Phase


class FactsConfirmed(Fact):
    type: Literal["facts_confirmed"] = "facts_confirmed"
    unit: UnitId
    summary: str
    reason: str | None


class ObligationOpened(Fact):
    """`counted_from` is the instant and `basis` names what happened then; `due_at` is None until it can be known."""

    type: Literal["obligation_opened"] = "obligation_opened"
    id: str
    kind: ObligationKind
    due_at: Instant | None
    hard: bool
    article: str
    counted_from: Instant | None
    basis: Literal["detected_at", "last_release", "superior_order"]
    hours: float | None


class ObligationMoved(Fact):
    """A cadence starts anew from the last release, or is stretched by a pause."""

    type: Literal["obligation_moved"] = "obligation_moved"
    id: str
    due_at: Instant
    counted_from: Instant
    hours: float | None


class ObligationMet(Fact):
    type: Literal["obligation_met"] = "obligation_met"
    id: str
    at: Instant
    late: bool
    release: ReleaseId | None = None


class ObligationSuperseded(Fact):
    type: Literal["obligation_superseded"] = "obligation_superseded"
    id: str
    was_overdue: bool


class ObligationWaived(Fact):
    type: Literal["obligation_waived"] = "obligation_waived"
    id: str
    reason: str
    was_overdue: bool


class Reminded(Fact):
    """`fraction` 1 is the instant itself: from then on the duty is overdue."""

    type: Literal["reminded"] = "reminded"
    obligation: str
    kind: ObligationKind
    fraction: float
    due_at: Instant
    hard: bool
    to: tuple[Audience, ...]


class Chased(Fact):
    """Something idles since an instant: `subject` is the assessment, a step or a parked effect."""

    type: Literal["chased"] = "chased"
    subject: Literal["assessment", "step", "parked"]
    since: Instant
    rung: int
    to: tuple[Audience, ...]
    release: ReleaseId | None = None
    version: int | None = None
    step: StepKind | None = None
    unit: UnitId | None = None


class VersionDrafted(Fact):
    """Version 1 founds the release; each later one voids every decision made before it."""

    type: Literal["version_drafted"] = "version_drafted"
    release: ReleaseId
    version: int
    kind: ReleaseKind
    unit: UnitId
    digest: Digest
    channels: tuple[Channel, ...]
    corrects: ReleaseId | None
    embargo_until: Instant | None


class StepDecided(Fact):
    type: Literal["step_decided"] = "step_decided"
    release: ReleaseId
    version: int
    digest: Digest
    step: StepKind
    unit: UnitId
    outcome: Literal["approved", "returned"] | ReviewOutcome
    ground: Ground | None = None
    words: str | None = None


class StepAssigned(Fact):
    type: Literal["step_assigned"] = "step_assigned"
    release: ReleaseId
    step: StepKind
    unit: UnitId
    officer: OfficerId
    reason: str


class ReleaseCancelled(Fact):
    """`reason` is None when the incident's end cancelled it."""

    type: Literal["release_cancelled"] = "release_cancelled"
    release: ReleaseId
    reason: str | None


class PublicationIntended(Fact):
    """Stands in the ledger before the channel is called; from here on the version is frozen."""

    type: Literal["publication_intended"] = "publication_intended"
    release: ReleaseId
    version: int
    digest: Digest
    channel: Channel
    attempt: int


class Published(Fact):
    """A channel's receipt."""

    type: Literal["published"] = "published"
    release: ReleaseId
    version: int
    digest: Digest
    channel: Channel
    at: Instant
    external_id: str
    url: str


class PublicationLapsed(Fact):
    """The last gate found a required decision missing (the level rose meanwhile): back to review."""

    type: Literal["publication_lapsed"] = "publication_lapsed"
    release: ReleaseId
    version: int
    channel: Channel
    attempt: int


class EffectParked(Fact):
    """An effect kept failing; it waits for a person. `code` names the failure without any words."""

    type: Literal["effect_parked"] = "effect_parked"
    release: ReleaseId
    version: int
    channel: Channel
    code: str


class EffectRetried(Fact):
    type: Literal["effect_retried"] = "effect_retried"


class UpdatesPaused(Fact):
    type: Literal["updates_paused"] = "updates_paused"
    reason: str


class UpdatesResumed(Fact):
    type: Literal["updates_resumed"] = "updates_resumed"
    reason: str | None


class ConferenceScheduled(Fact):
    type: Literal["conference_scheduled"] = "conference_scheduled"
    at: Instant
    venue: str
    attendees: tuple[OfficerId, ...]
    form: ConferenceForm


class ConferenceRecorded(Fact):
    type: Literal["conference_recorded"] = "conference_recorded"
    held_at: Instant
    transcript_url: str | None
    attendees: tuple[OfficerId, ...]
    form: ConferenceForm


class Closed(Fact):
    type: Literal["closed"] = "closed"
    summary: str


class Reopened(Fact):
    type: Literal["reopened"] = "reopened"
    round: int
    detected_at: Instant
    reason: str


class Noted(Fact):
    type: Literal["noted"] = "noted"
    text: str


class Refused(Fact):
    """A command that was refused. `command` is what it called itself; its words are not kept."""

    type: Literal["refused"] = "refused"
    command: str
    refusal: RefusalRecord


class RefusalsCounted(Fact):
    """More refusals in one hour than the policy lists singly."""

    type: Literal["refusals_counted"] = "refusals_counted"
    since: Instant
    count: int


AnyFact = Annotated[
    Submitted
    | Routed
    | Assessed
    | PhaseChanged
    | FactsConfirmed
    | ObligationOpened
    | ObligationMoved
    | ObligationMet
    | ObligationSuperseded
    | ObligationWaived
    | Reminded
    | Chased
    | VersionDrafted
    | StepDecided
    | StepAssigned
    | ReleaseCancelled
    | PublicationIntended
    | Published
    | PublicationLapsed
    | EffectParked
    | EffectRetried
    | UpdatesPaused
    | UpdatesResumed
    | ConferenceScheduled
    | ConferenceRecorded
    | Closed
    | Reopened
    | Noted
    | Refused
    | RefusalsCounted,
    Field(discriminator="type"),
]


class Seat(BaseModel):
    """The post somebody acted from: its unit and the role that entitled them."""

    model_config = ConfigDict(frozen=True)

    unit: UnitId
    role: Role


class Authorship(BaseModel):
    """Who, when and how: shared by all entries that one command, alarm or effect result brings."""

    model_config = ConfigDict(frozen=True)

    origin: Origin
    issued_at: Instant
    decided_at: Instant
    actor: OfficerId | None = None
    seat: Seat | None = None
    on_behalf_of: OfficerId | None = None
    command_id: CommandId | None = None


class Batch(BaseModel):
    """Facts appended together or not at all. The ledger knows a batch by the key of its first entry."""

    model_config = ConfigDict(frozen=True)

    key: str
    by: Authorship
    facts: tuple[AnyFact, ...]

    def entries(self) -> tuple["Entry", ...]:
        keys = (self.key if index == 0 else f"{self.key}/{index}" for index in range(len(self.facts)))
        return tuple(Entry(key=key, by=self.by, fact=fact) for key, fact in zip(keys, self.facts, strict=True))


def batch(key: str, by: Authorship, facts: Sequence[Fact]) -> Batch:
    return Batch.model_validate({"key": key, "by": by, "facts": tuple(facts)})


class Entry(BaseModel):
    """One fact of an incident. `key` is unique within it: a second append of the same key changes nothing."""

    model_config = ConfigDict(frozen=True)

    key: str
    by: Authorship
    fact: AnyFact

    @property
    def at(self) -> datetime:
        return self.by.decided_at


class RecordedEntry(Entry):
    """An entry with its place in the ledger (`seq` counts from 1)."""

    seq: int
