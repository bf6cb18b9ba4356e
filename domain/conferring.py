"""Rules of press conferences and briefings (Art. 14, 15)."""

from datetime import datetime

from domain import commands as c
from domain import events as e
from domain.case import Case
from domain.consequences import stages_of
from domain.incident import Incident
from domain.proceedings import Conference
from domain.refusals import Code, Refusal
from domain.releases import all_passed
from domain.submission import check_past
from domain.vocabulary import ConferenceForm


def schedule_conference(command: c.ScheduleConference, case: Case, seat: e.Seat) -> list[e.Fact]:
    _check_ahead(command, case)
    _check_attendance(command.attendees, case)
    if command.statement is not None:
        case.release(command.statement)
    planned = {name: getattr(command, name) for name in type(command).model_fields}
    return [e.ConferenceScheduled(**planned)]


def approve_conference(command: c.ApproveConference, case: Case, seat: e.Seat) -> list[e.Fact]:
    """The county office says yes to somebody else's plan. What a conference opens with was approved word by word."""
    conference = _open(command.conference, case)
    if approval_stands(case.incident, conference):
        raise Refusal(Code.ALREADY_APPROVED)
    if case.persons(seat) & {conference.planned_by, conference.postponed_by}:
        raise Refusal(Code.OWN_PLAN, actor=case.actor)
    # The lead may be another one than when it was planned.
    _check_attendance(conference.attendees, case)
    if conference.statement is None:
        if conference.form is ConferenceForm.CONFERENCE:
            raise Refusal(Code.STATEMENT_NEEDED)
        return [e.ConferenceApproved(conference=conference.id, digest=None, comment=command.comment)]
    statement = case.release(conference.statement)
    if statement.cancelled or statement.withdrawn_at or not all_passed(statement, stages_of(case.incident, statement)):
        raise Refusal(Code.STATEMENT_NOT_APPROVED)
    digest = statement.version.digest
    return [e.ConferenceApproved(conference=conference.id, digest=digest, comment=command.comment)]


def approval_stands(incident: Incident, conference: Conference) -> bool:
    """Whether it was approved, and with the very statement that it would open with now."""
    if conference.approved_at is None:
        return False
    if conference.statement is None:
        return True
    statement = incident.releases[conference.statement]
    gone = statement.cancelled or statement.withdrawn_at
    return not gone and statement.version.digest == conference.approved_digest


def postpone_conference(command: c.PostponeConference, case: Case, seat: e.Seat) -> list[e.Fact]:
    """Another instant, approved anew. The duty's own instant does not move (Art. 14)."""
    conference = _open(command.conference, case)
    _check_ahead(command, case)
    return [e.ConferencePostponed(conference=conference.id, at=command.at, venue=command.venue, reason=command.reason)]


def cancel_conference(command: c.CancelConference, case: Case, seat: e.Seat) -> list[e.Fact]:
    conference = _open(command.conference, case)
    return [e.ConferenceCancelled(conference=conference.id, reason=command.reason)]


def record_conference(command: c.RecordConference, case: Case, seat: e.Seat) -> list[e.Fact]:
    """A held conference meets the 24 h duty at the instant it was held (Art. 14).

    One that nobody had approved was held all the same: that is recorded, and told to those who should have been asked.
    """
    check_past("held_at", command.held_at, max(case.now, case.envelope.issued_at))
    if command.held_at < case.incident.detected_at:
        raise Refusal(Code.BEFORE_DETECTION, field="held_at", at=case.incident.detected_at.isoformat())
    _check_attendance(command.attendees, case)
    held = {name: getattr(command, name) for name in type(command).model_fields}
    planned = _planned(command, case)
    as_held = planned and planned.model_copy(update={"form": command.form})
    told = {
        "conference": planned and planned.id,
        "approved": bool(as_held and _was_approved(case.incident, as_held, command.held_at)),
    }
    return [e.ConferenceRecorded(**held | told)]


def _was_approved(incident: Incident, conference: Conference, at: datetime) -> bool:
    """Whether it was approved by then, and with the very statement that it then opened with."""
    if not conference.approved_before(at) or conference.statement is None:
        return conference.approved_before(at)
    statement = incident.releases[conference.statement]
    gone = statement.cancelled or (statement.withdrawn_at is not None and statement.withdrawn_at <= at)
    words = [version.digest for version in statement.versions if version.drafted_at <= at]
    return not gone and words[-1:] == [conference.approved_digest]


def _planned(command: c.RecordConference, case: Case) -> Conference | None:
    """The planned one that was held: as named, else the first open one of its form."""
    if command.conference is not None:
        return _open(command.conference, case)
    fitting = (conference for conference in _all_open(case) if conference.form is command.form)
    return next(fitting, None)


def _all_open(case: Case) -> list[Conference]:
    return [c for c in case.incident.conferences if c.open and c.round == case.incident.round]


def _open(id_: str | None, case: Case) -> Conference:
    fitting = [conference for conference in _all_open(case) if id_ in (None, conference.id)]
    if not fitting:
        raise Refusal(Code.NO_CONFERENCE)
    if len(fitting) > 1:
        raise Refusal(Code.WHICH_CONFERENCE, conferences=[conference.id for conference in fitting])
    return fitting[0]


def _check_ahead(command: c.ScheduleConference | c.PostponeConference, case: Case) -> None:
    if command.at <= case.now:
        raise Refusal(Code.IN_THE_PAST, field="at", at=command.at.isoformat())


def _check_attendance(attendees: c.Attendees, case: Case) -> None:
    """The lead's responsible person or its spokesperson attends (Art. 15)."""
    lead = case.incident.route.lead
    answering = {*case.roster.heads.get(lead, ()), *case.roster.spokespersons.get(lead, ())}
    if not answering & set(attendees):
        raise Refusal(Code.ATTENDEE_MISSING, unit=lead)
