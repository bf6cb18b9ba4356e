"""Instants at which something falls due by itself, and the fact each brings. Computed, never stored."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from domain import events as e
from domain.consequences import next_channels, stages_of
from domain.folding import chase_key, reminder_key
from domain.incident import Incident
from domain.instants import Instant
from domain.obligations import remind_at, reminders
from domain.policy import Rung
from domain.publishing import remedies
from domain.releases import step_views
from domain.supervision import unsigned


class Alarm(BaseModel):
    """`fact` is None for a mere wake-up: an embargo that ends. `key` makes it one entry for ever."""

    model_config = ConfigDict(frozen=True)

    at: Instant
    key: str
    fact: e.Reminded | e.Chased | None


def alarms(incident: Incident) -> list[Alarm]:
    """All alarms still to come or to be caught up with, earliest first.

    What goes on after the end is chased after the end: a call that waits for a person, a remedy, a referral
    on its way.
    """
    found = [*_remedies(incident), *_calls(incident), *_referrals(incident)]
    if not incident.phase.ended:
        found += [*_reminders(incident), *_chases(incident), *_embargoes(incident)]
    return sorted(found, key=lambda alarm: (alarm.at, alarm.key))


def due_alarms(incident: Incident, now: datetime) -> list[Alarm]:
    """The alarms to act on at `now`, one for each thing.

    Of several that are already past, each duty and each idle thing keeps only the latest: an incident reported late
    is told once that it is overdue, not three times. It tells everybody whom the others would have told.
    """
    latest: dict[str, Alarm] = {}
    for alarm in alarms(incident):
        if alarm.at <= now:
            thing = alarm.key.rsplit("/", 1)[0]
            latest[thing] = _for_both(latest[thing], alarm) if thing in latest else alarm
    return list(latest.values())


def _for_both(missed: Alarm, alarm: Alarm) -> Alarm:
    """The later alarm, told to those as well whom the one before it would have told."""
    if missed.fact is None or alarm.fact is None:
        return alarm
    to = tuple(dict.fromkeys((*missed.fact.to, *alarm.fact.to)))
    return alarm.model_copy(update={"fact": alarm.fact.model_copy(update={"to": to})})


def next_alarm_at(incident: Incident) -> datetime | None:
    return min((alarm.at for alarm in alarms(incident)), default=None)


def _reminders(incident: Incident) -> Iterator[Alarm]:
    for obligation in incident.pending:
        if obligation.due_at is None:
            continue
        key = reminder_key(incident.round, obligation.kind, obligation.due_at, hard=obligation.hard)
        # A duty that becomes a target again was told louder already.
        louder = reminder_key(incident.round, obligation.kind, obligation.due_at, hard=True)
        given = max(incident.reminded.get(known, 0) for known in (key, louder))
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
    if incident.assessed_at is None:
        fact = e.Chased(subject="assessment", since=incident.round_started_at, rung=0, to=())
        yield from _ladder(incident, incident.policy.chase.assessment, fact)
    yield from _duties_unsigned(incident)
    yield from _steps(incident)
    yield from _proceedings(incident)


def _steps(incident: Incident) -> Iterator[Alarm]:
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
            yield from _ladder(incident, incident.policy.chase.step, fact)


def _remedies(incident: Incident) -> Iterator[Alarm]:
    for remedy in remedies(incident):
        release, unit = remedy.release, incident.releases[remedy.release].unit
        fact = e.Chased(subject="remedy", since=remedy.since, rung=0, to=(), release=release, unit=unit)
        yield from _ladder(incident, incident.policy.chase.remedy, fact)


def _calls(incident: Incident) -> Iterator[Alarm]:
    """Each channel on which a publication, or a retraction, waits for a person."""
    for release in incident.releases.values():
        for call in release.pending:
            if call.parked is None:
                continue
            fact = e.Chased(
                subject="parked",
                since=call.since,
                rung=0,
                to=(),
                release=release.id,
                version=release.version.number,
                about=call.channel,
            )
            yield from _ladder(incident, incident.policy.chase.parked, fact)


def _duties_unsigned(incident: Incident) -> Iterator[Alarm]:
    """A hard duty waits to be signed for from when it began, or from when its lead was named."""
    lead, lead_since = incident.route.lead, incident.lead_since
    for duty in unsigned(incident):
        if duty.opened_at is None or lead_since is None:
            continue
        since = max(duty.opened_at, lead_since)
        fact = e.Chased(subject="acknowledgement", since=since, rung=0, to=(), unit=lead, about=duty.id)
        yield from _ladder(incident, incident.policy.chase.acknowledgement, fact)


def _proceedings(incident: Incident) -> Iterator[Alarm]:
    """What was planned or given out, and has come to no end."""
    chase, this_round = incident.policy.chase, incident.round
    for conference in incident.conferences:
        if conference.open and conference.round == this_round and conference.at is not None:
            fact = e.Chased(subject="conference", since=conference.at, rung=0, to=(), about=conference.id)
            yield from _ladder(incident, chase.conference, fact)
    for consultation in incident.consultations:
        if consultation.concluded_at is None and consultation.round == this_round:
            fact = e.Chased(subject="consultation", since=consultation.at, rung=0, to=(), about=consultation.id)
            yield from _ladder(incident, chase.consultation, fact)
    for task in incident.assignments:
        if task.pending:
            fact = e.Chased(subject="task", since=task.due_at, rung=0, to=(), unit=task.unit, about=task.id)
            yield from _ladder(incident, chase.task, fact)


def _referrals(incident: Incident) -> Iterator[Alarm]:
    """Until another officer has confirmed it, then until its receiver has it."""
    for referral in incident.referrals:
        if referral.undecided or referral.on_its_way:
            unit = incident.office if referral.confirmed_at is None else referral.receiver
            since = referral.confirmed_at or referral.proposed_at
            fact = e.Chased(subject="referral", since=since, rung=0, to=(), unit=unit, about=referral.id)
            yield from _ladder(incident, incident.policy.chase.referral, fact)


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
        # Without a channel to go to, waking up would bring nothing.
        if until and next_channels(incident, release):
            yield Alarm(at=until, key=f"embargo/{release.id}/{release.version.number}", fact=None)
