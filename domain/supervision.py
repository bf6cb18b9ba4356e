"""Rules of supervising an incident: signing for duties, leading, pausing, waiving, closing, reopening, unblocking
(Art. 3, 10, 14, 16).
"""

from domain import commands as c
from domain import events as e
from domain.case import Case
from domain.consulting import check_tasks_done
from domain.county import ActingPost
from domain.incident import Incident
from domain.obligations import Obligation
from domain.publishing import check_made_good
from domain.refusals import Code, Refusal
from domain.routing import route
from domain.submission import central, check_past
from domain.vocabulary import ObligationKind, Phase, Rank, Role


def acknowledge(command: c.Acknowledge, case: Case, seat: e.Seat) -> list[e.Fact]:
    """签收: the lead has seen what it owes by when. A new lead signs anew."""
    lead = case.incident.route.lead
    wanted = [o for o in unsigned(case.incident) if command.obligation in (None, o.kind)]
    if not wanted:
        raise Refusal(Code.ALREADY_ACKNOWLEDGED)
    return [e.Acknowledged(id=o.id, unit=lead) for o in wanted]


def unsigned(incident: Incident) -> tuple[Obligation, ...]:
    """Hard duties that the lead has not signed for."""
    return tuple(o for o in incident.pending if o.hard and o.acknowledged_by != incident.route.lead)


def designate_lead(command: c.DesignateLead, case: Case, seat: e.Seat) -> list[e.Fact]:
    """The county office names the lead among those involved (Art. 3)."""
    incident = case.incident
    if command.lead not in {*incident.townships, *incident.concerned_departments, incident.office}:
        raise Refusal(Code.LEAD_NOT_INVOLVED, unit=command.lead)
    if command.lead == incident.route.lead and command.lead == incident.designated:
        raise Refusal(Code.SAME_LEAD, unit=command.lead)
    routed = route(
        incident.level,
        incident.townships,
        incident.departments,
        incident.superior_department,
        central(case.roster),
        command.lead,
    )
    designated = e.LeadDesignated(lead=command.lead, reason=command.reason)
    return [designated, e.Routed(route=routed)] if routed != incident.route else [designated]


def pause_updates(command: c.PauseUpdates, case: Case, seat: e.Seat) -> list[e.Fact]:
    if case.incident.paused:
        raise Refusal(Code.ALREADY_PAUSED)
    if ObligationKind.ROLLING_UPDATE not in {obligation.kind for obligation in case.incident.pending}:
        raise Refusal(Code.NO_UPDATES_OWED)
    return [e.UpdatesPaused(reason=command.reason)]


def resume_updates(command: c.ResumeUpdates, case: Case, seat: e.Seat) -> list[e.Fact]:
    if not case.incident.paused:
        raise Refusal(Code.NOT_PAUSED)
    return [e.UpdatesResumed(reason=command.reason)]


def waive(command: c.Waive, case: Case, seat: e.Seat) -> list[e.Fact]:
    """The head of the leading group lifts a pending duty; lateness already run stays recorded (Art. 16)."""
    if not heading_posts(command, case):
        raise Refusal(Code.HIGHER_APPROVAL, needed="leading_group_head")
    waived = [o for o in case.incident.pending if o.kind is command.obligation]
    if not waived:
        raise Refusal(Code.NO_OBLIGATION, kind=command.obligation)
    return [e.ObligationWaived(id=o.id, reason=command.reason, was_overdue=o.overdue(case.now)) for o in waived]


def heading_posts(command: c.Waive, case: Case) -> list[ActingPost]:
    """The actor's posts that give what waiving takes."""
    posts = case.envelope.actor.posts
    return [post for post in posts if Role.LEADING_GROUP in post.roles and post.rank is Rank.HEAD]


def close(command: c.Close, case: Case, seat: e.Seat) -> list[e.Fact]:
    """办结: no hard duty pending, the result public where owed, nothing on its way out or left to make good."""
    pending = case.incident.pending
    if hard := [o.kind for o in pending if o.hard]:
        raise Refusal(Code.HARD_DUTY_PENDING, kinds=hard)
    if case.incident.assessed_at is None:
        raise Refusal(Code.NOT_ASSESSED)
    if any(o.kind is ObligationKind.RESULT for o in pending):
        raise Refusal(Code.RESULT_OWED)
    case.check_nothing_in_flight()
    check_made_good(case.incident)
    check_tasks_done(case.incident)
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
    if not case.incident.retriable:
        raise Refusal(Code.NOTHING_BLOCKED)
    return [e.EffectRetried()]


def note(command: c.Note, case: Case, seat: e.Seat) -> list[e.Fact]:
    return [e.Noted(text=command.text)]
