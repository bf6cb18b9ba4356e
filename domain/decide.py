"""`decide(incident, command, envelope, now)`: the one place where a command becomes facts or a refusal."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain import (
    agreeing,
    assessment,
    conferring,
    consulting,
    drafting,
    merging,
    publishing,
    referring,
    restricting,
    reviewing,
    submission,
    supervision,
)
from domain import commands as c
from domain import events as e
from domain.alarms import Alarm
from domain.case import Case, Envelope, authorship
from domain.consequences import consequences
from domain.county import ActingPost
from domain.folding import advance
from domain.incident import Incident
from domain.refusals import Code, Refusal, RefusalRecord
from domain.standing import may_know
from domain.vocabulary import CommandName, IncidentId, Origin

_MOST_CONSEQUENCES = 20
# What was published stays the county's to answer for, and a referral goes its own way, also when the incident
# has ended.
_ENDED_ALLOWED = frozenset(
    {
        CommandName.REOPEN,
        CommandName.NOTE,
        CommandName.RETRY_BLOCKED,
        CommandName.WITHDRAW_RELEASE,
        CommandName.RESOLVE_PUBLICATION,
        CommandName.CONFIRM_REFERRAL,
        CommandName.ACKNOWLEDGE_REFERRAL,
        CommandName.RESTRICT_INCIDENT,
        CommandName.LIFT_RESTRICTION,
    }
)
# Where it went on elsewhere it must not be shown more widely than there.
_NOT_ONCE_MERGED = frozenset({CommandName.REOPEN, CommandName.LIFT_RESTRICTION})
_MERGING_ALLOWED = frozenset({CommandName.NOTE, CommandName.RETRY_BLOCKED})

# Which rule answers which command. `submit` is not here: it founds the incident the others need.
_RULES: dict[CommandName, Callable[[Any, Case, e.Seat], list[e.Fact]]] = {
    CommandName.ASSESS: assessment.assess,
    CommandName.CONFIRM_FACTS: assessment.confirm_facts,
    CommandName.ACKNOWLEDGE: supervision.acknowledge,
    CommandName.AGREE_FIGURE: agreeing.agree_figure,
    CommandName.WITHDRAW_FIGURE: agreeing.withdraw_figure,
    CommandName.DRAFT_RELEASE: drafting.draft_release,
    CommandName.REVISE_RELEASE: drafting.revise_release,
    CommandName.CANCEL_RELEASE: drafting.cancel_release,
    CommandName.ASSIGN_STEP: reviewing.assign_step,
    CommandName.SETTLE_DISAGREEMENT: reviewing.settle_disagreement,
    CommandName.EMERGENCY_RELEASE: publishing.emergency_release,
    CommandName.WITHDRAW_RELEASE: publishing.withdraw_release,
    CommandName.RESOLVE_PUBLICATION: publishing.resolve_publication,
    CommandName.RECORD_SUPERIOR_RELEASE: publishing.record_superior_release,
    CommandName.SCHEDULE_CONFERENCE: conferring.schedule_conference,
    CommandName.APPROVE_CONFERENCE: conferring.approve_conference,
    CommandName.POSTPONE_CONFERENCE: conferring.postpone_conference,
    CommandName.CANCEL_CONFERENCE: conferring.cancel_conference,
    CommandName.RECORD_CONFERENCE: conferring.record_conference,
    CommandName.CONVENE_CONSULTATION: consulting.convene_consultation,
    CommandName.CONCLUDE_CONSULTATION: consulting.conclude_consultation,
    CommandName.ASSIGN_TASK: consulting.assign_task,
    CommandName.COMPLETE_TASK: consulting.complete_task,
    CommandName.DESIGNATE_LEAD: supervision.designate_lead,
    CommandName.REFER_RUMOUR: referring.refer_rumour,
    CommandName.CONFIRM_REFERRAL: referring.confirm_referral,
    CommandName.ACKNOWLEDGE_REFERRAL: referring.acknowledge_referral,
    CommandName.MERGE_INTO: merging.merge_into,
    CommandName.ABSORB: merging.absorb,
    CommandName.PAUSE_UPDATES: supervision.pause_updates,
    CommandName.RESUME_UPDATES: supervision.resume_updates,
    CommandName.WAIVE: supervision.waive,
    CommandName.CLOSE: supervision.close,
    CommandName.REOPEN: supervision.reopen,
    CommandName.NOTE: supervision.note,
    CommandName.RETRY_BLOCKED: supervision.retry_blocked,
    CommandName.RESTRICT_INCIDENT: restricting.restrict_incident,
    CommandName.LIFT_RESTRICTION: restricting.lift_restriction,
}
# Where not every post that lets one in gives what a command takes: the posts that do, for it is theirs who lent one.
_POSTS: dict[CommandName, Callable[[Any, Case], list[ActingPost]]] = {
    CommandName.ASSESS: assessment.deciding_posts,
    CommandName.WAIVE: supervision.heading_posts,
}
_STEP_RULES: dict[CommandName, Callable[[Any, Case], tuple[e.Seat, list[e.Fact]]]] = {
    CommandName.APPROVE: reviewing.approve,
    CommandName.RETURN_RELEASE: reviewing.return_release,
    CommandName.REVIEW_CONFIDENTIALITY: reviewing.review_confidentiality,
}


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
    """A refusal and its own entry: code and actor, none of the words that came with it.

    A command that does not exist may be called anything, so its name is such a word.
    """
    name = command if command in set(CommandName) else "unknown"
    return Ruling(batch=e.batch(key, by, [e.Refused(command=name, refusal=refusal)]), refusal=refusal)


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
    if not incident.retriable:
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
    if not may_know(envelope.actor, incident, envelope.roster):
        raise Refusal(Code.NO_INCIDENT)
    case = Case(incident, envelope, now)
    target = None if isinstance(command, c.DraftRelease) else getattr(command, "release", None)
    if target is not None:
        case.release(target)
    # A step's holder may be named one by one, so these rules find the seat themselves.
    if command.name in _STEP_RULES:
        check_open(incident, command.name)
        return _STEP_RULES[command.name](command, case)
    seat = case.seat(command.name, target)
    check_open(incident, command.name)
    facts = _RULES[command.name](command, case, seat)
    if command.name in _POSTS:
        seat = case.seat_of(command.name, _POSTS[command.name](command, case))
    return seat, facts


def check_open(incident: Incident, command: CommandName) -> None:
    """Whether the incident is still at a point where the command has a meaning. Raises the refusal that it is not."""
    if incident.merged_into and (command in _NOT_ONCE_MERGED or command not in _ENDED_ALLOWED):
        raise Refusal(Code.MERGED_AWAY, survivor=incident.merged_into)
    if incident.phase.ended and command not in _ENDED_ALLOWED:
        raise Refusal(Code.INCIDENT_ENDED, phase=incident.phase)
    if incident.merging and command not in _MERGING_ALLOWED:
        raise Refusal(Code.MERGE_UNDER_WAY)
