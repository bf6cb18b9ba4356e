"""A policy: what is owed by when, who must sign, whom to chase. Data, validated, frozen into each incident."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from domain.instants import NATURAL_HOUR, HourSeconds
from domain.vocabulary import Audience, Channel, Level, ObligationKind, ReleaseKind, StepKind

Hours = Annotated[float, Field(gt=0, le=24 * 366)]
Minutes = Annotated[float, Field(gt=0, le=60 * 24 * 30)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Reminder(_Part):
    """At `fraction` of the way from the start of a duty to its instant (1 is the instant), tell `to`."""

    fraction: float = Field(gt=0, le=1)
    to: tuple[Audience, ...] = Field(min_length=1)


def _rising_to_the_instant(reminders: tuple[Reminder, ...]) -> tuple[Reminder, ...]:
    fractions = [reminder.fraction for reminder in reminders]
    if fractions != sorted(set(fractions)) or fractions[-1] != 1:
        raise ValueError("reminder fractions must rise and end at 1")
    return reminders


Reminders = Annotated[tuple[Reminder, ...], Field(min_length=1), AfterValidator(_rising_to_the_instant)]


def _target(reminders: tuple[Reminder, ...]) -> tuple[Reminder, ...]:
    if any(Audience.LEADING_GROUP in reminder.to for reminder in reminders):
        raise ValueError("a soft target never reaches the leading group")
    return reminders


SoftReminders = Annotated[Reminders, AfterValidator(_target)]


class TimedDuty(_Part):
    """A duty due a number of natural hours after detection."""

    kind: ObligationKind
    levels: tuple[Level, ...] = Field(min_length=1)
    due_hours: Hours
    hard: bool
    article: str
    reminders: Reminders

    @model_validator(mode="after")
    def _counted_from_detection(self) -> Self:
        if self.kind in (ObligationKind.ROLLING_UPDATE, ObligationKind.RESULT):
            raise ValueError(f"{self.kind} counts from the last release: it has a table of its own")
        return self

    @model_validator(mode="after")
    def _soft_stays_low(self) -> Self:
        if not self.hard:
            _target(self.reminders)
        return self


class RollingUpdates(_Part):
    """Cadence of updates after the first release, owed at `levels` and wherever an assessment asks (Art. 14)."""

    levels: tuple[Level, ...]
    every_hours: Hours
    for_hours: Hours
    then_every_hours: Hours
    paused_every_hours: Hours
    article: str
    reminders: SoftReminders

    @model_validator(mode="after")
    def _pause_stretches(self) -> Self:
        if self.paused_every_hours < max(self.every_hours, self.then_every_hours):
            raise ValueError("a pause stretches the cadence: paused_every_hours must be the longest")
        return self


class ResultDuty(_Part):
    """The published result of an investigation, chased a while after the last release (Art. 14)."""

    levels: tuple[Level, ...]
    every_hours: Hours
    article: str
    reminders: SoftReminders


class ReviewRule(_Part):
    """Stages in order; the steps within a stage run at the same time."""

    kinds: tuple[ReleaseKind, ...] = Field(min_length=1)
    levels: tuple[Level, ...] = Field(min_length=1)
    stages: tuple[tuple[StepKind, ...], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _lawful(self) -> Self:
        steps = [step for stage in self.stages for step in stage]
        if StepKind.CONFIDENTIALITY not in steps or StepKind.UNIT_APPROVAL not in steps:
            raise ValueError("every review needs unit_approval and confidentiality (Art. 11)")
        if len(steps) != len(set(steps)):
            raise ValueError("a review names a step twice")
        return self


class Rung(_Part):
    """After `minutes` of silence tell `to`. Silence is never consent: nothing passes by itself."""

    minutes: Minutes
    to: tuple[Audience, ...] = Field(min_length=1)


def _rising(ladder: tuple[Rung, ...]) -> tuple[Rung, ...]:
    minutes = [rung.minutes for rung in ladder]
    if minutes != sorted(set(minutes)):
        raise ValueError("the rungs of a ladder must rise")
    return ladder


Ladder = Annotated[tuple[Rung, ...], Field(min_length=1), AfterValidator(_rising)]


OptionalLadder = Annotated[tuple[Rung, ...], AfterValidator(_rising)]
"""Empty in policies that were frozen before the ladder existed: then nobody is chased."""


class Chase(_Part):
    """Ladders for what idles, each counted from when it began to.

    `acknowledgement`: a hard duty its lead has not signed for; `remedy`: what is owed after a withdrawal
    or a late return; `conference`: from its instant, until it is recorded; `consultation`: likewise;
    `task`: from its due instant; `referral`: until confirmed, then until the receiver has it.
    """

    assessment: Ladder
    step: Ladder
    parked: Ladder
    acknowledgement: OptionalLadder = ()
    remedy: OptionalLadder = ()
    conference: OptionalLadder = ()
    consultation: OptionalLadder = ()
    task: OptionalLadder = ()
    referral: OptionalLadder = ()


class Policy(_Part):
    """One county's rules. `hour_seconds` is 3600 but for drills, which run on a compressed clock."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,60}$")
    title: str
    title_en: str
    source: str
    effective: date
    hour_seconds: HourSeconds = NATURAL_HOUR
    channels: tuple[Channel, ...] = Field(min_length=1)
    mandatory_channel: Channel
    refusals_per_hour: int = Field(ge=1)
    spokesperson_days: int = Field(default=10, ge=1, le=366)
    """Within so many days a unit reports that its spokesperson has changed (Art. 7)."""
    retention_days: int | None = Field(default=None, ge=1, le=36_600)
    """For how long the words of an incident are kept after it ended. None in policies that were frozen before there
    was a period: the installed policy of the same id decides for them.
    """
    duties: tuple[TimedDuty, ...] = Field(min_length=1)
    rolling_updates: RollingUpdates
    result: ResultDuty
    review: tuple[ReviewRule, ...] = Field(min_length=1)
    chase: Chase

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.mandatory_channel not in self.channels:
            raise ValueError("mandatory_channel is not among channels")
        if gaps := [*self._unreviewed(), *self._doubled()]:
            raise ValueError("; ".join(gaps))
        return self

    def _unreviewed(self) -> Iterator[str]:
        # A correction passes what the release it corrects passed, so no rule names it.
        for kind in (kind for kind in ReleaseKind if kind is not ReleaseKind.CORRECTION):
            for level in Level:
                if sum(kind in rule.kinds and level in rule.levels for rule in self.review) != 1:
                    yield f"exactly one review rule must cover {kind} at {level}"

    def _doubled(self) -> Iterator[str]:
        for level in Level:
            kinds = [duty.kind for duty in self.duties_at(level)]
            if len(kinds) != len(set(kinds)):
                yield f"two duties of one kind at {level}"

    @property
    def compressed(self) -> bool:
        """Whether its hours are shorter than natural ones: a drill."""
        return self.hour_seconds != NATURAL_HOUR

    def hours(self, hours: float) -> timedelta:
        """`hours` of this policy's clock: natural hours, compressed in a drill."""
        return timedelta(seconds=hours * self.hour_seconds)

    def minutes(self, minutes: float) -> timedelta:
        return self.hours(minutes / 60)

    def duties_at(self, level: Level) -> tuple[TimedDuty, ...]:
        return tuple(duty for duty in self.duties if level in duty.levels)

    def stages(self, kind: ReleaseKind, level: Level) -> tuple[tuple[StepKind, ...], ...]:
        return next(rule.stages for rule in self.review if kind in rule.kinds and level in rule.levels)
