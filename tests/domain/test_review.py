"""Review steps: which are asked of whom, in which order, and who may take them (Art. 3, 11)."""

import pytest

from domain import commands as c
from domain.refusals import Code
from domain.releases import Step, holders
from domain.vocabulary import OfficerId, ReleaseId, StepKind, UnitId
from tests.domain.world import Play, digest, hours, roster

LESSER = ("ungraded", "general", "significant")
GRAVE = ("major", "especially_major")


def step(kind: str, unit: str) -> Step:
    return Step(StepKind(kind), UnitId(unit))


def opened(play: Play, release: ReleaseId) -> str:
    return " ".join(f"{step.kind}@{step.unit}" for step in play.open_steps(release))


def order(play: Play, release: ReleaseId) -> list[str]:
    """The sets of steps as they open one after another."""
    found: list[str] = []
    while now_open := opened(play, release):
        found.append(now_open)
        for one in play.open_steps(release):
            play.sign(play.holders(release, one)[0], release, one.kind)
    return found


def assign(release: ReleaseId, kind: str, officer: str, unit: str | None = None) -> c.AssignStep:
    fields = {"release": release, "step": kind, "officer": officer, "reason": "本人在外"}
    return c.AssignStep.model_validate(fields | ({"unit": unit} if unit else {}))


# -- which steps -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["first", "update"])
def test_first_and_update_pass_head_and_reviewer_and_at_grave_levels_the_county(kind: str) -> None:
    for level in LESSER:
        play = Play.of(level=level, departments=["market", "health"])
        release = play.draft("market.editor", kind)
        assert order(play, release) == ["unit_approval@market", "confidentiality@market"]
    for level in GRAVE:
        play = Play.of(level=level, departments=["market", "health"])
        release = play.draft("market.editor", kind)
        assert order(play, release) == ["unit_approval@market confidentiality@market", "county_approval@office"]


@pytest.mark.parametrize("kind", ["response", "result", "interpretation"])
def test_a_response_is_cosigned_by_every_other_department_before_the_reviewer(kind: str) -> None:
    for level in (*LESSER, *GRAVE):
        play = Play.of(level=level, departments=["market", "health"], superior_department="education")
        play.confirm_facts()
        lead = play.incident.route.lead
        others = [unit for unit in ("market", "health", "education") if unit != lead]
        release = play.draft(f"{lead}.editor", kind)
        cosigned = " ".join(f"cosign@{unit}" for unit in others)
        county = ["county_approval@office"] if level in GRAVE else []
        assert order(play, release) == [f"unit_approval@{lead}", cosigned, f"confidentiality@{lead}", *county]


def test_one_department_and_a_township_need_no_cosignature() -> None:
    play = Play.of(departments=["market"])
    play.confirm_facts()
    release = play.draft("qixia.editor", "response")
    assert order(play, release) == ["unit_approval@qixia", "confidentiality@qixia"]


def test_a_release_drafted_outside_the_lead_also_needs_the_leads_head() -> None:
    play = Play.of(departments=["market", "health", "water"])
    play.confirm_facts()
    release = play.draft("health.editor", "response")
    assert order(play, release) == [
        "unit_approval@health unit_approval@market",
        "cosign@water",
        "confidentiality@health",
    ]
    from_the_township = play.draft("qixia.editor", "response")
    assert order(play, from_the_township)[:2] == [
        "unit_approval@qixia unit_approval@market",
        "cosign@health cosign@water",
    ]


# -- regrading a release in review -------------------------------------------------------------------------


def test_a_release_in_review_takes_on_the_steps_of_a_higher_level_and_keeps_its_decisions() -> None:
    play = Play.of()
    release = play.draft("qixia.editor")
    play.sign("qixia.head", release, "unit_approval")
    play.assess(level="major")
    assert play.steps(release) == {
        "unit_approval@qixia": "approved",
        "confidentiality@qixia": "open",
        "county_approval@office": "waiting",
    }
    play.sign("qixia.reviewer", release, "confidentiality")
    assert not play.release(release).intents
    play.sign("office.duty", release, "county_approval")
    assert play.release(release).intents


def test_regrading_down_publishes_what_only_waited_for_the_county() -> None:
    play = Play.of(level="major", departments=["water", "land"])
    release = play.draft("water.editor")
    play.sign("water.head", release, "unit_approval")
    play.sign("water.reviewer", release, "confidentiality")
    assert opened(play, release) == "county_approval@office"
    play.assess(level="significant")
    assert play.release(release).intents


def test_a_new_lead_must_also_approve_what_the_old_one_drafted() -> None:
    play = Play.of(departments=["market", "health"])
    release = play.draft("market.editor")
    play.sign("market.head", release, "unit_approval")
    play.assess(lead="health")
    assert play.steps(release) == {
        "unit_approval@market": "approved",
        "unit_approval@health": "open",
        "confidentiality@market": "waiting",
    }


def test_a_department_that_joins_is_asked_to_cosign_though_the_review_was_further_on() -> None:
    play = Play.of(departments=["market", "health"])
    play.confirm_facts()
    release = play.draft("market.editor", "response")
    play.sign("market.head", release, "unit_approval")
    play.sign("health.head", release, "cosign")
    play.assess(departments=["market", "health", "education"])
    assert opened(play, release) == "cosign@education"
    assert play.steps(release)["confidentiality@market"] == "waiting"


# -- four eyes ---------------------------------------------------------------------------------------------


def test_the_author_of_any_version_decides_nothing_on_the_release() -> None:
    play = Play.of()
    release = play.draft("qixia.head", text="甲")
    play.revise("qixia.editor", release, "乙")
    assert play.refused("qixia.head", play.passing(release, StepKind.UNIT_APPROVAL)) is Code.OWN_DRAFT
    assert play.holders(release, step("unit_approval", "qixia")) == ("qixia.deputy",)


def test_no_person_takes_two_steps_of_one_version_whatever_their_posts() -> None:
    play = Play.of(level="major", townships=[])
    assert play.incident.route.lead == "office"
    release = play.draft("office.duty")
    play.sign("office.head", release, "unit_approval")
    play.sign("office.reviewer", release, "confidentiality")
    assert play.refused("office.head", play.passing(release, StepKind.COUNTY_APPROVAL)) is Code.SECOND_STEP
    assert play.holders(release, step("county_approval", "office")) == (
        "office.deputy",
        "office.duty2",
        "leading.head",
    )


def test_having_decided_on_an_earlier_version_bars_nobody() -> None:
    play = Play.of(level="major", townships=[])
    release = play.draft("office.duty")
    play.sign("office.head", release, "unit_approval")
    play.revise("office.duty", release, "乙")
    play.sign("office.deputy", release, "unit_approval")
    play.sign("office.reviewer", release, "confidentiality")
    play.sign("office.head", release, "county_approval")


def test_a_head_is_never_asked_for_two_units_at_once() -> None:
    play = Play.of(departments=["market", "health"])
    release = play.draft("qixia.head", text="甲")
    play.revise("qixia.deputy", release, "乙")
    play.revise("market.head", release, "丙")
    play.revise("market.deputy", release, "丁")
    # Both units' heads wrote it: the county office's take their places, one each.
    assert play.holders(release, step("unit_approval", "qixia")) == ("office.head", "office.deputy")
    assert play.holders(release, step("unit_approval", "market")) == ("office.head", "office.deputy")
    play.sign("office.head", release, "unit_approval")
    remaining = play.open_steps(release)
    assert len(remaining) == 1
    assert play.holders(release, remaining[0]) == ("office.deputy",)


# -- substitutes -------------------------------------------------------------------------------------------


def test_the_deputy_then_the_county_office_stand_in_for_a_head() -> None:
    play = Play.of()
    release = play.draft("qixia.editor", text="甲")
    approval = step("unit_approval", "qixia")
    assert play.holders(release, approval) == ("qixia.head", "qixia.deputy")
    play.revise("qixia.head", release, "乙")
    assert play.holders(release, approval) == ("qixia.deputy",)
    play.revise("qixia.deputy", release, "丙")
    assert play.holders(release, approval) == ("office.head", "office.deputy")
    play.revise("office.head", release, "丁")
    play.revise("office.deputy", release, "戊")
    assert play.holders(release, approval) == ("leading.head",)


def test_regrading_down_may_give_the_matter_to_the_township_whose_head_then_approves_too() -> None:
    play = Play.of(level="major", departments=["water"])
    release = play.draft("water.editor")
    play.sign("water.head", release, "unit_approval")
    play.sign("water.reviewer", release, "confidentiality")
    play.assess(level="significant")
    assert play.incident.route.lead == "qixia"
    assert opened(play, release) == "unit_approval@qixia"


def test_a_missing_reviewer_is_replaced_by_the_offices_then_publicitys() -> None:
    play = Play.of()
    release = play.release(play.draft("qixia.editor"))
    review, everybody = step("confidentiality", "qixia"), roster(play.incident.units)
    expected = ["qixia.reviewer", "office.reviewer", "publicity.reviewer", None]
    for left, reviewer in enumerate(expected):
        gone = {UnitId(unit): () for unit in ("qixia", "office", "publicity")[:left]}
        remaining = everybody.model_copy(update={"reviewers": everybody.reviewers | gone})
        assert holders(release, review, remaining) == ((reviewer,) if reviewer else ())


def test_the_county_office_names_a_substitute_for_somebody_absent() -> None:
    play = Play.of()
    release = play.draft("qixia.editor")
    play.wait(hours(1))
    play.do("office.duty", assign(release, "unit_approval", "liuba.head"))
    assert play.holders(release, step("unit_approval", "qixia")) == ("liuba.head", "qixia.head", "qixia.deputy")
    facts = play.sign("liuba.head", release, "unit_approval")
    assert facts
    assert play.entries[-1].by.seat is not None
    assert play.entries[-1].by.seat.unit == "liuba"


def test_a_substitute_stays_named_when_the_text_is_edited() -> None:
    play = Play.of()
    release = play.draft("qixia.editor")
    play.do("leading.head", assign(release, "confidentiality", "liuba.reviewer"))
    play.revise("qixia.editor", release, "改过的稿件")
    play.sign("qixia.head", release, "unit_approval")
    play.sign("liuba.reviewer", release, "confidentiality")


def test_a_substitute_is_bound_by_four_eyes_and_needs_an_office_of_the_kind() -> None:
    play = Play.of()
    release = play.draft("qixia.head", text="甲")
    assert play.refused("office.duty", assign(release, "unit_approval", "qixia.head")) is Code.OWN_DRAFT
    assert play.refused("office.duty", assign(release, "unit_approval", "liuba.editor")) is Code.NOT_PERMITTED
    assert play.refused("office.duty", assign(release, "confidentiality", "liuba.head")) is Code.NOT_PERMITTED
    play.sign("qixia.deputy", release, "unit_approval")
    assert play.refused("office.duty", assign(release, "confidentiality", "qixia.deputy")) is Code.SECOND_STEP
    assert play.refused("office.duty", assign(release, "unit_approval", "liuba.head")) is Code.NO_SUCH_STEP
    assert play.refused("qixia.head", assign(release, "confidentiality", "liuba.reviewer")) is Code.NOT_PERMITTED


def test_a_substitute_who_becomes_an_author_loses_the_step() -> None:
    play = Play.of(departments=["market", "health"])
    release = play.draft("health.editor")
    play.do("office.duty", assign(release, "unit_approval", "market.deputy", unit="health"))
    play.revise("market.deputy", release, "改过的稿件")
    assert "market.deputy" not in play.holders(release, step("unit_approval", "health"))


def test_where_two_units_hold_the_same_step_the_substitution_says_which() -> None:
    play = Play.of(departments=["market", "health"])
    release = play.draft("health.editor")
    assert play.refused("office.duty", assign(release, "unit_approval", "liuba.head")) is Code.MALFORMED
    play.do("office.duty", assign(release, "unit_approval", "liuba.head", unit="market"))
    assert play.holders(release, step("unit_approval", "market"))[0] == "liuba.head"


# -- exactly these words -------------------------------------------------------------------------------------


def test_a_decision_on_other_words_is_refused() -> None:
    play = Play.of()
    release = play.draft("qixia.editor", text="甲")
    play.revise("qixia.editor", release, "乙")
    stale = c.Approve(release=release, step=StepKind.UNIT_APPROVAL, digest=digest("甲"))
    assert play.refused("qixia.head", stale) is Code.STALE_DIGEST


def test_steps_are_taken_in_order_and_once() -> None:
    play = Play.of(departments=["market", "health"])
    play.confirm_facts()
    release = play.draft("market.editor", "response")
    assert play.refused("health.head", play.passing(release, StepKind.COSIGN)) is Code.STEP_NOT_OPEN
    play.sign("market.head", release, "unit_approval")
    assert play.refused("market.head", play.passing(release, StepKind.UNIT_APPROVAL)) is Code.STEP_NOT_OPEN
    assert play.refused("market.deputy", play.passing(release, StepKind.UNIT_APPROVAL)) is Code.STEP_NOT_OPEN


def test_a_clearance_is_no_mere_approval() -> None:
    play = Play.of()
    release = play.draft("qixia.editor", text="甲")
    play.sign("qixia.head", release, "unit_approval")
    approve = c.Approve(release=release, step=StepKind.CONFIDENTIALITY, digest=digest("甲"))
    assert play.refused("qixia.reviewer", approve) is Code.MALFORMED


def test_a_refused_step_names_those_who_hold_it() -> None:
    play = Play.of()
    release = play.draft("qixia.editor")
    ruling = play.attempt("liuba.head", play.passing(release, StepKind.UNIT_APPROVAL))
    assert ruling.refusal is not None
    assert ruling.refusal.code is Code.NOT_YOUR_STEP
    assert ruling.refusal.params["holders"] == "qixia.head,qixia.deputy"
    assert OfficerId(ruling.refusal.params["actor"]) == "liuba.head"
