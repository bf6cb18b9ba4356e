"""Rules of consultations, and of the tasks that come out of them (Art. 13)."""

from domain import commands as c
from domain import events as e
from domain.case import Case
from domain.incident import Incident
from domain.proceedings import Assignment, Consultation
from domain.refusals import Code, Refusal
from domain.vocabulary import Role, TaskOutcome, UnitId, UnitKind


def convene_consultation(command: c.ConveneConsultation, case: Case, seat: e.Seat) -> list[e.Fact]:
    """The county office calls the units together; an outcome that is known already is recorded with it."""
    check_known(command.participants, case)
    check_in_the_know(command.participants, case)
    at = command.at or case.envelope.issued_at
    convened = e.ConsultationConvened(
        participants=tuple(dict.fromkeys(command.participants)), at=at, agenda=command.agenda
    )
    if command.conclusions is None:
        if command.release_plan is not None or command.handling_plan is not None:
            raise Refusal(Code.MALFORMED, fields="conclusions")
        return [convened]
    number = len(case.incident.consultations) + 1
    return [convened, _concluded(f"m{number}", command, command.conclusions)]


def conclude_consultation(command: c.ConcludeConsultation, case: Case, seat: e.Seat) -> list[e.Fact]:
    """Conclusions with the plan of releases and the plan of handling. Left out, the latest open one is meant."""
    consultation = _open(command.consultation, case)
    return [_concluded(consultation.id, command, command.conclusions)]


def _concluded(
    id_: str, command: c.ConveneConsultation | c.ConcludeConsultation, conclusions: str
) -> e.ConsultationConcluded:
    return e.ConsultationConcluded(
        consultation=id_,
        conclusions=conclusions,
        release_plan=command.release_plan,
        handling_plan=command.handling_plan,
    )


def _open(id_: str | None, case: Case) -> Consultation:
    this_round = [m for m in case.incident.consultations if m.round == case.incident.round]
    fitting = [m for m in this_round if m.concluded_at is None and id_ in (None, m.id)]
    if not fitting:
        raise Refusal(Code.NO_CONSULTATION)
    return fitting[-1]


def assign_task(command: c.AssignTask, case: Case, seat: e.Seat) -> list[e.Fact]:
    """Something a unit owes by an instant; it is chased from then on."""
    check_known((command.unit,), case)
    check_in_the_know((command.unit,), case)
    if command.due_at <= case.now:
        raise Refusal(Code.IN_THE_PAST, field="due_at", at=command.due_at.isoformat())
    if command.officer is not None and command.unit not in case.envelope.named_units.get(command.officer, ()):
        raise Refusal(Code.WRONG_OFFICER, officer=command.officer, unit=command.unit)
    if command.consultation is not None and all(m.id != command.consultation for m in case.incident.consultations):
        raise Refusal(Code.NO_CONSULTATION)
    given = {name: getattr(command, name) for name in type(command).model_fields}
    return [e.TaskAssigned(**given)]


def complete_task(command: c.CompleteTask, case: Case, seat: e.Seat) -> list[e.Fact]:
    """Its unit says that it is done; only the county office, which gave it, may drop it."""
    task = _pending(command.task, case)
    actor = case.envelope.actor
    if not actor.has(Role.COUNTY_OFFICE):
        if all(post.unit != task.unit for post in actor.posts):
            raise Refusal(Code.NOT_PERMITTED, actor=case.actor, command=command.name)
        if command.outcome is TaskOutcome.DROPPED:
            raise Refusal(Code.HIGHER_APPROVAL, needed=Role.COUNTY_OFFICE)
    late = task.overdue(case.now)
    return [e.TaskCompleted(task=task.id, outcome=command.outcome, report=command.report, late=late)]


def _pending(id_: str, case: Case) -> Assignment:
    found = next((task for task in case.incident.assignments if task.id == id_ and task.pending), None)
    if found is None:
        raise Refusal(Code.NO_TASK)
    return found


def check_tasks_done(incident: Incident) -> None:
    """Raises TASKS_PENDING."""
    if tasks := [task.id for task in incident.assignments if task.pending]:
        raise Refusal(Code.TASKS_PENDING, tasks=tasks)


def check_in_the_know(units: tuple[UnitId, ...], case: Case) -> None:
    """Of a restricted incident nobody learns by being asked to something. Raises NOT_IN_THE_KNOW."""
    incident = case.incident
    if incident.restriction is None:
        return
    knowing = {*incident.restriction.units, incident.route.lead, incident.office}
    knowing |= {unit for unit, kind in case.roster.kinds.items() if kind is UnitKind.LEADING_GROUP}
    if outside := sorted(set(units) - knowing):
        raise Refusal(Code.NOT_IN_THE_KNOW, units=outside)


def check_known(units: tuple[UnitId, ...], case: Case) -> None:
    """Raises UNKNOWN_UNIT."""
    if unknown := sorted(set(units) - set(case.roster.kinds)):
        raise Refusal(Code.UNKNOWN_UNIT, units=unknown)
