"""Consultations with their conclusions and plans, and the tasks that come out of them (Art. 13)."""

import pytest

from domain import commands as c
from domain.permissions import seat_for
from domain.refusals import Code
from domain.vocabulary import CommandName, ReadName, TaskOutcome
from tests.domain.situations import LATER, convened, general, task_done, tasked
from tests.domain.test_alarms import chased
from tests.domain.world import DETECTED, Play, actor, hours

DONE = c.CompleteTask(task="t1", report="已修复")


def convene(play: Play, **changes: object) -> None:
    play.do("office.duty", c.ConveneConsultation.model_validate({"participants": ["water", "land"]} | changes))


def assign(play: Play, **changes: object) -> None:
    play.do("office.duty", c.AssignTask.model_validate({"what": "抢修", "unit": "water", "due_at": LATER} | changes))


def test_conclusions_come_later_or_at_once_with_the_plans() -> None:
    play = general()
    convene(play)
    convene(
        play, conclusions="统一口径", release_plan="先发通报", handling_plan="连夜抢修", participants=["water", "water"]
    )
    first, second = play.incident.consultations
    assert (first.id, first.concluded_at) == ("m1", None)
    assert (second.id, second.concluded_at, second.participants) == ("m2", play.now, ("water",))
    assert second.release_plan is not None
    assert second.handling_plan is not None
    play.do("office.duty", c.ConcludeConsultation(conclusions="统一口径"))
    assert play.incident.consultations[0].concluded_at


def test_the_latest_open_one_is_meant_unless_another_is_named() -> None:
    play = general()
    convene(play)
    convene(play)
    play.do("office.duty", c.ConcludeConsultation(conclusions="统一口径"))
    assert [m.concluded_at is None for m in play.incident.consultations] == [True, False]
    again = c.ConcludeConsultation(conclusions="统一口径", consultation="m2")
    assert play.refused("office.duty", again) is Code.NO_CONSULTATION, "a conclusion stands"


def test_a_consultation_of_an_earlier_round_is_over() -> None:
    play = convened()
    play.assess("office.head", respond=False, reason="不属实")
    play.do("office.duty", c.Reopen(reason="再次发酵"))
    assert play.refused("office.duty", c.ConcludeConsultation(conclusions="统一口径")) is Code.NO_CONSULTATION
    convene(play)
    play.do("office.duty", c.ConcludeConsultation(conclusions="统一口径"))


def test_plans_without_conclusions_are_none() -> None:
    play = general()
    for plan in ("release_plan", "handling_plan"):
        command = c.ConveneConsultation.model_validate({"participants": ["water"], plan: "先发"})
        assert play.refused("office.duty", command) is Code.MALFORMED


def test_who_was_consulted_reads_the_incident_and_may_note_and_nobody_else_of_their_kind() -> None:
    play = convened()
    for action in (ReadName.INCIDENT, CommandName.NOTE):
        assert seat_for(action, actor("water.editor"), play.incident)
        assert seat_for(action, actor("land.editor"), play.incident) is None


@pytest.mark.parametrize("officer", ["water.editor", "water.head", "office.duty"])
def test_its_unit_or_the_office_reports_a_task_done(officer: str) -> None:
    play = tasked()
    play.do(officer, DONE)
    (task,) = play.incident.assignments
    assert (task.outcome, task.ended_at) == (TaskOutcome.DONE, play.now)


def test_another_unit_with_a_task_of_its_own_does_not() -> None:
    play = tasked()
    assign(play, unit="land")
    assert play.refused("land.editor", DONE) is Code.NOT_PERMITTED
    play.do("land.editor", c.CompleteTask(task="t2", report="已勘察"))


def test_only_the_office_drops_a_task() -> None:
    drop = c.CompleteTask(task="t1", report="不再需要", outcome=TaskOutcome.DROPPED)
    play = tasked()
    assert play.refused("water.head", drop) is Code.HIGHER_APPROVAL
    play.do("office.duty", drop)


def test_a_task_is_given_to_an_officer_of_its_unit() -> None:
    play = general()
    assign(play, officer="water.deputy")
    wrong = {"what": "抢修", "unit": "water", "due_at": LATER, "officer": "land.editor"}
    assert play.refused("office.duty", c.AssignTask.model_validate(wrong)) is Code.WRONG_OFFICER


def test_a_task_done_late_says_so() -> None:
    for wait, late in ((0.9, False), (1.1, True)):
        play = tasked()
        play.wait(hours(wait))
        (fact,) = play.do("water.editor", DONE)
        assert fact.model_dump()["late"] is late


def test_a_task_is_chased_from_its_instant_until_it_is_done() -> None:
    play = tasked()
    play.assess()
    assert chased(play.wait_until(DETECTED + hours(40)), "task") == [
        (1, "unit"),
        (2, "unit_head county_office"),
        (3, "county_office leading_group"),
    ]
    play = task_done()
    assert chased(play.wait(hours(40)), "task") == []


def test_nothing_ends_while_a_task_is_open() -> None:
    play = tasked()
    dismiss = c.Assess(respond=False, reason="不属实")
    assert play.refused("office.head", dismiss) is Code.TASKS_PENDING
    play.do("water.editor", DONE)
    play.do("office.head", dismiss)


def test_an_open_consultation_is_chased_until_it_is_concluded() -> None:
    play = convened()
    assert chased(play.wait(hours(1.9)), "consultation") == []
    assert chased(play.wait(hours(1)), "consultation") == [(1, "county_office")]
    play = convened()
    play.do("office.duty", c.ConcludeConsultation(conclusions="统一口径"))
    assert chased(play.wait(hours(5)), "consultation") == []
