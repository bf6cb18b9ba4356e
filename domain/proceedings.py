"""What is held, agreed, given out and referred beside the releases of an incident. Each has an id of its own kind."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from domain.instants import Instant
from domain.vocabulary import (
    ClaimNature,
    ConferenceForm,
    Digest,
    IncidentId,
    OfficerId,
    ReleaseId,
    TaskOutcome,
    UnitId,
)


class _Proceeding(BaseModel):
    model_config = ConfigDict(frozen=True)


class Conference(_Proceeding):
    """新闻发布会 or 吹风会 (Art. 14, 15): planned, approved, held; or recorded though nobody had planned it."""

    id: str = ""
    round: int
    form: ConferenceForm
    attendees: tuple[OfficerId, ...]
    at: Instant | None = None
    venue: str | None = None
    held_at: Instant | None = None
    agreed: bool | None = None
    """What its record says of its approval; None before it was held, and in entries from before anybody asked."""
    transcript_url: str | None = None
    statement: ReleaseId | None = None
    invited: tuple[str, ...] = ()
    planned_by: OfficerId | None = None
    planned_at: Instant | None = None
    postponed_by: OfficerId | None = None
    approved_by: OfficerId | None = None
    approved_at: Instant | None = None
    approved_digest: Digest | None = None
    postponements: int = 0
    cancelled_at: Instant | None = None

    @property
    def open(self) -> bool:
        """Planned and still to come about."""
        return self.held_at is None and self.cancelled_at is None

    @property
    def unapproved(self) -> bool:
        """Held although the county office had not agreed by then."""
        if self.held_at is None:
            return False
        return not (self.approved_before(self.held_at) if self.agreed is None else self.agreed)

    def approved_before(self, at: datetime) -> bool:
        """As what it was held: approving a briefing, which needs no opening statement, approves no conference."""
        as_held = self.form is ConferenceForm.BRIEFING or self.approved_digest is not None
        return as_held and self.approved_at is not None and self.approved_at <= at


class Consultation(_Proceeding):
    """会商 (Art. 13). Words are references."""

    id: str
    round: int
    participants: tuple[UnitId, ...]
    at: Instant
    agenda: str | None = None
    conclusions: str | None = None
    release_plan: str | None = None
    handling_plan: str | None = None
    concluded_at: Instant | None = None


class Assignment(_Proceeding):
    """交办事项: owed by a unit, and by an officer of it where one is named."""

    id: str
    round: int
    what: str
    unit: UnitId
    officer: OfficerId | None
    due_at: Instant
    consultation: str | None
    assigned_at: Instant
    outcome: TaskOutcome | None = None
    ended_at: Instant | None = None

    @property
    def pending(self) -> bool:
        return self.outcome is None

    def overdue(self, now: datetime) -> bool:
        return self.pending and now > self.due_at


class Referral(_Proceeding):
    """线索移交 (Art. 5): proposed by one, confirmed by another, acknowledged by the receiver."""

    id: str
    claim: str
    nature: ClaimNature
    falsehood: str
    intent: str
    harm: str
    legal_ground: str
    links: tuple[str, ...]
    receiver: UnitId
    release: ReleaseId
    proposed_by: OfficerId
    proposed_for: OfficerId | None = None
    """Whose post the proposer acted from, if not their own."""
    proposed_at: Instant
    confirmed_by: OfficerId | None = None
    confirmed_at: Instant | None = None
    declined_at: Instant | None = None
    acknowledged_at: Instant | None = None
    receipt: str | None = None

    @property
    def undecided(self) -> bool:
        return self.confirmed_at is None and self.declined_at is None

    @property
    def on_its_way(self) -> bool:
        """Confirmed, and the receiver has not said that it has it."""
        return self.confirmed_at is not None and self.acknowledged_at is None


class Figure(_Proceeding):
    """回应口径: a fact, whether it was checked, whether it may be said, and until when that holds."""

    id: str
    text: str
    checked: bool
    may_say: bool
    verified_by: UnitId | None
    valid_until: Instant | None
    agreed_at: Instant
    agreed_by: OfficerId
    withdrawn_at: Instant | None = None

    def holds(self, now: datetime) -> bool:
        return self.withdrawn_at is None and (self.valid_until is None or now < self.valid_until)


class Merging(_Proceeding):
    """A merge asked for and not yet answered by the survivor."""

    survivor: IncidentId
    by: OfficerId
    at: Instant
    seq: int
