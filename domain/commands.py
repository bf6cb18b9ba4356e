"""Every command of the process as a frozen model.

A field of type `Text` holds words on their way in (HTTP) and their salted digest everywhere else:
the API stores the words and sends `refer(command, …)`; the process accepts references only.
"""

import re
from collections.abc import Callable, Iterable
from typing import Annotated, ClassVar, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from domain.attachments import MOST
from domain.instants import HourSeconds, Instant
from domain.vocabulary import (
    OFFICER_ID,
    UNIT_ID,
    Category,
    Channel,
    ClaimNature,
    CommandName,
    ConferenceForm,
    Consent,
    Digest,
    Ground,
    IncidentId,
    Level,
    ObligationKind,
    OfficerId,
    ReleaseId,
    ReleaseKind,
    Resolution,
    ReviewOutcome,
    Source,
    StepKind,
    TaskOutcome,
    UnitId,
)


class _Words:
    """Marks a field whose value is a text or, once stored, the text's reference."""


_REFERENCE = re.compile(r"t1:[0-9a-f]{64}")

Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000, pattern=r"\S"), _Words()]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S"), _Words()]
LinkText = Annotated[
    str, StringConstraints(max_length=500, pattern=rf"^(?:https?://[^\s]+|{_REFERENCE.pattern})$"), _Words()
]
"""An address on the web, kept as a text."""
Hex64 = Annotated[Digest, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
UnitRef = Annotated[UnitId, StringConstraints(pattern=UNIT_ID)]
OfficerRef = Annotated[OfficerId, StringConstraints(pattern=OFFICER_ID)]
ReleaseRef = Annotated[ReleaseId, StringConstraints(pattern=r"^[0-9a-f]{12,32}$")]
IncidentRef = Annotated[IncidentId, StringConstraints(pattern=r"^[0-9a-f]{12,32}$")]
ItemRef = Annotated[str, StringConstraints(pattern=r"^[a-z][1-9][0-9]{0,5}$")]
"""An item of one incident: a conference `c1`, a consultation `m1`, a task `t1`, a referral `r1`, a figure `f1`."""
PublicUrl = Annotated[str, StringConstraints(min_length=8, max_length=500, pattern=r"^https?://[^\s]+$")]
Units = Annotated[tuple[UnitRef, ...], Field(max_length=60)]
Attachments = Annotated[tuple[Hex64, ...], Field(max_length=MOST)]
Attendees = Annotated[tuple[OfficerRef, ...], Field(min_length=1, max_length=60)]


class Command(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    name: ClassVar[CommandName]

    def units_named(self) -> tuple[UnitId, ...]:
        return ()

    def officers_named(self) -> tuple[OfficerId, ...]:
        return ()


class _NamesUnits(Command):
    townships: Units = ()
    departments: Units = ()
    superior_department: UnitRef | None = None

    def units_named(self) -> tuple[UnitId, ...]:
        superior = (self.superior_department,) if self.superior_department else ()
        return tuple(dict.fromkeys((*self.townships, *self.departments, *superior)))


class Submit(_NamesUnits):
    """报送. Clocks run from `detected_at`; `hour_seconds` compresses the clock of a drill only.

    A `restricted` one is known from its first moment to the lead, to who reports it, and to those who always know.
    """

    name = CommandName.SUBMIT
    title: ShortText
    summary: Text
    category: Category
    level: Level = Level.UNGRADED
    detected_at: Instant
    source: Source
    links: tuple[LinkText, ...] = Field(default=(), max_length=20)
    drill: bool = False
    restricted: bool = False
    hour_seconds: HourSeconds | None = None


class Assess(_NamesUnits):
    """研判. What is left out stays as it is; `due_by` holds shorter instants a superior ordered."""

    name = CommandName.ASSESS
    level: Level | None = None
    category: Category | None = None
    lead: UnitRef | None = None
    respond: bool = True
    investigation: bool | None = None
    rolling_updates: bool | None = None
    detected_at: Instant | None = None
    due_by: dict[ObligationKind, Instant] = {}
    reason: Text | None = None

    def units_named(self) -> tuple[UnitId, ...]:
        return (*super().units_named(), *((self.lead,) if self.lead else ()))


class ConfirmFacts(Command):
    """事实基本清楚: what is verified, and by whom (Art. 4)."""

    name = CommandName.CONFIRM_FACTS
    summary: Text
    reason: Text | None = None


class _Version(Command):
    """A version of a release. `digest` stands for all of it (release digest v1); `attachments` are in order."""

    release: ReleaseRef
    digest: Hex64
    channels: Annotated[tuple[Channel, ...], Field(min_length=1, max_length=8)]
    embargo_until: Instant | None = None
    attachments: Attachments = ()


class DraftRelease(_Version):
    """起草: the first version of a release.

    `interpreters` are the officers who interpret, `experts` the names of others asked to (Art. 12).
    """

    name = CommandName.DRAFT_RELEASE
    kind: ReleaseKind
    corrects: ReleaseRef | None = None
    interpreters: Annotated[tuple[OfficerRef, ...], Field(max_length=10)] = ()
    experts: Annotated[tuple[ShortText, ...], Field(max_length=10)] = ()

    def officers_named(self) -> tuple[OfficerId, ...]:
        return self.interpreters


class ReviseRelease(_Version):
    """修改: a new version, which voids every decision made before it."""

    name = CommandName.REVISE_RELEASE


class Approve(Command):
    """同意: a decision on exactly one digest."""

    name = CommandName.APPROVE
    release: ReleaseRef
    step: StepKind
    digest: Hex64
    comment: Text | None = None


class ReturnRelease(Command):
    """退回: the release needs a new version; says why."""

    name = CommandName.RETURN_RELEASE
    release: ReleaseRef
    step: StepKind
    digest: Hex64
    reason: Text


class SettleDisagreement(Command):
    """裁定会签分歧: the release goes on although a department returned it, with the reason (Art. 3)."""

    name = CommandName.SETTLE_DISAGREEMENT
    release: ReleaseRef
    unit: UnitRef
    digest: Hex64
    reason: Text


class ReviewConfidentiality(Command):
    """保密审查. `refused` needs its ground; `undecided` needs the authority asked, or a comment naming it (Art. 11).

    `originator` is the unit whose information it is, with its `consent`; `law` the provision behind a
    refusal (the ground's own when left out); `redactions` what has to go before it may be cleared.
    """

    name = CommandName.REVIEW_CONFIDENTIALITY
    release: ReleaseRef
    digest: Hex64
    outcome: ReviewOutcome
    ground: Ground | None = None
    comment: Text | None = None
    law: ShortText | None = None
    asked: ShortText | None = None
    originator: UnitRef | None = None
    consent: Consent | None = None
    redactions: Annotated[tuple[Text, ...], Field(max_length=20)] = ()

    def units_named(self) -> tuple[UnitId, ...]:
        return (self.originator,) if self.originator else ()


class AssignStep(Command):
    """指定代办人. `unit` is needed only where a release has the same step in two units."""

    name = CommandName.ASSIGN_STEP
    release: ReleaseRef
    step: StepKind
    unit: UnitRef | None = None
    officer: OfficerRef
    reason: Text

    def officers_named(self) -> tuple[OfficerId, ...]:
        return (self.officer,)


class CancelRelease(Command):
    """撤销: the release is given up before it is public."""

    name = CommandName.CANCEL_RELEASE
    release: ReleaseRef
    reason: Text


class EmergencyRelease(Command):
    """紧急发布: goes out once confidentiality is cleared; what was skipped is decided afterwards."""

    name = CommandName.EMERGENCY_RELEASE
    release: ReleaseRef
    digest: Hex64
    reason: Text


class WithdrawRelease(Command):
    """撤回: a published release is taken back; a correction or an explanation is then owed."""

    name = CommandName.WITHDRAW_RELEASE
    release: ReleaseRef
    reason: Text


class ResolvePublication(Command):
    """处置受阻发布: what a person found on a channel the process cannot finish by itself.

    `published` needs the `url` it is found at; `give_up` needs a reason.
    """

    name = CommandName.RESOLVE_PUBLICATION
    release: ReleaseRef
    channel: Channel
    outcome: Resolution
    url: PublicUrl | None = None
    published_at: Instant | None = None
    reason: Text | None = None


class RecordSuperiorRelease(Command):
    """登记上级统一发布: the duties it covers are waived. `link` is where it stands, `scope` what it says."""

    name = CommandName.RECORD_SUPERIOR_RELEASE
    link: PublicUrl
    scope: Text
    obligations: Annotated[tuple[ObligationKind, ...], Field(min_length=1, max_length=5)]


class Acknowledge(Command):
    """签收: the lead knows what it owes. Without `obligation`, every hard duty that is pending."""

    name = CommandName.ACKNOWLEDGE
    obligation: ObligationKind | None = None


class AgreeFigure(Command):
    """回应口径: a fact all releases say alike, or must not say. With `figure` an agreed one is replaced."""

    name = CommandName.AGREE_FIGURE
    figure: ItemRef | None = None
    fact: Text
    checked: bool
    may_say: bool
    verified_by: UnitRef | None = None
    valid_until: Instant | None = None

    def units_named(self) -> tuple[UnitId, ...]:
        return (self.verified_by,) if self.verified_by else ()


class WithdrawFigure(Command):
    """撤销口径: an agreed figure no longer holds."""

    name = CommandName.WITHDRAW_FIGURE
    figure: ItemRef
    reason: Text


class PauseUpdates(Command):
    """暂缓滚动发布: stretches the cadence of updates, with a reason."""

    name = CommandName.PAUSE_UPDATES
    reason: Text


class ResumeUpdates(Command):
    """恢复滚动发布: the policy's cadence applies again."""

    name = CommandName.RESUME_UPDATES
    reason: Text | None = None


class _Conference(Command):
    attendees: Attendees
    form: ConferenceForm = ConferenceForm.CONFERENCE

    def officers_named(self) -> tuple[OfficerId, ...]:
        return self.attendees


class ScheduleConference(_Conference):
    """安排新闻发布会或吹风会. `statement` is the release read out at its opening (Art. 14, 15)."""

    name = CommandName.SCHEDULE_CONFERENCE
    at: Instant
    venue: ShortText
    statement: ReleaseRef | None = None
    invited: Annotated[tuple[ShortText, ...], Field(max_length=60)] = ()


class _OneConference(Command):
    """`conference` may be left out while only one is open."""

    conference: ItemRef | None = None


class ApproveConference(_OneConference):
    """审批新闻发布会. Its opening statement must have been approved as a release."""

    name = CommandName.APPROVE_CONFERENCE
    comment: Text | None = None


class PostponeConference(_OneConference):
    """改期: another instant, and another venue where one is given; it must be approved anew."""

    name = CommandName.POSTPONE_CONFERENCE
    at: Instant
    venue: ShortText | None = None
    reason: Text


class CancelConference(_OneConference):
    """取消新闻发布会. The duty it would have met stays."""

    name = CommandName.CANCEL_CONFERENCE
    reason: Text


class RecordConference(_Conference):
    """记录新闻发布会或吹风会: held, when and by whom (Art. 14, 15)."""

    name = CommandName.RECORD_CONFERENCE
    held_at: Instant
    transcript_url: LinkText | None = None
    conference: ItemRef | None = None


class ConveneConsultation(Command):
    """召集会商 (Art. 13). Its outcome may come at once or with `conclude_consultation`."""

    name = CommandName.CONVENE_CONSULTATION
    participants: Annotated[tuple[UnitRef, ...], Field(min_length=1, max_length=60)]
    at: Instant | None = None
    agenda: Text | None = None
    conclusions: Text | None = None
    release_plan: Text | None = None
    handling_plan: Text | None = None

    def units_named(self) -> tuple[UnitId, ...]:
        return self.participants


class ConcludeConsultation(Command):
    """会商结论: what was concluded, the plan of releases and the plan of handling (Art. 13)."""

    name = CommandName.CONCLUDE_CONSULTATION
    consultation: ItemRef | None = None
    conclusions: Text
    release_plan: Text | None = None
    handling_plan: Text | None = None


class AssignTask(Command):
    """交办: something to be done by a unit by an instant; it is chased (Art. 13)."""

    name = CommandName.ASSIGN_TASK
    what: Text
    unit: UnitRef
    officer: OfficerRef | None = None
    due_at: Instant
    consultation: ItemRef | None = None

    def units_named(self) -> tuple[UnitId, ...]:
        return (self.unit,)

    def officers_named(self) -> tuple[OfficerId, ...]:
        return (self.officer,) if self.officer else ()


class CompleteTask(Command):
    """办结交办事项. Its unit reports it `done`; only the county office may have it `dropped`."""

    name = CommandName.COMPLETE_TASK
    task: ItemRef
    outcome: TaskOutcome = TaskOutcome.DONE
    report: Text


class DesignateLead(Command):
    """确定牵头单位 (Art. 3). The lead is among those involved."""

    name = CommandName.DESIGNATE_LEAD
    lead: UnitRef
    reason: Text

    def units_named(self) -> tuple[UnitId, ...]:
        return (self.lead,)


class ReferRumour(Command):
    """提出线索移交: a named claim, why it is false, deliberate and gravely harmful, and the law (Art. 5).

    Events and public links only, never a person; `release` is the response that stands beside it.
    """

    name = CommandName.REFER_RUMOUR
    claim: Text
    nature: ClaimNature
    falsehood: Text
    intent: Text
    harm: Text
    legal_ground: ShortText
    links: Annotated[tuple[ShortText, ...], Field(min_length=1, max_length=20)]
    receiver: UnitRef
    release: ReleaseRef

    def units_named(self) -> tuple[UnitId, ...]:
        return (self.receiver,)


class ConfirmReferral(Command):
    """确认线索移交, by another officer than the one who proposed it; or decline it with a reason."""

    name = CommandName.CONFIRM_REFERRAL
    referral: ItemRef
    confirmed: bool = True
    reason: Text | None = None


class AcknowledgeReferral(Command):
    """接收线索: the receiver has it; `receipt` is the number it is handled under there."""

    name = CommandName.ACKNOWLEDGE_REFERRAL
    referral: ItemRef
    receipt: ShortText | None = None


class MergeInto(Command):
    """并入: this incident goes on within another one."""

    name = CommandName.MERGE_INTO
    survivor: IncidentRef
    reason: Text


class Absorb(Command):
    """并入的另一端: sent by the process of the ending incident, never by a person."""

    name = CommandName.ABSORB
    incident: IncidentRef


class Waive(Command):
    """免除: lifts a pending duty, with a reason (Art. 16)."""

    name = CommandName.WAIVE
    obligation: ObligationKind
    reason: Text


class Close(Command):
    """办结: ends the incident; nothing may be owed any more."""

    name = CommandName.CLOSE
    summary: Text


class Reopen(Command):
    """重启: a new round with its own `detected_at` (left out: the instant of the command)."""

    name = CommandName.REOPEN
    reason: Text
    detected_at: Instant | None = None


class Note(Command):
    """备注: words on the timeline."""

    name = CommandName.NOTE
    text: Text


class RetryBlocked(Command):
    """重试. Try parked effects again. Harmless by itself: the last gate checks everything anew."""

    name = CommandName.RETRY_BLOCKED


class RestrictIncident(Command):
    """限定知悉: only these, the lead and those who always know see that it exists. Said again, it names them anew."""

    name = CommandName.RESTRICT_INCIDENT
    units: Units = ()
    officers: Annotated[tuple[OfficerRef, ...], Field(max_length=60)] = ()
    reason: Text

    def units_named(self) -> tuple[UnitId, ...]:
        return self.units

    def officers_named(self) -> tuple[OfficerId, ...]:
        return self.officers


class LiftRestriction(Command):
    """解除限定: whoever the table names for any incident sees it again."""

    name = CommandName.LIFT_RESTRICTION
    reason: Text


COMMANDS: dict[CommandName, type[Command]] = {
    command.name: command
    for command in (
        Submit,
        Assess,
        ConfirmFacts,
        Acknowledge,
        AgreeFigure,
        WithdrawFigure,
        DraftRelease,
        ReviseRelease,
        Approve,
        ReturnRelease,
        SettleDisagreement,
        ReviewConfidentiality,
        AssignStep,
        EmergencyRelease,
        CancelRelease,
        WithdrawRelease,
        ResolvePublication,
        RecordSuperiorRelease,
        PauseUpdates,
        ResumeUpdates,
        ScheduleConference,
        ApproveConference,
        PostponeConference,
        CancelConference,
        RecordConference,
        ConveneConsultation,
        ConcludeConsultation,
        AssignTask,
        CompleteTask,
        DesignateLead,
        ReferRumour,
        ConfirmReferral,
        AcknowledgeReferral,
        MergeInto,
        Absorb,
        Waive,
        Close,
        Reopen,
        Note,
        RetryBlocked,
        RestrictIncident,
        LiftRestriction,
    )
}


def _is_words(annotation: object, metadata: Iterable[object]) -> bool:
    if any(isinstance(mark, _Words) for mark in metadata):
        return True
    return any(_is_words(part, getattr(part, "__metadata__", ())) for part in get_args(annotation))


def text_fields(command: type[Command]) -> tuple[str, ...]:
    """Names of the fields that hold texts (or their references)."""
    return tuple(name for name, field in command.model_fields.items() if _is_words(field.annotation, field.metadata))


def texts(command: Command) -> tuple[str, ...]:
    """The values of the text fields in order: words, or references once stored."""
    found: list[str] = []
    for name in text_fields(type(command)):
        value = getattr(command, name)
        found.extend(value if isinstance(value, tuple) else () if value is None else (value,))
    return tuple(found)


def refer(command: Command, reference: Callable[[str], str]) -> Command:
    """The command with `reference(text)` in place of each text."""
    changes: dict[str, object] = {}
    for name in text_fields(type(command)):
        value = getattr(command, name)
        if isinstance(value, tuple):
            changes[name] = tuple(reference(text) for text in value)
        elif value is not None:
            changes[name] = reference(value)
    return command.model_copy(update=changes)


def is_reference(value: str) -> bool:
    return _REFERENCE.fullmatch(value) is not None
