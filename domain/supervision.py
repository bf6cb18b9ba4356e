"""Rules of supervising an incident: pausing, waiving, closing, reopening, unblocking (Art. 10, 14, 16)."""

from domain import commands as c
from domain import events as e
from domain.case import Case
from domain.refusals import Code, Refusal
from domain.submission import check_past
from domain.vocabulary import ObligationKind, Phase, Rank, Role


def pause_updates(command: c.PauseUpdates, case: Case, seat: e.Seat) -> list[e.Fact]:
    pending = {obligation.kind for obligation in case.incident.pending}
    if ObligationKind.ROLLING_UPDATE not in pending or case.incident.paused:
        raise Refusal(Code.NO_UPDATES_OWED)
    return [e.UpdatesPaused(reason=command.reason)]


def resume_updates(command: c.ResumeUpdates, case: Case, seat: e.Seat) -> list[e.Fact]:
    if not case.incident.paused:
        raise Refusal(Code.NO_UPDATES_OWED)
    return [e.UpdatesResumed(reason=command.reason)]


def waive(command: c.Waive, case: Case, seat: e.Seat) -> list[e.Fact]:
    """The head of the leading group lifts a pending duty; lateness already run stays recorded (Art. 16)."""
    if not any(Role.LEADING_GROUP in post.roles and post.rank is Rank.HEAD for post in case.envelope.actor.posts):
        raise Refusal(Code.HIGHER_APPROVAL, needed="leading_group_head")
    waived = [o for o in case.incident.pending if o.kind is command.obligation]
    if not waived:
        raise Refusal(Code.NO_OBLIGATION, kind=command.obligation)
    return [e.ObligationWaived(id=o.id, reason=command.reason, was_overdue=o.overdue(case.now)) for o in waived]


def close(command: c.Close, case: Case, seat: e.Seat) -> list[e.Fact]:
    """办结: no hard duty pending, the result public where owed, nothing on its way out."""
    pending = case.incident.pending
    if hard := [o.kind for o in pending if o.hard]:
        raise Refusal(Code.HARD_DUTY_PENDING, kinds=hard)
    if case.incident.assessed_at is None:
        raise Refusal(Code.NOT_ASSESSED)
    if any(o.kind is ObligationKind.RESULT for o in pending):
        raise Refusal(Code.RESULT_OWED)
    case.check_nothing_in_flight()
    return [e.Closed(summary=command.summary), e.PhaseChanged(phase=Phase.CLOSED)]


def reopen(command: c.Reopen, case: Case, seat: e.Seat) -> list[e.Fact]:
    """A new round under the same number: new clocks from its own detection; it must be assessed anew."""
    if not case.incident.phase.ended:
        raise Refusal(Code.NOT_ENDED)
    detected_at = command.detected_at or case.envelope.issued_at
    check_past("detected_at", detected_at, max(case.now, case.envelope.issued_at))
    reopened = e.Reopened(round=case.incident.round + 1, detected_at=detected_at, reason=command.reason)
    return [reopened, e.PhaseChanged(phase=Phase.REPORTED)]


def retry_blocked(command: c.RetryBlocked, case: Case, seat: e.Seat) -> list[e.Fact]:
    if not case.incident.parked:
        raise Refusal(Code.NOTHING_BLOCKED)
    return [e.EffectRetried()]


def note(command: c.Note, case: Case, seat: e.Seat) -> list[e.Fact]:
    return [e.Noted(text=command.text)]
