"""Conferences, consultations, tasks, referrals and agreed figures as the API shows them, with their words."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Self, TypeVar

from pydantic import BaseModel

from domain.commands import is_reference
from domain.instants import Instant
from domain.obligations import Obligation
from domain.proceedings import Assignment, Conference, Consultation, Figure, Referral
from domain.vocabulary import (
    ClaimNature,
    ConferenceForm,
    Digest,
    ObligationKind,
    OfficerId,
    ReleaseId,
    TaskOutcome,
    UnitId,
)

Item = TypeVar("Item", bound=BaseModel)


def _spoken(item: BaseModel, words: Mapping[str, str]) -> dict[str, object]:
    """The item's fields with words in place of references; None where they were erased."""
    return {name: _word(value, words) for name, value in item.model_dump().items()}


def _word(value: object, words: Mapping[str, str]) -> object:
    if isinstance(value, str) and is_reference(value):
        return words.get(value)
    return tuple(_word(part, words) for part in value) if isinstance(value, tuple) else value


def references_of(items: Iterable[BaseModel]) -> set[str]:
    """The texts that the items refer to."""
    found: set[str] = set()
    for item in items:
        for value in item.model_dump().values():
            parts = value if isinstance(value, tuple) else (value,)
            found.update(part for part in parts if isinstance(part, str) and is_reference(part))
    return found


class ConferenceShown(BaseModel):
    """`late` tells a conference held, or planned, after its duty fell due; None where none was owed.

    `unapproved` tells one held although the county office had not agreed by then.
    """

    id: str
    round: int
    form: ConferenceForm
    at: Instant | None
    venue: str | None
    held_at: Instant | None
    attendees: tuple[OfficerId, ...]
    invited: tuple[str | None, ...]
    transcript_url: str | None
    statement: ReleaseId | None
    planned_by: OfficerId | None
    approved_by: OfficerId | None
    approved_at: Instant | None
    approved_digest: Digest | None
    postponements: int
    cancelled_at: Instant | None
    late: bool | None
    unapproved: bool

    @classmethod
    def of(cls, conference: Conference, words: Mapping[str, str], duties: Iterable[Obligation]) -> Self:
        return cls.model_validate(
            _spoken(conference, words) | {"late": _late(conference, duties), "unapproved": conference.unapproved}
        )


def _late(conference: Conference, duties: Iterable[Obligation]) -> bool | None:
    at = conference.held_at or conference.at
    owed = [
        duty.due_at
        for duty in duties
        if duty.kind is ObligationKind.PRESS_CONFERENCE and duty.round == conference.round and duty.due_at
    ]
    if at is None or not owed or conference.form is not ConferenceForm.CONFERENCE:
        return None
    return at > owed[-1]


class ConsultationShown(BaseModel):
    id: str
    round: int
    participants: tuple[UnitId, ...]
    at: Instant
    agenda: str | None
    conclusions: str | None
    release_plan: str | None
    handling_plan: str | None
    concluded_at: Instant | None

    @classmethod
    def of(cls, consultation: Consultation, words: Mapping[str, str]) -> Self:
        return cls.model_validate(_spoken(consultation, words))


class AssignmentShown(BaseModel):
    id: str
    round: int
    what: str | None
    unit: UnitId
    officer: OfficerId | None
    due_at: Instant
    consultation: str | None
    assigned_at: Instant
    outcome: TaskOutcome | None
    ended_at: Instant | None
    overdue: bool

    @classmethod
    def of(cls, task: Assignment, words: Mapping[str, str], now: datetime) -> Self:
        return cls.model_validate(_spoken(task, words) | {"overdue": task.overdue(now)})


class ReferralShown(BaseModel):
    id: str
    claim: str | None
    nature: ClaimNature
    falsehood: str | None
    intent: str | None
    harm: str | None
    legal_ground: str | None
    links: tuple[str | None, ...]
    receiver: UnitId
    release: ReleaseId
    proposed_by: OfficerId
    proposed_at: Instant
    confirmed_by: OfficerId | None
    confirmed_at: Instant | None
    declined_at: Instant | None
    acknowledged_at: Instant | None
    receipt: str | None

    @classmethod
    def of(cls, referral: Referral, words: Mapping[str, str]) -> Self:
        return cls.model_validate(_spoken(referral, words))


class FigureShown(BaseModel):
    """回应口径. `holds`: neither withdrawn nor past its instant."""

    id: str
    text: str | None
    checked: bool
    may_say: bool
    verified_by: UnitId | None
    valid_until: Instant | None
    agreed_at: Instant
    agreed_by: OfficerId
    withdrawn_at: Instant | None
    holds: bool

    @classmethod
    def of(cls, figure: Figure, words: Mapping[str, str], now: datetime) -> Self:
        return cls.model_validate(_spoken(figure, words) | {"holds": figure.holds(now)})
