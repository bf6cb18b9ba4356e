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
from domain.releases import Stages
from domain.routing import Route
from domain.vocabulary import (
    Audience,
    Category,
    Channel,
    ClaimNature,
    CommandId,
    ConferenceForm,
    Consent,
    Digest,
    Ground,
    IncidentId,
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
    TaskOutcome,
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


class LeadDesignated(Fact):
    type: Literal["lead_designated"] = "lead_designated"
    lead: UnitId
    reason: str


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


class Acknowledged(Fact):
    """A unit has said that it knows what it owes."""

    type: Literal["acknowledged"] = "acknowledged"
    id: str
    unit: UnitId


class FigureAgreed(Fact):
    """What all releases say alike. The same id again replaces what was agreed before."""

    type: Literal["figure_agreed"] = "figure_agreed"
    figure: str
    text: str
    checked: bool
    may_say: bool
    verified_by: UnitId | None
    valid_until: Instant | None


class FigureWithdrawn(Fact):
    type: Literal["figure_withdrawn"] = "figure_withdrawn"
    figure: str
    reason: str


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
    """`because` tells a decision from duties that a superior's own release covers."""

    type: Literal["obligation_waived"] = "obligation_waived"
    id: str
    reason: str
    was_overdue: bool
    because: Literal["decision", "superior_release"] = "decision"


class SuperiorReleaseRecorded(Fact):
    """上级统一发布: where it stands and what it covers."""

    type: Literal["superior_release_recorded"] = "superior_release_recorded"
    link: str
    scope: str
    obligations: tuple[ObligationKind, ...]


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
    """Something idles since an instant. `about` is the id of the duty, conference, task or referral it is."""

    type: Literal["chased"] = "chased"
    subject: Literal[
        "assessment", "step", "parked", "acknowledgement", "remedy", "conference", "consultation", "task", "referral"
    ]
    since: Instant
    rung: int
    to: tuple[Audience, ...]
    release: ReleaseId | None = None
    version: int | None = None
    step: StepKind | None = None
    unit: UnitId | None = None
    about: str | None = None


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
    interpreters: tuple[OfficerId, ...] = ()
    experts: tuple[str, ...] = ()
    attachments: tuple[Digest, ...] = ()


class StepDecided(Fact):
    """The fields after `words` belong to the form of a confidentiality review (Art. 11)."""

    type: Literal["step_decided"] = "step_decided"
    release: ReleaseId
    version: int
    digest: Digest
    step: StepKind
    unit: UnitId
    outcome: Literal["approved", "returned"] | ReviewOutcome
    ground: Ground | None = None
    words: str | None = None
    law: str | None = None
    asked: str | None = None
    originator: UnitId | None = None
    consent: Consent | None = None
    redactions: tuple[str, ...] = ()


class DisagreementSettled(Fact):
    """The county office lets a release go on that a department returned at its cosigning."""

    type: Literal["disagreement_settled"] = "disagreement_settled"
    release: ReleaseId
    version: int
    digest: Digest
    unit: UnitId
    reason: str


class EmergencyOrdered(Fact):
    """Exactly this version goes out once confidentiality is cleared; the other steps are decided afterwards."""

    type: Literal["emergency_ordered"] = "emergency_ordered"
    release: ReleaseId
    version: int
    digest: Digest
    reason: str


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
    """Stands in the ledger before the channel is called; from here on the version is frozen.

    `stages` are the steps required at that moment: once it is public, no later regrading asks for more.
    """

    type: Literal["publication_intended"] = "publication_intended"
    release: ReleaseId
    version: int
    digest: Digest
    channel: Channel
    attempt: int
    stages: Stages = ()


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


class ReleaseWithdrawn(Fact):
    type: Literal["release_withdrawn"] = "release_withdrawn"
    release: ReleaseId
    reason: str


class RetractionIntended(Fact):
    """A withdrawn release is to be marked, or taken down, where it had appeared."""

    type: Literal["retraction_intended"] = "retraction_intended"
    release: ReleaseId
    version: int
    channel: Channel
    attempt: int


class Retracted(Fact):
    type: Literal["retracted"] = "retracted"
    release: ReleaseId
    version: int
    channel: Channel
    at: Instant


Action = Literal["publish", "retract"]


class EffectParked(Fact):
    """An effect kept failing; it waits for a person. `code` names the failure without any words."""

    type: Literal["effect_parked"] = "effect_parked"
    release: ReleaseId
    version: int
    channel: Channel
    code: str
    action: Action = "publish"


class EffectRenewed(Fact):
    """A person looked: it is not there. The call is made once more, as another attempt."""

    type: Literal["effect_renewed"] = "effect_renewed"
    release: ReleaseId
    version: int
    channel: Channel
    action: Action
    reason: str | None


class EffectAbandoned(Fact):
    """A person gave it up on this channel."""

    type: Literal["effect_abandoned"] = "effect_abandoned"
    release: ReleaseId
    version: int
    channel: Channel
    action: Action
    reason: str


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
    statement: ReleaseId | None = None
    invited: tuple[str, ...] = ()


class ConferenceApproved(Fact):
    """`digest` is the version of the opening statement that was approved with it."""

    type: Literal["conference_approved"] = "conference_approved"
    conference: str
    digest: Digest | None
    comment: str | None


class ConferencePostponed(Fact):
    type: Literal["conference_postponed"] = "conference_postponed"
    conference: str
    at: Instant
    venue: str | None
    reason: str


class ConferenceCancelled(Fact):
    """`reason` is None when the incident's end cancelled it."""

    type: Literal["conference_cancelled"] = "conference_cancelled"
    conference: str
    reason: str | None


class ConferenceRecorded(Fact):
    """`conference` is the planned one that was held; None for one that nobody had planned.

    `approved` tells whether the county office had agreed before; None in entries from before anybody asked.
    """

    type: Literal["conference_recorded"] = "conference_recorded"
    held_at: Instant
    transcript_url: str | None
    attendees: tuple[OfficerId, ...]
    form: ConferenceForm
    conference: str | None = None
    approved: bool | None = None


class ConsultationConvened(Fact):
    type: Literal["consultation_convened"] = "consultation_convened"
    participants: tuple[UnitId, ...]
    at: Instant
    agenda: str | None


class ConsultationConcluded(Fact):
    type: Literal["consultation_concluded"] = "consultation_concluded"
    consultation: str
    conclusions: str
    release_plan: str | None
    handling_plan: str | None


class TaskAssigned(Fact):
    type: Literal["task_assigned"] = "task_assigned"
    what: str
    unit: UnitId
    officer: OfficerId | None
    due_at: Instant
    consultation: str | None


class TaskCompleted(Fact):
    type: Literal["task_completed"] = "task_completed"
    task: str
    outcome: TaskOutcome
    report: str
    late: bool


class RumourReferred(Fact):
    """Proposed; nothing reaches the receiver before another officer has confirmed it (Art. 5)."""

    type: Literal["rumour_referred"] = "rumour_referred"
    claim: str
    nature: ClaimNature
    falsehood: str
    intent: str
    harm: str
    legal_ground: str
    links: tuple[str, ...]
    receiver: UnitId
    release: ReleaseId


class ReferralConfirmed(Fact):
    type: Literal["referral_confirmed"] = "referral_confirmed"
    referral: str
    confirmed: bool
    reason: str | None


class ReferralAcknowledged(Fact):
    type: Literal["referral_acknowledged"] = "referral_acknowledged"
    referral: str
    receipt: str | None


class MergeIntended(Fact):
    """The survivor is asked; until it answers, nothing else is decided here."""

    type: Literal["merge_intended"] = "merge_intended"
    survivor: IncidentId
    reason: str


class MergeRefused(Fact):
    type: Literal["merge_refused"] = "merge_refused"
    survivor: IncidentId
    refusal: RefusalRecord


class Merged(Fact):
    type: Literal["merged"] = "merged"
    survivor: IncidentId


class EarlierRelease(BaseModel):
    """A release that an absorbed incident had published: it counts for the survivor's duties."""

    model_config = ConfigDict(frozen=True)

    release: ReleaseId
    kind: ReleaseKind
    at: Instant


class Absorbed(Fact):
    """What an incident that ended by merging brings, with all that it had absorbed itself.

    `categories` are kept because one that a superior asked for stays one, and `earlier_levels` because one that was
    grave is dismissed as one; `conferences` are the instants at which press conferences were held.
    """

    type: Literal["absorbed"] = "absorbed"
    incident: IncidentId
    number: str
    reporters: tuple[UnitId, ...]
    level: Level
    earlier_levels: tuple[Level, ...] = ()
    categories: tuple[Category, ...]
    detected_at: Instant
    townships: tuple[UnitId, ...]
    departments: tuple[UnitId, ...]
    superior_department: UnitId | None
    investigation: bool
    rolling_updates: bool
    due_by: dict[ObligationKind, Instant]
    releases: tuple[EarlierRelease, ...]
    conferences: tuple[Instant, ...]
    known_to: tuple[UnitId, ...] = ()
    """Units and officers that knew of it, where it was restricted: they know of what it went on in."""
    known_by: tuple[OfficerId, ...] = ()


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


class IncidentRestricted(Fact):
    """From now on these units and officers know of it, beside those who always do. No reason comes with a report."""

    type: Literal["incident_restricted"] = "incident_restricted"
    units: tuple[UnitId, ...]
    officers: tuple[OfficerId, ...]
    reason: str | None


class RestrictionLifted(Fact):
    type: Literal["restriction_lifted"] = "restriction_lifted"
    reason: str


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
    | LeadDesignated
    | PhaseChanged
    | FactsConfirmed
    | ObligationOpened
    | Acknowledged
    | FigureAgreed
    | FigureWithdrawn
    | ObligationMoved
    | ObligationMet
    | ObligationSuperseded
    | ObligationWaived
    | SuperiorReleaseRecorded
    | Reminded
    | Chased
    | VersionDrafted
    | StepDecided
    | DisagreementSettled
    | EmergencyOrdered
    | StepAssigned
    | ReleaseCancelled
    | PublicationIntended
    | Published
    | PublicationLapsed
    | ReleaseWithdrawn
    | RetractionIntended
    | Retracted
    | EffectParked
    | EffectRetried
    | EffectRenewed
    | EffectAbandoned
    | UpdatesPaused
    | UpdatesResumed
    | ConferenceScheduled
    | ConferenceApproved
    | ConferencePostponed
    | ConferenceCancelled
    | ConferenceRecorded
    | ConsultationConvened
    | ConsultationConcluded
    | TaskAssigned
    | TaskCompleted
    | RumourReferred
    | ReferralConfirmed
    | ReferralAcknowledged
    | MergeIntended
    | MergeRefused
    | Merged
    | Absorbed
    | Closed
    | Reopened
    | Noted
    | IncidentRestricted
    | RestrictionLifted
    | Refused
    | RefusalsCounted,
    Field(discriminator="type"),
]


class Seat(BaseModel):
    """The post somebody acted from: its unit, the role that entitled them, and whose post it is if not their own."""

    model_config = ConfigDict(frozen=True)

    unit: UnitId
    role: Role
    on_behalf_of: OfficerId | None = None


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
