"""Every command of the process as a frozen model.

A field of type `Text` holds words on their way in (HTTP) and their salted digest everywhere else:
the API stores the words and sends `refer(command, …)`; the process accepts references only.
"""

import re
from collections.abc import Callable, Iterable
from typing import Annotated, ClassVar, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from domain.instants import HourSeconds, Instant
from domain.vocabulary import (
    Category,
    Channel,
    CommandName,
    ConferenceForm,
    Digest,
    Ground,
    Level,
    ObligationKind,
    OfficerId,
    ReleaseId,
    ReleaseKind,
    ReviewOutcome,
    Source,
    StepKind,
    UnitId,
)


class _Words:
    """Marks a field whose value is a text or, once stored, the text's reference."""


_REFERENCE = re.compile(r"t1:[0-9a-f]{64}")

Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000, pattern=r"\S"), _Words()]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S"), _Words()]
Hex64 = Annotated[Digest, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
UnitRef = Annotated[UnitId, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
OfficerRef = Annotated[OfficerId, StringConstraints(pattern=r"^[a-z][a-z0-9.-]{1,60}$")]
ReleaseRef = Annotated[ReleaseId, StringConstraints(pattern=r"^[0-9a-f]{12,32}$")]
Units = Annotated[tuple[UnitRef, ...], Field(max_length=60)]
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
    """报送. Clocks run from `detected_at`; `hour_seconds` compresses the clock of a drill only."""

    name = CommandName.SUBMIT
    title: ShortText
    summary: Text
    category: Category
    level: Level = Level.UNGRADED
    detected_at: Instant
    source: Source
    links: tuple[ShortText, ...] = Field(default=(), max_length=20)
    drill: bool = False
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
    """A version of a release. `digest` stands for its title and body (release digest v1)."""

    release: ReleaseRef
    digest: Hex64
    channels: Annotated[tuple[Channel, ...], Field(min_length=1, max_length=8)]
    embargo_until: Instant | None = None


class DraftRelease(_Version):
    """起草: the first version of a release."""

    name = CommandName.DRAFT_RELEASE
    kind: ReleaseKind
    corrects: ReleaseRef | None = None


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


class ReviewConfidentiality(Command):
    """保密审查. `refused` needs its ground; `undecided` needs a comment naming the authority asked (Art. 11)."""

    name = CommandName.REVIEW_CONFIDENTIALITY
    release: ReleaseRef
    digest: Hex64
    outcome: ReviewOutcome
    ground: Ground | None = None
    comment: Text | None = None


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
    """安排新闻发布会或吹风会 (Art. 14, 15)."""

    name = CommandName.SCHEDULE_CONFERENCE
    at: Instant
    venue: ShortText


class RecordConference(_Conference):
    """记录新闻发布会或吹风会: held, when and by whom (Art. 14, 15)."""

    name = CommandName.RECORD_CONFERENCE
    held_at: Instant
    transcript_url: ShortText | None = None


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


COMMANDS: dict[CommandName, type[Command]] = {
    command.name: command
    for command in (
        Submit,
        Assess,
        ConfirmFacts,
        DraftRelease,
        ReviseRelease,
        Approve,
        ReturnRelease,
        ReviewConfidentiality,
        AssignStep,
        CancelRelease,
        PauseUpdates,
        ResumeUpdates,
        ScheduleConference,
        RecordConference,
        Waive,
        Close,
        Reopen,
        Note,
        RetryBlocked,
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
