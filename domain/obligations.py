"""What is owed by when (Art. 10, 14): which duties apply, from which instant, met by what."""

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.instants import Instant
from domain.policy import Policy, Reminder, TimedDuty
from domain.refusals import Language
from domain.vocabulary import Level, ObligationKind, ObligationState, ReleaseId, ReleaseKind, UnitId

_RESPONSES = frozenset({ReleaseKind.RESPONSE, ReleaseKind.INTERPRETATION, ReleaseKind.RESULT})

MET_BY: dict[ObligationKind, frozenset[ReleaseKind]] = {
    ObligationKind.FIRST_RELEASE: _RESPONSES | {ReleaseKind.FIRST},
    ObligationKind.RESPONSE: _RESPONSES,
    ObligationKind.ROLLING_UPDATE: frozenset({ReleaseKind.UPDATE, ReleaseKind.RESPONSE, ReleaseKind.RESULT}),
    ObligationKind.RESULT: frozenset({ReleaseKind.RESULT}),
    ObligationKind.PRESS_CONFERENCE: frozenset(),
}
"""Which published releases meet which duty. A conference meets its duty by being held."""

Basis = Literal["detected_at", "last_release", "superior_order"]


class Obligation(BaseModel):
    """One duty of one round. Never deleted: it ends met, waived or superseded, and keeps its instant."""

    model_config = ConfigDict(frozen=True)

    id: str
    round: int
    kind: ObligationKind
    due_at: Instant | None
    hard: bool
    article: str
    counted_from: Instant | None
    basis: Basis
    hours: float | None
    state: ObligationState = ObligationState.PENDING
    met_at: Instant | None = None
    release: ReleaseId | None = None
    opened_at: Instant | None = None
    acknowledged_by: UnitId | None = None
    acknowledged_at: Instant | None = None
    because: str | None = None
    """Why it was waived: a decision, or a superior's own release."""
    ran_late: bool = False
    """It was waived or superseded after its instant had passed: the lateness stays visible."""

    @property
    def pending(self) -> bool:
        return self.state is ObligationState.PENDING

    def overdue(self, now: datetime) -> bool:
        """Pending past its instant. Computed from the instant, never from a timer having fired."""
        return self.pending and self.due_at is not None and now > self.due_at


class Duty(BaseModel):
    """What should be owed now, by the policy's word."""

    model_config = ConfigDict(frozen=True)

    kind: ObligationKind
    due_at: Instant | None
    hard: bool
    article: str
    counted_from: Instant | None
    basis: Basis
    hours: float | None

    def restates(self, obligation: Obligation) -> bool:
        return (self.due_at, self.hard) == (obligation.due_at, obligation.hard)


def due_at(policy: Policy, duty: TimedDuty, detected_at: datetime) -> datetime:
    """Instant a duty falls due: natural hours from detection; holidays do not stop them (Art. 10, 14)."""
    return detected_at + policy.hours(duty.due_hours)


def timed_duties(
    policy: Policy, level: Level, detected_at: datetime, due_by: dict[ObligationKind, datetime]
) -> list[Duty]:
    """The duties counted from detection at `level`; a superior's order only ever shortens one."""
    duties: list[Duty] = []
    for rule in policy.duties_at(level):
        by_rule = due_at(policy, rule, detected_at)
        ordered = due_by.get(rule.kind)
        shorter = ordered is not None and ordered < by_rule
        duties.append(
            Duty(
                kind=rule.kind,
                due_at=ordered if shorter else by_rule,
                hard=rule.hard or shorter,
                article=rule.article,
                counted_from=detected_at,
                basis="superior_order" if shorter else "detected_at",
                hours=None if shorter else rule.due_hours,
            )
        )
    return duties


def rolling_update(policy: Policy, first_at: datetime, last_at: datetime, *, paused: bool) -> Duty:
    """The next update: every 6 h for 48 h after the first release, then daily; a pause stretches it."""
    rule = policy.rolling_updates
    early = last_at - first_at < policy.hours(rule.for_hours)
    hours = rule.paused_every_hours if paused else rule.every_hours if early else rule.then_every_hours
    return Duty(
        kind=ObligationKind.ROLLING_UPDATE,
        due_at=last_at + policy.hours(hours),
        hard=False,
        article=rule.article,
        counted_from=last_at,
        basis="last_release",
        hours=hours,
    )


def result(policy: Policy, last_at: datetime | None) -> Duty:
    """The published result of an investigation; without an instant until something was released."""
    return Duty(
        kind=ObligationKind.RESULT,
        due_at=last_at + policy.hours(policy.result.every_hours) if last_at else None,
        hard=False,
        article=policy.result.article,
        counted_from=last_at,
        basis="last_release",
        hours=policy.result.every_hours if last_at else None,
    )


def reminders(policy: Policy, obligation: Obligation, level: Level) -> tuple[Reminder, ...]:
    """Whom to tell when. Empty for a duty the policy does not know at this level (its clock was ordered elsewhere)."""
    if obligation.kind is ObligationKind.ROLLING_UPDATE:
        return policy.rolling_updates.reminders
    if obligation.kind is ObligationKind.RESULT:
        return policy.result.reminders
    at_level = next((duty for duty in policy.duties_at(level) if duty.kind is obligation.kind), None)
    if at_level is None:
        return ()
    if obligation.hard and not at_level.hard:
        # A target that a superior's order made a duty goes as far up as the duty it has become.
        at_level = next((duty for duty in policy.duties if duty.hard and duty.kind is obligation.kind), at_level)
    return at_level.reminders


def remind_at(obligation: Obligation, fraction: float) -> datetime | None:
    """The instant at `fraction` of the way to the due instant; None while that is unknown."""
    if obligation.due_at is None or obligation.counted_from is None:
        return None
    # Detection may be corrected to after an instant that a superior ordered: the way has no length then.
    start = min(obligation.counted_from, obligation.due_at)
    return start + fraction * (obligation.due_at - start)


def earliest(instants: Iterable[datetime]) -> datetime | None:
    return min(instants, default=None)


_BASIS = {
    "detected_at": ("自发现时间", "from detection"),
    "last_release": ("自最近一次发布", "from the last release"),
    "superior_order": ("按上级要求", "as ordered by a superior"),
}


# China keeps one time all year; a fixed offset needs no time zone files in a workflow.
_SHANGHAI = timezone(timedelta(hours=8))


def explain(obligation: Obligation, policy: Policy, language: Language) -> str:
    """Why this instant: rule, article, source, and the instant it counts from, shown in China's time."""
    zh = language is Language.ZH
    basis = _BASIS[obligation.basis][0 if zh else 1]
    where = _where(obligation.article, policy.source, language)
    if obligation.due_at is None or obligation.counted_from is None:
        return f"{where}：首次发布之后起算" if zh else f"{where}: counts once something has been released"
    if obligation.hours is None:
        return f"{where}；{basis}" if zh else f"{where}; {basis}"
    start = obligation.counted_from.astimezone(_SHANGHAI)
    shown = f"{start:%Y-%m-%d %H:%M:%S}" if policy.compressed else f"{start:%Y-%m-%d %H:%M}"
    hours = f"{obligation.hours:g}"
    if zh:
        compressed = f"（演练，每小时按 {policy.hour_seconds:g} 秒计）" if policy.compressed else ""
        return f"{where}：{basis}（{shown}）起 {hours} 个自然小时{compressed}"
    compressed = f" of {policy.hour_seconds:g} s each (drill)" if policy.compressed else ""
    return f"{where}: {hours} natural hours{compressed} {basis} ({shown} Beijing time)"


def _where(article: str, source: str, language: Language) -> str:
    """A number is an article of the policy's source; anything else names a document of its own."""
    if not article.isdecimal():
        return article
    return f"{source}第{article}条" if language is Language.ZH else f"{source}, Art. {article}"
