"""Emergency releases: out once confidentiality is cleared; what was skipped is decided afterwards, and must be."""

import pytest

from domain import commands as c
from domain import events as e
from domain.publishing import remedies, skipped
from domain.refusals import Code
from domain.vocabulary import Channel, IncidentId, ReleaseKind, ReleaseState, StepKind
from tests.domain.situations import FIRST, OTHER_WORDS, WORDS, approved, drafted, ordered, ordered_out
from tests.domain.test_alarms import chased
from tests.domain.world import DETECTED, Play, hours, minutes

ORDER = c.EmergencyRelease(release=FIRST, digest=WORDS, reason="险情紧急")
BACK = c.ReturnRelease(release=FIRST, step=StepKind.UNIT_APPROVAL, digest=WORDS, reason="数字有误")


def test_an_order_opens_every_step_at_once_and_publishes_nothing_uncleared() -> None:
    play = drafted()
    assert play.steps(FIRST)["confidentiality@qixia"] == "waiting"
    play.do("leading.head", ORDER)
    assert play.steps(FIRST) == {"unit_approval@qixia": "open", "confidentiality@qixia": "open"}
    assert not play.release(FIRST).intents
    play.sign("qixia.reviewer", FIRST, "confidentiality")
    assert play.release(FIRST).state is ReleaseState.PUBLISHING


def test_the_same_clearance_publishes_nothing_without_an_order() -> None:
    play = drafted()
    review = play.passing(FIRST, StepKind.CONFIDENTIALITY)
    assert play.refused("qixia.reviewer", review) is Code.STEP_NOT_OPEN


def test_a_clearance_given_before_the_order_is_enough() -> None:
    play = Play.of(level="major", departments=["water"])
    release = play.draft("water.editor", text="甲")
    play.sign("water.reviewer", release, "confidentiality")
    assert not play.release(release).intents
    play.do("leading.head", ORDER)
    assert play.release(release).intents


def test_what_confidentiality_refuses_stays_in() -> None:
    play = ordered()
    refused = {"release": FIRST, "digest": WORDS, "outcome": "refused", "ground": "state_secret"}
    play.do("qixia.reviewer", c.ReviewConfidentiality.model_validate(refused))
    assert play.release(FIRST).state is ReleaseState.REFUSED
    assert not play.release(FIRST).intents


def test_an_order_holds_for_exactly_its_words() -> None:
    play = ordered()
    play.revise("qixia.editor", FIRST, "乙")
    assert play.steps(FIRST) == {"unit_approval@qixia": "open", "confidentiality@qixia": "waiting"}
    play.do("leading.head", ORDER.model_copy(update={"digest": OTHER_WORDS}))
    assert play.release(FIRST).in_emergency


def test_who_wrote_it_does_not_order_it_out() -> None:
    play = Play.of()
    play.draft("office.head", text="甲")
    assert play.refused("office.head", ORDER) is Code.OWN_DRAFT
    play.do("leading.head", ORDER)


def test_those_who_were_skipped_decide_afterwards_and_are_chased_until_they_do() -> None:
    play = ordered_out()
    play.assess()
    assert skipped(play.incident) == (FIRST,)
    assert chased(play.wait(hours(3)), "step") == [
        (1, "holders"),
        (2, "holders county_office"),
        (3, "county_office leading_group"),
    ]
    play.sign("qixia.head", FIRST, "unit_approval")
    assert skipped(play.incident) == ()
    assert chased(play.wait(hours(3)), "step") == []


@pytest.mark.parametrize("decided", [False, True])
def test_nothing_is_closed_before_they_have(decided: bool) -> None:
    play = ordered_out()
    play.assess()
    play.do("leading.head", c.Waive.model_validate({"obligation": "response", "reason": "统一发布"}))
    if decided:
        play.sign("qixia.head", FIRST, "unit_approval")
        play.do("office.duty", c.Close(summary="办结"))
        return
    assert play.refused("office.duty", c.Close(summary="办结")) is Code.STEPS_OWED
    merge = c.MergeInto(survivor=IncidentId("b2b2b2b2b2b2"), reason="同一事件")
    assert play.refused("office.duty", merge) is Code.STEPS_OWED


def test_a_late_return_obliges_a_correction_or_a_withdrawal() -> None:
    play = ordered_out()
    play.assess()
    play.wait(minutes(5))
    play.do("qixia.head", BACK)
    (remedy,) = remedies(play.incident)
    assert (remedy.release, remedy.cause, remedy.since) == (FIRST, "returned", play.now)
    play.do("leading.head", c.Waive.model_validate({"obligation": "response", "reason": "统一发布"}))
    assert play.refused("office.duty", c.Close(summary="办结")) is Code.REMEDY_OWED
    assert chased(play.wait(hours(3)), "remedy") == [
        (1, "unit county_office"),
        (2, "unit_head county_office leading_group"),
    ]


def test_a_correction_makes_a_late_return_good() -> None:
    play = ordered_out()
    play.do("qixia.head", BACK)
    play.publish("qixia.editor", "correction", corrects=FIRST)
    assert remedies(play.incident) == ()
    assert play.release(FIRST).state is ReleaseState.CORRECTED


def test_a_withdrawal_makes_a_late_return_good_and_owes_what_every_withdrawal_owes() -> None:
    play = ordered_out()
    play.do("qixia.head", BACK)
    play.do("office.duty", c.WithdrawRelease(release=FIRST, reason="数字有误"))
    assert [remedy.cause for remedy in remedies(play.incident)] == ["withdrawn"]


def test_a_late_return_stops_the_channels_that_are_still_to_come() -> None:
    play = Play.of()
    play.draft("qixia.editor", text="甲", channels=["bulletin", "weibo"])
    play.do("leading.head", ORDER)
    play.sign("qixia.reviewer", FIRST, "confidentiality")
    assert {intent.channel for intent in play.release(FIRST).intents} == {Channel.BULLETIN}
    play.do("qixia.head", BACK)
    facts = play.receive(FIRST)
    assert not [fact for fact in facts if isinstance(fact, e.PublicationIntended)], "Weibo is called no more"


def test_an_approval_afterwards_lets_it_go_on_to_the_other_channels() -> None:
    play = Play.of()
    play.draft("qixia.editor", text="甲", channels=["bulletin", "weibo"])
    play.do("leading.head", ORDER)
    play.sign("qixia.reviewer", FIRST, "confidentiality")
    play.sign("qixia.head", FIRST, "unit_approval")
    facts = play.receive(FIRST)
    assert [f.channel for f in facts if isinstance(f, e.PublicationIntended)] == [Channel.WEIBO]


def test_who_cleared_it_in_the_emergency_takes_no_other_step_afterwards() -> None:
    play = Play.of(level="major", departments=["water"])
    release = play.draft("water.editor", text="甲")
    play.do("leading.head", ORDER)
    play.sign("office.duty", release, "county_approval")
    approval = {"release": release, "step": "unit_approval", "officer": "office.duty", "reason": "外出"}
    assert play.refused("office.deputy", c.AssignStep.model_validate(approval)) is Code.SECOND_STEP


def test_a_department_that_disagrees_afterwards_can_be_overruled() -> None:
    play = Play.of(departments=["market", "health"])
    play.confirm_facts()
    play.draft("market.editor", "response", text="甲")
    play.do("leading.head", ORDER)
    play.sign("market.reviewer", FIRST, "confidentiality")
    play.receive(FIRST)
    play.do("health.head", BACK.model_copy(update={"step": StepKind.COSIGN}))
    assert remedies(play.incident)
    settle = {"release": FIRST, "unit": "health", "digest": WORDS, "reason": "以主管部门为准"}
    play.do("office.duty", c.SettleDisagreement.model_validate(settle))
    assert remedies(play.incident) == ()
    assert play.release(FIRST).kind is ReleaseKind.RESPONSE


def test_an_order_meets_the_duty_at_the_instant_of_its_receipt() -> None:
    play = approved()
    play.do("leading.head", ORDER)
    play.wait_until(DETECTED + hours(1))
    play.sign("qixia.reviewer", FIRST, "confidentiality")
    play.receive(FIRST)
    (first,) = play.duties("first_release")
    assert (first.state, first.met_at) == ("met", DETECTED + hours(1))
