"""`decide(incident, command, envelope, now)`: the one place where a command becomes facts or a refusal."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from domain import commands as c
from domain import events as e
from domain import reviewing, submission
from domain.alarms import Alarm
from domain.case import Case, Envelope, authorship
from domain.consequences import consequences
from domain.incident import Incident, advance
from domain.refusals import Code, Refusal, RefusalRecord
from domain.vocabulary import CommandName, IncidentId, Origin

_MOST_CONSEQUENCES = 20
_ENDED_ALLOWED = frozenset({CommandName.REOPEN, CommandName.NOTE, CommandName.RETRY_BLOCKED})


class Ruling(BaseModel):
    """A decision: facts to append, or why not. A refusal brings a `refused` fact of its own."""

    model_config = ConfigDict(frozen=True)

    batch: e.Batch
    refusal: RefusalRecord | None = None


def decide(
    incident: Incident | None, command: c.Command, envelope: Envelope, now: datetime, incident_id: IncidentId
) -> Ruling:
    """Facts with all that follows from them, or a refusal. Never raises for what a person did."""
    try:
        seat, facts = _rule(incident, command, envelope, now)
    except Refusal as refusal:
        return refuse(envelope.key, authorship(envelope, now, None), command.name, refusal.record)
    batch = e.batch(envelope.key, authorship(envelope, now, seat), facts)
    return Ruling(batch=complete(incident, batch, now, incident_id))


def refuse(key: str, by: e.Authorship, command: str, refusal: RefusalRecord) -> Ruling:
    """A refusal and its own entry: code and actor, none of the words that came with it."""
    return Ruling(batch=e.batch(key, by, [e.Refused(command=command[:40], refusal=refusal)]), refusal=refusal)


def complete(incident: Incident | None, batch: e.Batch, now: datetime, incident_id: IncidentId) -> e.Batch:
    """The batch with everything that follows from it by itself."""
    for _ in range(_MOST_CONSEQUENCES):
        after = advance(incident, batch, incident_id)
        further = consequences(after, now) if after else ()
        if not further:
            return batch
        batch = e.batch(batch.key, batch.by, [*batch.facts, *further])
    raise RuntimeError("consequences do not come to rest")


def ring(incident: Incident, alarm: Alarm, now: datetime) -> e.Batch | None:
    """What an alarm that fell due brings; None when a mere wake-up changes nothing."""
    by = e.Authorship(origin=Origin.TIMER, issued_at=now, decided_at=now)
    batch = complete(incident, e.batch(alarm.key, by, [alarm.fact] if alarm.fact else []), now, incident.id)
    return batch if batch.facts else None


def conclude(incident: Incident, key: str, fact: e.Fact, now: datetime) -> e.Batch:
    """What the result of an effect brings."""
    by = e.Authorship(origin=Origin.EFFECT, issued_at=now, decided_at=now)
    return complete(incident, e.batch(key, by, [fact]), now, incident.id)


def retry(incident: Incident, now: datetime) -> e.Batch | None:
    """Unpark every parked effect, asked by a signal that names nobody; None when nothing is parked."""
    if not any(intent.parked for release in incident.releases.values() for intent in release.intents):
        return None
    by = e.Authorship(origin=Origin.SIGNAL, issued_at=now, decided_at=now)
    return e.batch(f"retry/{incident.seq}", by, [e.EffectRetried()])


def _rule(
    incident: Incident | None, command: c.Command, envelope: Envelope, now: datetime
) -> tuple[e.Seat, Sequence[e.Fact]]:
    if isinstance(command, c.Submit):
        if incident is not None:
            raise Refusal(Code.ALREADY_SUBMITTED)
        return submission.submit(command, envelope, now)
    if incident is None:
        raise Refusal(Code.NO_INCIDENT)
    case = Case(incident, envelope, now)
    match command:
        # A step's holder may be named one by one, so these find the seat themselves.
        case c.Approve() | c.ReturnRelease() | c.ReviewConfidentiality():
            _check_open(case, command)
            return _decide_step(command, case)
        case _:
            release = getattr(command, "release", None) if not isinstance(command, c.DraftRelease) else None
            seat = case.seat(command.name, release)
            _check_open(case, command)
            return seat, _decide_other(command, case, seat)


def _check_open(case: Case, command: c.Command) -> None:
    if case.incident.phase.ended and command.name not in _ENDED_ALLOWED:
        raise Refusal(Code.INCIDENT_ENDED, phase=case.incident.phase)


def _decide_step(
    command: c.Approve | c.ReturnRelease | c.ReviewConfidentiality, case: Case
) -> tuple[e.Seat, list[e.Fact]]:
    match command:
        case c.Approve():
            return reviewing.approve(command, case)
        case c.ReturnRelease():
            return reviewing.return_release(command, case)
        case c.ReviewConfidentiality():
            return reviewing.review_confidentiality(command, case)


def _decide_other(command: c.Command, case: Case, seat: e.Seat) -> list[e.Fact]:
    match command:
        case c.Assess():
            return submission.assess(command, case)
        case c.ConfirmFacts():
            return submission.confirm_facts(command, case, seat)
        case c.DraftRelease():
            return reviewing.draft_release(command, case, seat)
        case c.ReviseRelease():
            return reviewing.revise_release(command, case)
        case c.AssignStep():
            return reviewing.assign_step(command, case)
        case c.CancelRelease():
            return reviewing.cancel_release(command, case)
        case c.PauseUpdates():
            return submission.pause_updates(command, case)
        case c.ResumeUpdates():
            return submission.resume_updates(command, case)
        case c.ScheduleConference():
            return reviewing.schedule_conference(command, case)
        case c.RecordConference():
            return reviewing.record_conference(command, case)
        case c.Waive():
            return submission.waive(command, case)
        case c.Close():
            return submission.close(command, case)
        case c.Reopen():
            return submission.reopen(command, case)
        case c.Note():
            return [e.Noted(text=command.text)]
        case c.RetryBlocked():
            return submission.retry_blocked(case)
        case _:
            raise Refusal(Code.UNKNOWN_COMMAND, command=command.name)
