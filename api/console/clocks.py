"""A duty's clock as a page shows it: how long is left, and when it turns amber and red."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from domain.incident import Incident
from domain.obligations import Obligation, remind_at, reminders
from domain.refusals import Language
from domain.vocabulary import ObligationKind

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


class Urgency(StrEnum):
    """The names of the styles. Green, amber from the policy's first reminder on, red past the instant."""

    OK = "ok"
    SOON = "soon"
    LATE = "late"


@dataclass(frozen=True)
class Clock:
    """A pending duty. `due_at` is None while its instant cannot be known yet."""

    id: str
    kind: ObligationKind
    hard: bool
    due_at: datetime | None
    amber_at: datetime | None
    urgency: Urgency

    @classmethod
    def of(cls, duty: Obligation, incident: Incident, now: datetime) -> Self:
        amber_at = _amber_at(duty, incident)
        return cls(duty.id, duty.kind, duty.hard, duty.due_at, amber_at, urgency(duty.due_at, amber_at, now))


def _amber_at(duty: Obligation, incident: Incident) -> datetime | None:
    told = reminders(incident.policy, duty, incident.level)
    return remind_at(duty, told[0].fraction) if told else None


def amber_of(due_at: datetime | None, incident: Incident) -> datetime | None:
    """When the pending duty turns amber that falls due at that instant."""
    duty = next((duty for duty in incident.pending if due_at is not None and duty.due_at == due_at), None)
    return _amber_at(duty, incident) if duty else None


def urgency(due_at: datetime | None, amber_at: datetime | None, now: datetime) -> Urgency:
    if due_at is not None and due_at < now:
        return Urgency.LATE
    return Urgency.SOON if amber_at is not None and amber_at <= now else Urgency.OK


def clocks(incident: Incident, now: datetime) -> tuple[Clock, ...]:
    """Those of all pending duties, the most urgent first and those without an instant last."""
    found = (Clock.of(duty, incident, now) for duty in incident.pending)
    return tuple(sorted(found, key=lambda clock: (clock.due_at is None, clock.due_at or now)))


def countdown(due_at: datetime, now: datetime, language: Language) -> str:
    """`还剩 3 小时 20 分`, `已逾期 5 分钟`: the words the page's script goes on counting with."""
    left = due_at - now
    spoken = _spoken(abs(left), language)
    if language is Language.EN:
        return f"overdue by {spoken}" if left < timedelta() else f"{spoken} left"
    return f"已逾期 {spoken}" if left < timedelta() else f"还剩 {spoken}"


def _spoken(span: timedelta, language: Language) -> str:
    seconds = int(span.total_seconds())
    days, hours, minutes = seconds // _DAY, seconds % _DAY // _HOUR, seconds % _HOUR // _MINUTE
    english = language is Language.EN
    if days:
        return f"{days} d {hours} h" if english else f"{days} 天 {hours} 小时"
    if hours:
        return f"{hours} h {minutes} min" if english else f"{hours} 小时 {minutes} 分"
    if minutes:
        return f"{minutes} min" if english else f"{minutes} 分钟"
    return f"{seconds} s" if english else f"{seconds} 秒"
