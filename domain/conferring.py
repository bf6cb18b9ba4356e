"""Rules of press conferences and briefings (Art. 14, 15)."""

from domain import commands as c
from domain import events as e
from domain.case import Case
from domain.refusals import Code, Refusal
from domain.submission import check_past


def schedule_conference(command: c.ScheduleConference, case: Case, seat: e.Seat) -> list[e.Fact]:
    if command.at <= case.now:
        raise Refusal(Code.IN_THE_PAST, field="at", at=command.at.isoformat())
    _check_attendance(command.attendees, case)
    planned = {name: getattr(command, name) for name in type(command).model_fields}
    return [e.ConferenceScheduled(**planned)]


def record_conference(command: c.RecordConference, case: Case, seat: e.Seat) -> list[e.Fact]:
    """A held conference meets the 24 h duty at the instant it was held (Art. 14)."""
    check_past("held_at", command.held_at, max(case.now, case.envelope.issued_at))
    if command.held_at < case.incident.detected_at:
        raise Refusal(Code.BEFORE_DETECTION, field="held_at", at=case.incident.detected_at.isoformat())
    _check_attendance(command.attendees, case)
    held = {name: getattr(command, name) for name in type(command).model_fields}
    return [e.ConferenceRecorded(**held)]


def _check_attendance(attendees: c.Attendees, case: Case) -> None:
    """The lead's responsible person or its spokesperson attends (Art. 15)."""
    lead = case.incident.route.lead
    answering = {*case.roster.heads.get(lead, ()), *case.roster.spokespersons.get(lead, ())}
    if not answering & set(attendees):
        raise Refusal(Code.ATTENDEE_MISSING, unit=lead)
