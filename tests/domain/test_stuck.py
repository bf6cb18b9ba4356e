"""Why an incident does not go on, from what its ledger and Temporal say of it."""

import pytest

from domain import commands as c
from domain.refusals import Language
from domain.releases import LOST
from domain.stuck import (
    RUNNING,
    Failing,
    Process,
    Remedy,
    Sent,
    Stuck,
    Symptom,
    Trying,
    Workers,
    stuck,
    stuck_workers,
    wants_process,
)
from domain.vocabulary import Role
from tests.domain.world import Play, county, hours

WELL = Process(status=RUNNING)
FAILING = Failing(attempt=4, cause="non_deterministic_error", diverges=True)
CHOKING = Failing(attempt=2, cause="unhandled", waiting=(Sent(event=17, name="note"),))


def found(play: Play, process: Process = WELL) -> list[Symptom]:
    return [one.symptom for one in stuck(play.incident, process, play.county, play.now)]


def test_an_incident_that_waits_for_people_in_time_is_not_stuck() -> None:
    assert found(Play.of()) == []


@pytest.mark.parametrize(
    ("process", "symptom", "remedy"),
    [
        (Process(status=None), Symptom.PROCESS_MISSING, Remedy.START),
        (Process(status="terminated"), Symptom.PROCESS_CLOSED, Remedy.START),
        (Process(status=RUNNING, readable=False), Symptom.PROCESS_UNREADABLE, Remedy.REPLACE),
        (Process(status=RUNNING, failing=FAILING), Symptom.HISTORY_DIVERGES, Remedy.RESET),
        (Process(status=RUNNING, failing=CHOKING), Symptom.TASK_FAILING, Remedy.RESET),
        (
            Process(status=RUNNING, trying=(Trying(id="3", activity="append", attempt=3, failure="OSError"),)),
            Symptom.ACTIVITY_RETRYING,
            Remedy.TRY_ACTIVITY,
        ),
        (
            Process(status=RUNNING, trying=(Trying(id="3", activity="publish", attempt=0, paused=True),)),
            Symptom.ACTIVITY_PAUSED,
            Remedy.TRY_ACTIVITY,
        ),
    ],
)
def test_what_is_wrong_with_the_process_names_its_remedy(process: Process, symptom: Symptom, remedy: Remedy) -> None:
    play = Play.of()
    (one,) = stuck(play.incident, process, play.county, play.now)
    assert (one.symptom, one.remedy) == (symptom, remedy)


def test_an_activity_that_failed_once_or_twice_is_not_stuck() -> None:
    assert found(Play.of(), Process(status=RUNNING, trying=(Trying(id="3", activity="append", attempt=2),))) == []


def test_an_ended_incident_needs_no_process_unless_something_outlives_it() -> None:
    play = Play.of()
    play.assess("office.head", respond=False, reason="与本县无关")
    assert not wants_process(play.incident)
    assert found(play, Process(status=None)) == []


@pytest.mark.parametrize(("code", "symptom"), [("unreachable", Symptom.EFFECT_PARKED), (LOST, Symptom.EFFECT_UNKNOWN)])
def test_a_parked_publication_is_tried_again_only_where_that_cannot_repeat_it(code: str, symptom: Symptom) -> None:
    play = Play.of()
    release = play.draft("qixia.editor")
    play.sign_all(release)
    play.park(release, code)
    (one,) = stuck(play.incident, WELL, play.county, play.now)
    assert one.symptom is symptom
    assert f"{release} on " in one.sentence(Language.EN)
    assert code in one.sentence(Language.ZH)


def test_an_overdue_duty_that_nobody_signed_for_is_told_until_somebody_does() -> None:
    play = Play.of(level="major")
    play.wait(hours(5))
    assert Symptom.OVERDUE_UNSIGNED in found(play)
    play.do(f"{play.incident.route.lead}.head", c.Acknowledge())
    assert found(play) == []


def test_what_waits_for_somebody_whom_nobody_is_is_told() -> None:
    play = Play.of()
    nobody = [
        officer.model_copy(update={"posts": tuple(p for p in officer.posts if Role.COUNTY_OFFICE not in p.roles)})
        for officer in county().officers
    ]
    play.county = county().model_copy(update={"officers": tuple(nobody)})
    (one,) = stuck(play.incident, WELL, play.county, play.now)
    assert one.symptom is Symptom.NOBODY_MAY
    assert "assessment" in one.sentence(Language.ZH)


def test_drills_call_nobody() -> None:
    play = Play.of(level="major", drill=True)
    play.wait(hours(5))
    assert found(play) == []


@pytest.mark.parametrize(
    ("workers", "symptoms"),
    [
        (Workers(present=frozenset({""})), []),
        (Workers(present=frozenset({"2", "1"}), current="1"), []),
        (Workers(), [Symptom.NO_WORKER]),
        (Workers(current="1"), [Symptom.NO_WORKER]),
        (Workers(present=frozenset({"2"}), current="1"), [Symptom.WRONG_VERSION]),
        (Workers(present=frozenset({"2"})), [Symptom.WRONG_VERSION]),
        (Workers(present=frozenset({""}), current="1"), [Symptom.WRONG_VERSION]),
    ],
)
def test_tasks_go_nowhere_without_a_worker_of_the_version_that_gets_them(
    workers: Workers, symptoms: list[Symptom]
) -> None:
    assert [one.symptom for one in stuck_workers(workers)] == symptoms


def test_the_version_that_is_there_is_the_one_to_take_over() -> None:
    assert [one.about for one in stuck_workers(Workers(present=frozenset({"", "2"}), current="1"))] == ["2"]
    assert [one.about for one in stuck_workers(Workers(present=frozenset({""}), current="1"))] == [""]


@pytest.mark.parametrize("symptom", Symptom)
@pytest.mark.parametrize("language", Language)
def test_every_symptom_has_a_sentence_and_a_proposal(symptom: Symptom, language: Language) -> None:
    names = "current present status attempt cause messages activity failure release channel action since code duty due"
    one = Stuck(symptom=symptom, params=dict.fromkeys(f"{names} unit what".split(), "x"))
    for said in (one.sentence(language), one.proposal(language)):
        assert said
        assert "{" not in said
        assert any("\u4e00" <= sign <= "\u9fff" for sign in said) is (language is Language.ZH)
