"""Instants at which something falls due by itself, and the fact each brings. Computed, never stored."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from domain import events as e
from domain.consequences import ready, stages_of
from domain.folding import chase_key, reminder_key
from domain.incident import Incident
from domain.instants import Instant
from domain.obligations import remind_at, reminders
from domain.policy import Rung
from domain.releases import step_views


class Alarm(BaseModel):
    """`fact` is None for a mere wake-up: an embargo that ends. `key` makes it one entry for ever."""

    model_config = ConfigDict(frozen=True)

    at: Instant
    key: str
    fact: e.Reminded | e.Chased | None


def alarms(incident: Incident) -> list[Alarm]:
    """All alarms still to come or to be caught up with, earliest first.

    Of several that are already past, each duty and each idle thing keeps only the latest: an
    incident reported late is told once that it is overdue, not three times.
    """
    if incident.phase.ended:
        return []
    found = [*_reminders(incident), *_chases(incident), *_embargoes(incident)]
    return sorted(found, key=lambda alarm: (alarm.at, alarm.key))


def due_alarms(incident: Incident, now: datetime) -> list[Alarm]:
    """The alarms to act on at `now`, one for each thing."""
    latest: dict[str, Alarm] = {}
    for alarm in alarms(incident):
        if alarm.at <= now:
            latest[alarm.key.rsplit("/", 1)[0]] = alarm
    return list(latest.values())


def next_alarm_at(incident: Incident) -> datetime | None:
    return min((alarm.at for alarm in alarms(incident)), default=None)


def _reminders(incident: Incident) -> Iterator[Alarm]:
    for obligation in incident.pending:
        if obligation.due_at is None:
            continue
        key = reminder_key(incident.round, obligation.kind, obligation.due_at, hard=obligation.hard)
        given = incident.reminded.get(key, 0)
        for reminder in reminders(incident.policy, obligation, incident.level):
            at = remind_at(obligation, reminder.fraction)
            if at is None or reminder.fraction <= given:
                continue
            fact = e.Reminded(
                obligation=obligation.id,
                kind=obligation.kind,
                fraction=reminder.fraction,
                due_at=obligation.due_at,
                hard=obligation.hard,
                to=reminder.to,
            )
            yield Alarm(at=at, key=f"remind/{key}/{reminder.fraction:g}", fact=fact)


def _chases(incident: Incident) -> Iterator[Alarm]:
    chase = incident.policy.chase
    if incident.assessed_at is None:
        since = incident.round_started_at
        yield from _ladder(incident, chase.assessment, e.Chased(subject="assessment", since=since, rung=0, to=()))
    for release in incident.releases.values():
        for view in step_views(release, stages_of(incident, release)):
            if view.opened_at is None:
                continue
            fact = e.Chased(
                subject="step",
                # Whoever answered “undecided” has spoken: the silence counts anew from there.
                since=view.decision.at if view.decision else view.opened_at,
                rung=0,
                to=(),
                release=release.id,
                version=release.version.number,
                step=view.step.kind,
                unit=view.step.unit,
            )
            yield from _ladder(incident, chase.step, fact)
        if parked := next((intent for intent in release.intents if intent.parked), None):
            number = release.version.number
            fact = e.Chased(subject="parked", since=parked.since, rung=0, to=(), release=release.id, version=number)
            yield from _ladder(incident, chase.parked, fact)


def _ladder(incident: Incident, rungs: Sequence[Rung], fact: e.Chased) -> Iterator[Alarm]:
    key = chase_key(incident.round, fact)
    climbed = incident.chased.get(key, 0)
    for number, rung in enumerate(rungs, start=1):
        if number > climbed:
            climb = fact.model_copy(update={"rung": number, "to": rung.to})
            at = fact.since + incident.policy.minutes(rung.minutes)
            yield Alarm(at=at, key=f"chase/{key}/{number}", fact=climb)


def _embargoes(incident: Incident) -> Iterator[Alarm]:
    for release in incident.releases.values():
        until = release.version.embargo_until
        if until and ready(incident, release):
            yield Alarm(at=until, key=f"embargo/{release.id}/{release.version.number}", fact=None)
