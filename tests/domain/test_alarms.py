"""Reminders at their fractions, ladders for what idles, embargoes: each rings once and never again."""

from datetime import datetime, timedelta

import pytest

from domain import commands as c
from domain import events as e
from domain.alarms import alarms, due_alarms, next_alarm_at
from domain.vocabulary import Channel, ReleaseId, ReviewOutcome
from tests.domain.world import DETECTED, Play, digest, hours, minutes


def reminded(facts: list[e.Fact], kind: str) -> list[tuple[float, str]]:
    return [(f.fraction, " ".join(f.to)) for f in facts if isinstance(f, e.Reminded) and f.kind == kind]


def chased(facts: list[e.Fact], subject: str) -> list[tuple[int, str]]:
    return [(f.rung, " ".join(f.to)) for f in facts if isinstance(f, e.Chased) and f.subject == subject]


def rung_at(play: Play, kind: type[e.Fact], /, **wanted: object) -> list[datetime]:
    found = (entry for entry in play.entries if isinstance(entry.fact, kind))
    return [x.at for x in found if all(getattr(x.fact, name) == value for name, value in wanted.items())]


def assessed(**facts: object) -> Play:
    play = Play.of(**facts)  # type: ignore[arg-type]
    play.assess()
    return play


def test_a_hard_duty_reminds_at_half_at_three_quarters_and_at_its_instant() -> None:
    play = assessed()
    told = play.wait(hours(40))
    assert reminded(told, "response") == [
        (0.5, "lead"),
        (0.75, "lead unit_head county_office"),
        (1, "unit_head county_office leading_group"),
    ]
    assert rung_at(play, e.Reminded, kind="response") == [DETECTED + hours(h) for h in (18, 27, 36)]


def test_a_soft_target_never_reaches_the_leading_group() -> None:
    told = assessed().wait(hours(40))
    assert reminded(told, "first_release") == [(0.75, "lead"), (1, "lead unit_head county_office")]


@pytest.mark.parametrize("level", ["major", "especially_major"])
def test_a_grave_incident_reminds_of_release_and_conference(level: str) -> None:
    play = assessed(level=level, departments=["water"])
    told = play.wait(hours(40))
    assert [fraction for fraction, _ in reminded(told, "first_release")] == [0.5, 0.75, 1]
    assert rung_at(play, e.Reminded, kind="press_conference") == [DETECTED + hours(h) for h in (12, 18, 24)]


def test_a_late_report_is_told_once_that_it_is_overdue() -> None:
    play = Play.of(level="major", after=hours(30))
    play.assess()
    # Those who would have been told at a half and at three quarters are told with the rest.
    assert reminded(play.ring(), "first_release") == [(1, "lead unit_head county_office leading_group")]
    assert play.ring() == []
    assert not [fact for fact in play.wait(hours(100)) if isinstance(fact, e.Reminded)], "and not again"


def test_after_a_pause_of_everything_only_the_latest_of_each_thing_rings() -> None:
    play = Play.of()
    told = play.jump(hours(28))
    assert reminded(told, "response") == [(0.75, "lead unit_head county_office")]
    assert reminded(told, "first_release") == [(1, "lead unit_head county_office")]
    assert chased(told, "assessment") == [(3, "county_office unit_head leading_group")]


def test_a_pause_of_everything_loses_nobody_a_step_waits_for() -> None:
    play = assessed()
    play.draft("qixia.editor")
    assert chased(play.jump(hours(2)), "step") == [(3, "holders county_office leading_group")]
    assert play.ring() == []


def test_who_was_told_at_an_earlier_fraction_is_not_told_again_at_the_next() -> None:
    play = assessed(level="major")
    assert reminded(play.wait(hours(2)), "first_release") == [(0.5, "lead")]
    assert reminded(play.jump(hours(1)), "first_release") == [(0.75, "lead unit_head county_office")]
    assert reminded(play.jump(hours(2)), "first_release") == [(1, "unit_head county_office leading_group")]


def test_meeting_a_duty_silences_it() -> None:
    play = assessed()
    play.confirm_facts()
    play.publish("qixia.editor", "response")
    assert play.wait(hours(50)) == []
    assert next_alarm_at(play.incident) is None


def test_regrading_to_another_instant_tells_anew_and_back_again_does_not() -> None:
    play = assessed()
    assert reminded(play.wait(hours(20)), "response") == [(0.5, "lead")]
    play.assess(detected_at=(DETECTED - hours(4)).isoformat(), reason="更早")
    assert reminded(play.ring(), "response") == [(0.5, "lead")], "another instant, told anew"
    play.assess("leading.head", detected_at=DETECTED.isoformat(), reason="有误")
    assert reminded(play.ring(), "response") == []
    assert reminded(play.wait(hours(10)), "response") == [(0.75, "lead unit_head county_office")]


def test_a_target_that_becomes_a_duty_after_its_instant_reaches_the_leading_group() -> None:
    play = assessed()
    play.wait(hours(5))
    play.assess(level="major")
    assert reminded(play.ring(), "first_release") == [(1, "lead unit_head county_office leading_group")]
    play.assess(level="general")
    play.assess(level="major")
    assert reminded(play.ring(), "first_release") == []


def test_a_duty_that_becomes_a_target_again_is_not_told_twice_of_one_instant() -> None:
    play = assessed(level="major")
    assert [fraction for fraction, _ in reminded(play.wait(hours(3)), "first_release")] == [0.5, 0.75]
    play.assess(level="general")
    assert reminded(play.ring(), "first_release") == []
    assert reminded(play.wait(hours(1)), "first_release") == [(1, "lead unit_head county_office")]


def test_a_target_that_a_superior_ordered_sooner_reaches_the_leading_group() -> None:
    play = assessed()
    play.assess(due_by={"first_release": (DETECTED + hours(2)).isoformat()})
    assert reminded(play.wait(hours(2)), "first_release") == [
        (0.5, "lead"),
        (0.75, "lead unit_head county_office"),
        (1, "unit_head county_office leading_group"),
    ]
    assert rung_at(play, e.Reminded, kind="first_release") == [DETECTED + hours(h) for h in (1, 1.5, 2)]


def test_an_assessment_not_made_is_chased_up_its_ladder() -> None:
    play = Play.of(after=hours(1))
    told = play.wait(hours(3))
    assert chased(told, "assessment") == [
        (1, "county_office"),
        (2, "county_office unit_head"),
        (3, "county_office leading_group"),
    ]
    start = DETECTED + hours(1)
    assert rung_at(play, e.Chased, subject="assessment") == [start + minutes(m) for m in (30, 60, 120)]


def test_an_assessment_made_is_not_chased_but_a_reopened_incident_is_again() -> None:
    play = assessed()
    assert chased(play.wait(hours(10)), "assessment") == []
    play.do("leading.head", c.Waive.model_validate({"obligation": "response", "reason": "统一发布"}))
    play.do("office.duty", c.Close(summary="办结"))
    assert alarms(play.incident) == []
    play.do("office.duty", c.Reopen(reason="再次发酵"))
    assert [rung for rung, _ in chased(play.wait(hours(3)), "assessment")] == [1, 2, 3]


def test_an_idle_step_is_chased_from_when_it_opened_and_passes_nothing() -> None:
    play = assessed()
    play.wait(hours(1))
    release = play.draft("qixia.editor")
    play.wait(minutes(20))
    play.sign("qixia.head", release, "unit_approval")
    opened = play.now
    told = play.wait(hours(10))
    assert chased(told, "step") == [(1, "holders"), (2, "holders county_office"), (3, "county_office leading_group")]
    assert rung_at(play, e.Chased, step="confidentiality") == [opened + minutes(m) for m in (30, 60, 120)]
    assert play.steps(release)["confidentiality@qixia"] == "open", "silence is never consent"


def test_an_edit_starts_the_ladder_of_its_steps_anew() -> None:
    play = assessed()
    release = play.draft("qixia.editor")
    play.wait(minutes(40))
    play.revise("qixia.editor", release, "改过的稿件")
    assert [rung for rung, _ in chased(play.wait(minutes(40)), "step")] == [1]


def test_undecided_counts_silence_anew_and_is_chased() -> None:
    play = assessed()
    release = play.draft("qixia.editor", text="稿件")
    play.sign("qixia.head", release, "unit_approval")
    play.wait(hours(3))
    undecided = c.ReviewConfidentiality(
        release=release, digest=digest("稿件"), outcome=ReviewOutcome.UNDECIDED, comment="已请示州保密局"
    )
    play.do("qixia.reviewer", undecided)
    assert play.steps(release)["confidentiality@qixia"] == "undecided"
    answered = play.now
    assert [rung for rung, _ in chased(play.wait(hours(3)), "step")] == [1, 2, 3]
    assert rung_at(play, e.Chased, step="confidentiality")[-3:] == [answered + minutes(m) for m in (30, 60, 120)]
    play.sign("qixia.reviewer", release, "confidentiality")
    assert play.release(release).intents


def parked(play: Play, release: ReleaseId) -> None:
    version = play.release(release).version.number
    play.effect(e.EffectParked(release=release, version=version, channel=Channel.BULLETIN, code="unreachable"))


def test_a_parked_publication_is_chased_each_time_it_is_parked() -> None:
    play = assessed()
    release = play.draft("qixia.editor")
    play.sign_all(release)
    parked(play, release)
    told = play.wait(hours(1))
    assert chased(told, "parked") == [(1, "county_office ops"), (2, "county_office ops leading_group")]
    play.do("ops.oncall", c.RetryBlocked())
    assert chased(play.wait(hours(1)), "parked") == []
    parked(play, release)
    assert [rung for rung, _ in chased(play.wait(hours(1)), "parked")] == [1, 2]


def test_an_embargo_wakes_the_process_at_its_end_and_not_before() -> None:
    play = assessed()
    until = DETECTED + hours(3)
    release = play.draft("qixia.editor", embargo_until=until.isoformat())
    play.sign_all(release)
    assert not play.release(release).intents
    play.wait_until(until - timedelta(seconds=1))
    assert not play.release(release).intents
    told = play.wait_until(until)
    assert [f.channel for f in told if isinstance(f, e.PublicationIntended)] == [Channel.BULLETIN]
    assert not [alarm for alarm in alarms(play.incident) if alarm.fact is None]


def test_an_embargo_that_passed_before_the_last_signature_holds_nothing() -> None:
    play = assessed()
    release = play.draft("qixia.editor", embargo_until=(DETECTED + minutes(1)).isoformat())
    play.wait(minutes(2))
    play.sign_all(release)
    assert play.release(release).intents


def test_a_drill_rings_on_its_own_clock() -> None:
    play = Play.of("drill", drill=True)
    told = play.wait(timedelta(seconds=6 * 36))
    assert [f for f, _ in reminded(told, "response")] == [0.5, 0.75, 1]
    assert rung_at(play, e.Chased, subject="assessment", rung=1) == [DETECTED + timedelta(seconds=3)]


def test_alarms_come_in_order_and_the_next_is_the_first() -> None:
    play = Play.of(level="major")
    found = alarms(play.incident)
    assert [a.at for a in found] == sorted(a.at for a in found)
    assert next_alarm_at(play.incident) == found[0].at == DETECTED + minutes(15)
    assert len({a.key for a in found}) == len(found)
    assert due_alarms(play.incident, DETECTED) == []
