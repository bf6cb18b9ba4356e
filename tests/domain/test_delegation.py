"""Posts handed on (A/B 角): who acts for whom is shown, and four eyes count persons, not posts."""

from typing import Any

import pytest

from domain import commands as c
from domain.county import Delegation
from domain.refusals import Code
from domain.vocabulary import Role, StepKind, UnitId
from tests.domain.situations import FIRST, RUMOUR, WORDS
from tests.domain.world import DETECTED, Play, county, hours

APPROVE = c.Approve(release=FIRST, step=StepKind.UNIT_APPROVAL, digest=WORDS)
CLEAR = c.ReviewConfidentiality.model_validate({"release": FIRST, "digest": WORDS, "outcome": "cleared"})


def hand(play: Play, unit: str, principal: str, delegate: str, until: float = 24) -> None:
    """From detection on."""
    fields: dict[str, Any] = {"unit": unit, "principal": principal, "delegate": delegate}
    number = len(play.county.delegations) + 1
    period = {"starts_at": DETECTED, "ends_at": DETECTED + hours(until)}
    handed = Delegation.model_validate({"id": number} | fields | period)
    play.county = play.county.model_copy(update={"delegations": (*play.county.delegations, handed)})


def drafted(officer: str = "qixia.editor", **facts: object) -> Play:
    play = Play.of(**facts)  # type: ignore[arg-type]
    play.draft(officer, text="甲")
    return play


# -- whose post it is ------------------------------------------------------------------------------


def test_a_delegates_decision_shows_both() -> None:
    play = drafted()
    hand(play, "qixia", "qixia.head", "qixia.reviewer")
    play.do("qixia.reviewer", APPROVE)
    by = play.entries[-1].by
    assert by.seat is not None
    assert (by.actor, by.on_behalf_of, by.seat.role) == ("qixia.reviewer", "qixia.head", Role.UNIT_HEAD)
    (decision,) = play.release(FIRST).decisions
    assert (decision.by, decision.on_behalf_of) == ("qixia.reviewer", "qixia.head")


def test_whoever_can_act_in_their_own_right_does() -> None:
    play = drafted()
    hand(play, "qixia", "qixia.head", "qixia.deputy")
    play.do("qixia.deputy", APPROVE)
    assert play.entries[-1].by.on_behalf_of is None


@pytest.mark.parametrize(("at", "may"), [(0, True), (23.9, True), (24, False)])
def test_a_post_is_handed_on_for_its_period_only(at: float, may: bool) -> None:
    play = drafted()
    hand(play, "qixia", "qixia.head", "qixia.reviewer")
    play.wait(hours(at))
    if may:
        play.do("qixia.reviewer", APPROVE)
    else:
        assert play.refused("qixia.reviewer", APPROVE) is Code.NOT_YOUR_STEP


def test_its_holder_may_act_meanwhile() -> None:
    play = drafted()
    hand(play, "qixia", "qixia.head", "qixia.reviewer")
    play.do("qixia.head", APPROVE)


def test_only_the_posts_in_the_unit_are_handed_on_and_none_twice() -> None:
    day = DETECTED + hours(1)
    play = Play.of()
    hand(play, "office", "office.head", "office.reviewer")
    hand(play, "office", "office.reviewer", "office.duty")
    found = play.county.on(day)
    assert found.with_role(Role.LEADING_GROUP) == county().with_role(Role.LEADING_GROUP), "the other post stays"
    assert "office.reviewer" in found.with_role(Role.UNIT_HEAD, UnitId("office"))
    assert "office.duty" not in found.with_role(Role.UNIT_HEAD, UnitId("office"))
    assert "office.duty" in found.with_role(Role.CONFIDENTIALITY_REVIEWER, UnitId("office"))


def test_own_posts_come_first_so_that_the_head_still_heads_the_list() -> None:
    play = Play.of()
    hand(play, "qixia", "qixia.head", "qixia.editor")
    assert play.roster().heads[UnitId("qixia")] == ("qixia.head", "qixia.editor", "qixia.deputy")


# -- four eyes ------------------------------------------------------------------------------


def test_a_delegate_takes_no_second_step() -> None:
    play = drafted()
    hand(play, "qixia", "qixia.head", "qixia.reviewer")
    play.do("qixia.reviewer", APPROVE)
    assert play.refused("qixia.reviewer", CLEAR) is Code.SECOND_STEP
    play.do("office.reviewer", CLEAR)


def test_nor_does_their_principal_once_it_was_done_for_them() -> None:
    play = drafted(level="major")
    hand(play, "qixia", "qixia.reviewer", "qixia.editor")
    hand(play, "qixia", "qixia.head", "qixia.reviewer")
    play.do("qixia.reviewer", APPROVE)
    assert "qixia.head" not in play.holders(FIRST, play.open_steps(FIRST)[0])


def test_a_post_of_who_wrote_it_gives_nobody_else_the_right_to_decide() -> None:
    play = drafted("qixia.head")
    hand(play, "qixia", "qixia.head", "qixia.reviewer")
    assert play.refused("qixia.reviewer", APPROVE) in (Code.NOT_YOUR_STEP, Code.OWN_DRAFT)
    play.do("qixia.deputy", APPROVE)


def test_a_delegate_who_wrote_it_does_not_decide_as_somebody_else() -> None:
    play = drafted()
    hand(play, "qixia", "qixia.head", "qixia.editor")
    assert play.refused("qixia.editor", APPROVE) is Code.OWN_DRAFT
    play.do("qixia.head", APPROVE)


def test_who_had_it_written_decides_nothing_on_it() -> None:
    play = Play.of()
    hand(play, "qixia", "qixia.head", "qixia.reviewer")
    play.draft("qixia.reviewer", text="甲")
    assert play.release(FIRST).authors == {"qixia.reviewer", "qixia.head"}
    assert play.refused("qixia.head", APPROVE) is Code.OWN_DRAFT
    play.do("qixia.deputy", APPROVE)


def test_standing_in_for_somebody_else_takes_nobodys_own_right() -> None:
    play = drafted(level="major")
    hand(play, "qixia", "qixia.reviewer", "qixia.deputy")
    play.do("qixia.reviewer", CLEAR)
    play.do("qixia.deputy", APPROVE)
    assert [decision.on_behalf_of for decision in play.release(FIRST).decisions] == [None, None]


def test_a_substitute_from_elsewhere_does_not_act_for_who_may_not() -> None:
    play = drafted(level="major")
    hand(play, "liuba", "liuba.head", "liuba.editor")
    to_head = {"release": FIRST, "step": "unit_approval", "officer": "liuba.head", "reason": "外出"}
    play.do("office.duty", c.AssignStep.model_validate(to_head))
    play.do("liuba.head", APPROVE)
    play.do("qixia.reviewer", CLEAR)
    play.assess(townships=["qixia"], departments=["market", "health"])
    opened = play.open_steps(FIRST)
    assert opened
    to_delegate = to_head | {"officer": "liuba.editor", "step": str(opened[0].kind), "unit": str(opened[0].unit)}
    play.do("office.duty", c.AssignStep.model_validate(to_delegate))
    decide = APPROVE.model_copy(update={"step": opened[0].kind})
    assert play.refused("liuba.editor", decide) is Code.SECOND_STEP


def test_a_disagreement_is_not_settled_for_who_wrote_it() -> None:
    play = Play.of(departments=["market", "health"])
    play.confirm_facts()
    play.draft("office.duty", "response", text="甲")
    hand(play, "office", "office.duty", "office.reviewer")
    for officer in ("office.head", "market.head"):
        play.do(officer, APPROVE)
    back = {"release": FIRST, "step": "cosign", "digest": WORDS, "reason": "口径不一"}
    play.do("health.head", c.ReturnRelease.model_validate(back))
    settle = c.SettleDisagreement.model_validate(
        {"release": FIRST, "unit": "health", "digest": WORDS, "reason": "以主管部门为准"}
    )
    assert play.refused("office.reviewer", settle) is Code.OWN_DRAFT
    assert play.refused("office.head", settle) is Code.SECOND_STEP
    play.do("office.duty2", settle)


def test_an_emergency_is_not_ordered_for_who_wrote_it() -> None:
    play = drafted("office.head")
    hand(play, "leading", "office.head", "office.deputy")
    order = c.EmergencyRelease(release=FIRST, digest=WORDS, reason="险情紧急")
    assert play.refused("office.deputy", order) is Code.OWN_DRAFT
    play.do("leading.head", order)


def test_a_referral_is_not_confirmed_for_who_proposed_it() -> None:
    play = Play.of()
    play.confirm_facts()
    play.draft("qixia.editor", "response", text="甲")
    hand(play, "office", "office.duty", "office.reviewer")
    confirm = c.ConfirmReferral(referral="r1")
    play.do("office.duty", c.ReferRumour.model_validate(RUMOUR))
    assert play.refused("office.reviewer", confirm) is Code.OWN_REFERRAL
    play.do("office.duty2", confirm)


def test_nor_by_who_had_it_proposed() -> None:
    play = Play.of()
    play.confirm_facts()
    play.draft("qixia.editor", "response", text="甲")
    hand(play, "office", "office.duty", "office.reviewer")
    play.do("office.reviewer", c.ReferRumour.model_validate(RUMOUR))
    assert play.refused("office.duty", c.ConfirmReferral(referral="r1")) is Code.OWN_REFERRAL
    play.do("office.duty2", c.ConfirmReferral(referral="r1"))


# -- whose word it takes ------------------------------------------------------------------------------


def acted_for(play: Play, kind: str) -> tuple[str | None, Role | None]:
    """On whose behalf the latest entry of `kind` was made, and in which role."""
    by = next(entry.by for entry in reversed(play.entries) if entry.fact.type == kind)
    return by.on_behalf_of, by.seat.role if by.seat else None


def test_a_delegate_in_the_county_office_signs_for_the_unit_as_its_head() -> None:
    play = Play.of(townships=[], level="major")
    play.draft("office.duty2", text="甲")
    hand(play, "office", "office.deputy", "office.duty")
    play.do("office.duty", APPROVE)
    assert acted_for(play, "step_decided") == ("office.deputy", Role.UNIT_HEAD)
    play.do("office.reviewer", CLEAR)
    (opened,) = play.open_steps(FIRST)
    assert "office.deputy" not in play.holders(FIRST, opened), "nobody has two steps of one version taken"


def test_a_reviewer_returns_for_the_head_whose_post_it_is() -> None:
    play = drafted()
    hand(play, "qixia", "qixia.head", "qixia.reviewer")
    back = {"release": FIRST, "step": "unit_approval", "digest": WORDS, "reason": "数字有误"}
    play.do("qixia.reviewer", c.ReturnRelease.model_validate(back))
    assert acted_for(play, "step_decided") == ("qixia.head", Role.UNIT_HEAD)


def test_what_only_the_offices_head_dismisses_is_dismissed_for_them() -> None:
    play = Play.of()
    hand(play, "office", "office.head", "office.duty")
    play.assess(respond=False, reason="与本县无关")
    assert acted_for(play, "assessed") == ("office.head", Role.COUNTY_OFFICE)


def test_any_other_assessment_is_the_officers_own() -> None:
    play = Play.of()
    hand(play, "office", "office.head", "office.duty")
    play.assess(level="significant")
    assert acted_for(play, "assessed") == (None, Role.COUNTY_OFFICE)


def test_what_only_the_leading_groups_head_waives_is_waived_for_them() -> None:
    play = Play.of()
    hand(play, "leading", "leading.head", "office.head")
    play.do("office.head", c.Waive.model_validate({"obligation": "response", "reason": "上级统一回应"}))
    assert acted_for(play, "obligation_waived") == ("leading.head", Role.LEADING_GROUP)
