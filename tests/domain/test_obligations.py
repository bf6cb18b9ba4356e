"""What is owed by when, and how regrading, meeting, waiving, ending and reopening change it (Art. 10, 14)."""

from datetime import timedelta

import pytest

import policies
from domain import commands as c
from domain import events as e
from domain.obligations import MET_BY, explain
from domain.refusals import Code, Language
from domain.vocabulary import ObligationKind, ObligationState, Phase
from tests.domain.situations import grave_once
from tests.domain.world import DETECTED, RESPONSES, Play, hours, kinds

GRAVE = ("especially_major", "major")
LESSER = ("significant", "general", "ungraded")


def states(play: Play) -> list[tuple[str, str]]:
    return [(str(o.kind), str(o.state)) for o in play.incident.obligations]


def phase(play: Play) -> Phase:
    return play.incident.phase


# -- instants -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "first", "conference", "response"),
    [("xiangyun-2019-54", 4, 24, 36), ("national-2016", 5, 24, 48), ("drill", 4, 24, 36)],
)
def test_each_policy_gives_its_instants_at_every_level(
    policy: str, first: float, conference: float, response: float
) -> None:
    hour = timedelta(seconds=6) if policy == "drill" else hours(1)
    for level in GRAVE:
        owed = Play.of(policy, level=level).owed()
        assert owed == {"first_release": (first * hour, True), "press_conference": (conference * hour, True)}
    for level in LESSER:
        owed = Play.of(policy, level=level).owed()
        assert owed == {"first_release": (first * hour, False), "response": (response * hour, True)}


def test_a_drill_reads_hours_at_the_speed_it_was_submitted_with() -> None:
    play = Play.of("drill", level="major", drill=True, hour_seconds=1)
    assert play.pending("press_conference").due_at == DETECTED + timedelta(seconds=24)


def test_instants_count_from_detection_however_late_the_report() -> None:
    play = Play.of(after=hours(30))
    assert play.pending("response").due_at == DETECTED + hours(36)
    assert play.pending("first_release").overdue(play.now)


def test_holidays_do_not_stop_the_clock() -> None:
    play = Play.of(detected_at="2025-10-01T00:10:00+08:00", after=hours(0))
    assert play.pending("response").due_at.isoformat() == "2025-10-02T04:10:00+00:00"  # type: ignore[union-attr]


def test_overdue_begins_after_the_instant_and_not_at_it() -> None:
    duty = Play.of().pending("response")
    assert duty.due_at is not None
    assert not duty.overdue(duty.due_at)
    assert duty.overdue(duty.due_at + timedelta(microseconds=1))


# -- met ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", RESPONSES)
def test_a_response_within_four_hours_meets_both_duties(kind: str) -> None:
    play = Play.of()
    play.assess()
    play.confirm_facts()
    play.wait(hours(3))
    play.publish("qixia.editor", kind)
    assert states(play) == [("first_release", "met"), ("response", "met")]
    assert phase(play) == Phase.FOLLOWING_UP


def test_a_first_release_alone_leaves_the_response_owed() -> None:
    play = Play.of()
    play.assess()
    play.publish("qixia.editor", "first")
    assert play.owed() == {"response": (hours(36), True)}
    assert phase(play) == Phase.RESPONDING


@pytest.mark.parametrize("kind", ["update", "correction"])
def test_updates_and_corrections_meet_no_timed_duty(kind: str) -> None:
    assert not any(kind in MET_BY[duty] for duty in ("first_release", "response", "press_conference"))  # type: ignore[index]


def test_the_instant_of_the_receipt_decides_whether_it_was_late() -> None:
    play = Play.of()
    release = play.draft("qixia.editor", "first")
    play.sign_all(release)
    play.wait(hours(5))
    # The channel took it in time; its receipt was only written down later.
    play.receive(release, at=DETECTED + hours(4))
    assert states(play)[0] == ("first_release", "met")
    late = Play.of(after=hours(5))
    late.publish("qixia.editor", "first")
    met = late.duties("first_release")[0]
    assert (met.state, met.met_at, met.ran_late) == (ObligationState.MET_LATE, DETECTED + hours(5), True)


def test_a_briefing_does_not_meet_the_conference_duty() -> None:
    play = Play.of(level="major")
    play.wait(hours(2))
    held = {"held_at": play.now.isoformat(), "attendees": ["qixia.head"]}
    play.do("press.desk", c.RecordConference.model_validate({**held, "form": "briefing"}))
    assert "press_conference" in play.owed()
    play.wait(hours(1))
    play.do("press.desk", c.RecordConference.model_validate({**held, "form": "conference"}))
    met = play.duties("press_conference")[0]
    assert (met.state, met.met_at) == (ObligationState.MET, DETECTED + hours(2))


def test_a_grave_incident_is_followed_up_after_first_release_and_conference() -> None:
    play = Play.of(level="major", departments=["water"])
    play.assess()
    play.publish("water.editor", "first")
    assert phase(play) == Phase.RESPONDING
    play.hold_conference("water.head")
    assert phase(play) == Phase.FOLLOWING_UP


def test_a_release_before_assessment_counts_and_the_phase_follows_at_assessment() -> None:
    play = Play.of()
    play.confirm_facts()
    play.publish("qixia.editor", "response")
    assert phase(play) == Phase.REPORTED
    play.assess()
    assert phase(play) == Phase.FOLLOWING_UP


# -- regrading ----------------------------------------------------------------------------------------


def test_regrading_up_adds_duties_from_detection_perhaps_already_overdue() -> None:
    play = Play.of()
    play.wait(hours(25))
    play.assess(level="major")
    assert play.owed() == {
        "first_release": (hours(4), True),
        "press_conference": (hours(24), True),
        "result": (None, False),
    }
    assert play.pending("press_conference").overdue(play.now)
    dropped = play.duties("response")[0]
    assert (dropped.state, dropped.ran_late) == (ObligationState.SUPERSEDED, False)
    assert play.duties("first_release")[0].ran_late, "the lateness of the target stays visible"


def test_regrading_up_down_and_up_again_keeps_both_in_the_ledger_and_reuses_no_id() -> None:
    play = Play.of()
    for level in ("major", "general", "especially_major", "major", "ungraded"):
        play.wait(hours(1))
        play.assess(level=level)
    ids = [o.id for o in play.incident.obligations]
    assert len(ids) == len(set(ids))
    assert play.owed() == {"first_release": (hours(4), False), "response": (hours(36), True)}
    assert {o.due_at for o in play.duties("response")} == {DETECTED + hours(36)}
    assert sum(o.state is ObligationState.SUPERSEDED for o in play.duties("press_conference")) == 2
    opened = [entry.fact for entry in play.entries if isinstance(entry.fact, e.ObligationOpened)]
    assert [fact.id for fact in opened] == ids


def test_an_id_is_not_given_twice_when_some_duties_stand_and_others_open() -> None:
    play = Play.of()
    play.assess(investigation=True)
    play.confirm_facts()
    play.publish("qixia.editor", "response")
    play.assess(level="major")
    play.assess(level="general")
    play.assess(level="major")
    ids = [o.id for o in play.incident.obligations]
    assert len(ids) == len(set(ids))


def test_what_was_met_stays_met_through_every_regrading() -> None:
    play = Play.of()
    play.assess()
    play.confirm_facts()
    play.wait(hours(2))
    play.publish("qixia.editor", "response")
    before = {o.id: o for o in play.incident.obligations}
    play.assess(level="major")
    assert play.owed() == {
        "press_conference": (hours(24), True),
        "rolling_update": (hours(8), False),
        "result": (hours(2 + 168), False),
    }
    play.hold_conference("qixia.head")
    play.assess(level="general")
    play.assess(level="major")
    after = {o.id: o for o in play.incident.obligations}
    assert {key: after[key] for key in before} == before
    assert [o.state for o in play.duties("press_conference")] == [ObligationState.MET]


def test_the_same_duty_at_the_same_instant_is_not_opened_anew() -> None:
    play = Play.of(level="major")
    facts = play.assess(level="especially_major")
    assert "obligation_opened" not in kinds([f for f in facts if getattr(f, "kind", None) != ObligationKind.RESULT])


def test_a_corrected_detection_moves_every_open_clock_and_no_met_one() -> None:
    play = Play.of()
    play.assess()
    play.wait(hours(3))
    play.publish("qixia.editor", "first")
    play.assess(detected_at=(DETECTED - hours(10)).isoformat(), reason="热线记录更早")
    assert play.duties("first_release")[0].state is ObligationState.MET
    assert play.pending("response").due_at == DETECTED + hours(26)
    play.assess("leading.head", detected_at=DETECTED.isoformat(), reason="记录有误")
    assert play.pending("response").due_at == DETECTED + hours(36)
    corrected = [entry.fact.detected_at for entry in play.entries if isinstance(entry.fact, e.Assessed)]
    assert corrected == [DETECTED, DETECTED - hours(10), DETECTED], "both instants are kept"


def test_a_superior_can_only_shorten_and_makes_a_target_a_duty() -> None:
    play = Play.of(category="superior_request")
    ordered = DETECTED + hours(3)
    play.assess(due_by={"first_release": ordered.isoformat(), "response": (DETECTED + hours(12)).isoformat()})
    assert play.owed() == {"first_release": (hours(3), True), "response": (hours(12), True)}
    assert play.pending("response").basis == "superior_order"


def test_an_order_gives_way_to_a_longer_one_with_a_reason_alone() -> None:
    play = Play.of()
    first, longer = ({"response": (DETECTED + hours(at)).isoformat()} for at in (3, 6))
    play.assess(due_by=first)
    assert play.refused("office.duty", c.Assess.model_validate({"due_by": longer})) is Code.REASON_NEEDED
    assert play.pending("response").due_at == DETECTED + hours(3)
    play.assess(due_by=longer, reason="州委办改期通知")
    assert play.pending("response").due_at == DETECTED + hours(6)


def test_an_order_survives_a_detection_corrected_to_after_it_and_is_told_once() -> None:
    play = Play.of()
    ordered = DETECTED + hours(1)
    play.assess(due_by={"response": ordered.isoformat()})
    play.now = DETECTED + hours(5)
    play.assess("leading.head", level="major", detected_at=(DETECTED + hours(2)).isoformat(), reason="记录有误")
    play.assess(level="general")
    assert play.pending("response").due_at == ordered
    told = [fact for fact in play.ring() if isinstance(fact, e.Reminded) and fact.kind == "response"]
    assert [fact.fraction for fact in told] == [1]


# -- waived, ended, reopened ---------------------------------------------------------------------------


def test_waiving_keeps_the_lateness_that_already_ran() -> None:
    play = Play.of(level="major")
    play.wait(hours(25))
    play.do("leading.head", c.Waive(obligation=ObligationKind.PRESS_CONFERENCE, reason="上级统一发布"))
    waived = play.duties("press_conference")[0]
    assert (waived.state, waived.ran_late) == (ObligationState.WAIVED, True)
    play.assess()
    play.assess(level="especially_major")
    assert "press_conference" not in play.owed(), "a waived duty does not come back by itself"


def test_a_target_that_was_waived_stays_so_after_a_duty_took_its_place_for_a_while() -> None:
    play = Play.of()
    play.do("leading.head", c.Waive.model_validate({"obligation": "first_release", "reason": "上级统一发布"}))
    play.assess(level="major")
    assert play.owed()["first_release"] == (hours(4), True)
    play.assess(level="general")
    assert "first_release" not in play.owed()


def test_waiving_a_target_waives_no_duty() -> None:
    play = Play.of()
    play.do("leading.head", c.Waive(obligation=ObligationKind.FIRST_RELEASE, reason="已由上级发布"))
    play.assess(level="major")
    assert play.owed()["first_release"] == (hours(4), True)


def test_ending_supersedes_what_is_owed_and_shows_the_lateness_that_ran() -> None:
    play = Play.of()
    play.wait(hours(5))
    play.assess("office.head", respond=False, reason="不属实")
    assert phase(play) == Phase.DISMISSED
    assert states(play) == [("first_release", "superseded"), ("response", "superseded")]
    assert [o.ran_late for o in play.incident.obligations] == [True, False]


def test_reopening_starts_a_round_of_its_own_and_keeps_the_first() -> None:
    play = Play.of()
    play.assess(investigation=True)
    play.confirm_facts()
    play.publish("qixia.editor", "result")
    play.do("office.duty", c.Close(summary="办结"))
    first_round = play.incident.obligations
    play.wait(hours(100))
    play.do("office.duty", c.Reopen(reason="再次发酵", detected_at=DETECTED + hours(99)))
    incident = play.incident
    assert (incident.round, incident.phase, incident.assessed_at) == (2, Phase.REPORTED, None)
    assert incident.obligations[: len(first_round)] == first_round
    assert play.owed() == {"first_release": (hours(4), False), "response": (hours(36), True)}
    play.assess()
    assert not incident.investigation, "a new round is assessed anew"
    play.confirm_facts()
    play.publish("qixia.editor", "response")
    assert play.owed() == {}, "releases of the first round meet nothing of the second"
    assert play.duties("response")[-1].state is ObligationState.MET


def test_another_round_is_dismissed_as_what_it_is_by_then() -> None:
    play = grave_once()
    assert play.refused("office.head", c.Assess(respond=False, reason="不属实")) is Code.HIGHER_APPROVAL
    play.assess("leading.head", respond=False, reason="不属实")
    play.do("office.duty", c.Reopen(reason="再次发酵"))
    play.assess("office.head", respond=False, reason="不属实")
    assert phase(play) == Phase.DISMISSED


def test_reopening_without_an_instant_counts_from_the_command() -> None:
    play = Play.of()
    play.assess("office.head", respond=False, reason="不属实")
    play.wait(hours(50))
    play.do("office.duty", c.Reopen(reason="属实"))
    assert play.pending("response").due_at == DETECTED + hours(86)


# -- explained -----------------------------------------------------------------------------------------


def test_every_instant_explains_itself_in_both_languages() -> None:
    play = Play.of(level="major")
    policy = play.incident.policy
    conference = play.pending("press_conference")
    assert explain(conference, policy, Language.ZH) == (
        "祥政办通〔2019〕54号第14条：自发现时间（2026-03-18 15:20）起 24 个自然小时"
    )
    assert explain(conference, policy, Language.EN) == (
        "祥政办通〔2019〕54号, Art. 14: 24 natural hours from detection (2026-03-18 15:20 Beijing time)"
    )
    play.assess(due_by={"first_release": (DETECTED + hours(1)).isoformat()})
    assert explain(play.pending("first_release"), policy, Language.EN).endswith("Art. 10; as ordered by a superior")
    assert explain(play.pending("result"), policy, Language.ZH).endswith("首次发布之后起算")


def test_a_policy_of_several_documents_names_the_one_that_rules() -> None:
    play = Play.of("national-2016")
    words = explain(play.pending("response"), policies.load("national-2016"), Language.ZH)
    assert words.startswith("国办发〔2016〕61号：自发现时间")


def test_a_drill_says_how_long_its_hour_is() -> None:
    play = Play.of("drill")
    response, policy = play.pending("response"), play.incident.policy
    assert "36 natural hours of 6 s each (drill) from detection" in explain(response, policy, Language.EN)
    assert explain(response, policy, Language.ZH).endswith(
        "（2026-03-18 15:20:00）起 36 个自然小时（演练，每小时按 6 秒计）"
    )
