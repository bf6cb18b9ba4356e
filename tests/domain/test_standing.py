"""What waits for whom: the same list for people, pages and search."""

from datetime import timedelta

from domain import commands as c
from domain.county import Actor
from domain.standing import holders_of, open_tasks, reading_seat, tasks
from domain.vocabulary import (
    CommandName,
    ConferenceForm,
    Level,
    ObligationKind,
    OfficerId,
    ReadName,
    StepKind,
)
from tests.domain.world import Play, actor, county

ROSTER = county().roster()


def of(play: Play, officer: str) -> list[CommandName | None]:
    return [task.command for task in tasks(play.incident, actor(officer), ROSTER)]


def test_an_assessment_waits_for_the_county_office_until_the_first_chase() -> None:
    play = Play.of()
    (assessment, *_) = tasks(play.incident, actor("office.duty"), ROSTER)
    assert assessment.command is CommandName.ASSESS
    assert assessment.due_at == play.now + timedelta(minutes=30)
    assert of(play, "qixia.reviewer") == []


def test_a_first_release_waits_for_the_leads_people_and_for_nobody_elses() -> None:
    play = Play.of()
    for officer in ("qixia.editor", "qixia.head"):
        assert of(play, officer) == [CommandName.DRAFT_RELEASE, CommandName.ACKNOWLEDGE]
    assert of(play, "baishi.editor") == []


def test_a_response_is_asked_for_only_once_the_facts_are_confirmed() -> None:
    play = Play.of()
    play.do("office.duty", c.Assess(reason="属实"))
    play.do("qixia.editor", c.Acknowledge())
    assert of(play, "qixia.editor") == [CommandName.DRAFT_RELEASE, CommandName.CONFIRM_FACTS]
    play.do("qixia.editor", c.ConfirmFacts(summary="已核实"))
    kinds = [task.what for task in tasks(play.incident, actor("qixia.editor"), ROSTER)]
    assert kinds == [ObligationKind.FIRST_RELEASE, ObligationKind.RESPONSE]


def test_a_step_is_due_when_the_duty_its_release_meets_is_due() -> None:
    play = Play.of()
    play.draft("qixia.editor")
    (step,) = (task for task in tasks(play.incident, actor("qixia.head"), ROSTER) if task.step)
    duty = next(o for o in play.incident.pending if o.kind is ObligationKind.FIRST_RELEASE)
    assert (step.command, step.step, step.due_at) == (CommandName.APPROVE, StepKind.UNIT_APPROVAL, duty.due_at)


def test_tasks_come_by_their_instants() -> None:
    play = Play.of(level="major", departments=["water", "health"])
    play.do("office.duty", c.Assess(reason="属实"))
    dues = [task.due_at for task in open_tasks(play.incident)]
    known = [due for due in dues if due]
    assert known == sorted(known)
    assert dues[: len(known)] == known


def test_a_conference_is_first_planned_then_recorded() -> None:
    play = Play.of(level="major")
    assert of(play, "press.desk") == [CommandName.SCHEDULE_CONFERENCE]
    at = play.now + timedelta(hours=5)
    lead = OfficerId("qixia.head")
    plan = c.ScheduleConference(at=at, venue="发布厅", attendees=(lead,), form=ConferenceForm.CONFERENCE)
    play.do("press.desk", plan)
    assert of(play, "press.desk") == [CommandName.RECORD_CONFERENCE]


def test_an_ended_incident_waits_for_nobody() -> None:
    play = Play.of()
    play.do("office.head", c.Assess(respond=False, reason="重复"))
    assert open_tasks(play.incident) == ()


def test_everything_that_waits_for_people_names_some() -> None:
    play = Play.of(level="major", departments=["water"])
    play.draft("water.editor")
    for task in open_tasks(play.incident):
        assert holders_of(task, play.incident, county(), ROSTER)


def test_regrading_moves_a_task_to_other_desks() -> None:
    play = Play.of()
    play.draft("qixia.editor")
    assert of(play, "qixia.reviewer") == []
    play.do("office.duty", c.Assess(level=Level.MAJOR, reason="升级"))
    assert CommandName.REVIEW_CONFIDENTIALITY in of(play, "qixia.reviewer")


def test_a_stranger_reads_nothing_and_a_substitute_what_they_decide_on() -> None:
    play = Play.of()
    stranger: Actor = actor("office.reviewer")
    release = play.draft("qixia.editor")
    assert reading_seat(ReadName.RELEASE, stranger, play.incident, ROSTER) is None
    substitute = c.AssignStep(
        release=release,
        step=StepKind.CONFIDENTIALITY,
        officer=OfficerId("office.reviewer"),
        reason="审查员外出",
    )
    play.do("office.duty", substitute)
    assert reading_seat(ReadName.RELEASE, stranger, play.incident, ROSTER) is None
    play.sign("qixia.head", release, "unit_approval")
    assert reading_seat(ReadName.RELEASE, stranger, play.incident, ROSTER) is not None
