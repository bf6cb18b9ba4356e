"""Two incidents become one (Art. 2): the earliest detection, the higher level, all units; what was public counts."""

import pytest

from domain import commands as c
from domain import events as e
from domain.merging import brought
from domain.refusals import Code, RefusalRecord
from domain.vocabulary import IncidentId, Level, ObligationKind, ObligationState, Phase
from tests.domain.situations import (
    SURVIVOR,
    absorbing,
    blocked,
    going_out,
    head_of_the_office_only,
    merged,
    merging,
    ordered_out,
    tasked,
    withdrawn,
)
from tests.domain.world import DETECTED, INCIDENT, Play, hours, submission

INTO = c.MergeInto(survivor=SURVIVOR, reason="同一事件")
ABSORB = c.Absorb(incident=INCIDENT)


def ending(play: Play) -> Play:
    """It has asked to be taken in."""
    play.do("office.duty", INTO)
    return play


def survivor(asking: Play, after: float = 0, **facts: object) -> Play:
    """A matter of 白石镇, detected some hours later, which has just been asked."""
    play = Play(now=max(asking.now, DETECTED + hours(after)), incident=SURVIVOR)
    detected = (DETECTED + hours(after)).isoformat()
    given = {"townships": ["baishi"], "detected_at": detected} | facts
    play.do("baishi.editor", c.Submit.model_validate(submission(**given)))
    play.asking = asking.incident
    return play


# -- the one that ends ------------------------------------------------------------------------------


def test_it_asks_and_ends_only_once_it_was_taken_in() -> None:
    play = merging()
    assert play.incident.merging is not None
    assert not play.incident.phase.ended
    facts = play.effect(e.Merged(survivor=SURVIVOR))
    assert play.incident.phase is Phase.MERGED
    assert {type(fact) for fact in facts} == {e.Merged, e.PhaseChanged, e.ObligationSuperseded}


def test_refused_it_stays_open_and_goes_on() -> None:
    play = merging()
    refusal = RefusalRecord(code=Code.INCIDENT_ENDED, params={"phase": "closed"})
    play.effect(e.MergeRefused(survivor=SURVIVOR, refusal=refusal))
    assert play.incident.merging is None
    play.assess()
    play.do("office.duty", INTO)


def test_nothing_is_left_behind() -> None:
    for world, code in (
        (going_out, Code.PUBLICATION_UNDER_WAY),
        (blocked, Code.PUBLICATION_UNDER_WAY),
        (ordered_out, Code.STEPS_OWED),
        (withdrawn, Code.REMEDY_OWED),
        (tasked, Code.TASKS_PENDING),
    ):
        assert world().refused("office.duty", INTO) is code


def test_nothing_goes_out_while_it_waits_for_an_answer() -> None:
    play = Play.of()
    release = play.draft("qixia.editor", embargo_until=(DETECTED + hours(1)).isoformat())
    play.sign_all(release)
    play.do("office.duty", INTO)
    play.wait(hours(2))
    assert not play.release(release).intents
    refusal = RefusalRecord(code=Code.INCIDENT_ENDED, params={"phase": "closed"})
    play.effect(e.MergeRefused(survivor=SURVIVOR, refusal=refusal))
    assert play.release(release).intents


def test_a_merged_incident_is_never_reopened() -> None:
    assert merged().refused("office.duty", c.Reopen(reason="再次发酵")) is Code.MERGED_AWAY


# -- the one that goes on ------------------------------------------------------------------------------


def test_it_takes_the_earliest_detection_the_higher_level_and_all_units() -> None:
    play = survivor(ending(Play.of(level="significant", departments=["water"])), after=3)
    play.do("office.duty", ABSORB)
    state = play.incident
    assert (state.detected_at, state.level) == (DETECTED, "significant")
    assert state.townships == ("baishi", "qixia")
    assert state.departments == ("water",)
    assert state.reporters == {"baishi", "qixia"}
    assert (state.route.lead, state.route.reason) == ("office", "several_townships")


def test_it_never_takes_a_later_detection_or_a_lower_level() -> None:
    play = survivor(ending(Play.of(level="general")), level="major")
    before = play.incident
    later = play.asking
    assert later is not None
    play.asking = later.model_copy(update={"detected_at": DETECTED + hours(1)})
    play.now += hours(2)
    play.do("office.duty", ABSORB)
    assert (play.incident.detected_at, play.incident.level) == (before.detected_at, before.level)


def test_its_duties_count_from_the_earlier_detection_and_may_be_overdue_at_once() -> None:
    play = survivor(ending(Play.of(level="major", departments=["water"])), after=30)
    play.do("office.duty", ABSORB)
    assert play.owed() == {"first_release": (hours(4), True), "press_conference": (hours(24), True)}
    assert play.pending("press_conference").overdue(play.now)
    states = {o.kind: o.state for o in play.incident.obligations if not o.pending}
    assert states[ObligationKind.RESPONSE] is ObligationState.SUPERSEDED


def test_what_the_other_had_published_meets_duties_and_its_conference_too() -> None:
    other = Play.of(level="major", departments=["water"])
    other.publish("water.editor", "first")
    other.hold_conference("water.head")
    play = survivor(ending(other), after=1)
    play.do("office.duty", ABSORB)
    assert [o.state for o in play.duties("first_release") if o.hard] == ["met"]
    assert [o.state for o in play.duties("press_conference")] == ["met"]
    assert "rolling_update" in play.owed()


def test_what_the_other_had_withdrawn_meets_nothing() -> None:
    other = Play.of()
    release = other.publish("qixia.editor", "first")
    other.do("office.duty", c.WithdrawRelease(release=release, reason="有误"))
    other.effect(e.Retracted(release=release, version=1, channel=other.policy.mandatory_channel, at=other.now))
    assert brought(other.incident).releases == ()


def test_an_incident_brings_what_it_had_absorbed_itself() -> None:
    middle = survivor(ending(Play.of(departments=["water"])))
    middle.do("office.duty", ABSORB)
    carried = brought(middle.incident)
    assert set(carried.reporters) == {"baishi", "qixia"}
    assert carried.departments == ("water",)


def test_a_superiors_request_and_order_go_along() -> None:
    other = Play.of(category="superior_request")
    other.assess(due_by={"response": (DETECTED + hours(10)).isoformat()})
    play = survivor(ending(other))
    play.do("office.duty", ABSORB)
    assert play.incident.categories == ("livelihood", "superior_request")
    assert play.owed()["response"] == (hours(10), True)
    dismiss = c.Assess(respond=False, reason="不属实")
    assert play.refused("office.deputy", dismiss) is Code.HIGHER_APPROVAL


def test_what_the_other_was_graded_once_still_decides_who_dismisses() -> None:
    other = Play.of(level="major")
    other.assess(level="general")
    play = head_of_the_office_only(survivor(ending(other)))
    play.do("office.duty", ABSORB)
    assert play.incident.level is Level.GENERAL
    assert play.refused("office.head", c.Assess(respond=False, reason="不属实")) is Code.HIGHER_APPROVAL


def test_only_one_that_has_asked_this_very_incident_is_taken_in() -> None:
    play = absorbing()
    assert play.asking is not None
    asking = play.asking
    for other in (None, asking.model_copy(update={"merging": None})):
        play.asking = other
        assert play.refused("office.duty", ABSORB) is Code.NO_MERGE_INTENDED
    assert asking.merging is not None
    elsewhere = asking.merging.model_copy(update={"survivor": IncidentId("c3c3c3c3c3c3")})
    play.asking = asking.model_copy(update={"merging": elsewhere})
    assert play.refused("office.duty", ABSORB) is Code.NO_MERGE_INTENDED
    play.asking = asking
    play.do("office.duty", ABSORB)


def test_two_that_ask_each_other_are_both_refused() -> None:
    play = absorbing()
    play.do("office.duty", c.MergeInto(survivor=INCIDENT, reason="同一事件"))
    assert play.refused("office.duty", ABSORB) is Code.MERGE_UNDER_WAY


def test_what_the_other_had_published_late_is_late_here_too() -> None:
    other = Play.of()
    other.wait(hours(4.5))
    other.publish("qixia.editor", "first")
    play = survivor(ending(other), after=1)
    assert play.pending("first_release").due_at == DETECTED + hours(5)
    play.do("office.duty", ABSORB)
    states = [o.state for o in play.duties("first_release")]
    assert states == [ObligationState.SUPERSEDED, ObligationState.MET_LATE]


@pytest.mark.parametrize("twice", [False, True])
def test_taken_in_twice_it_counts_once(twice: bool) -> None:
    other = Play.of()
    other.publish("qixia.editor", "first")
    play = survivor(ending(other))
    play.do("office.duty", ABSORB)
    if twice:
        play.do("office.duty", ABSORB)
    assert [absorbed.incident for absorbed in play.incident.absorbed] == [INCIDENT]
    assert len([o for o in play.incident.obligations if o.kind == "first_release"]) == 1


def test_a_reopened_survivor_owes_a_new_answer() -> None:
    other = Play.of()
    other.confirm_facts()
    other.publish("qixia.editor", "response")
    play = survivor(ending(other))
    play.do("office.duty", ABSORB)
    play.assess()
    play.do("office.duty", c.Close(summary="办结"))
    play.do("office.duty", c.Reopen(reason="再次发酵"))
    assert "response" in play.owed()
    assert play.incident.townships == ("baishi", "qixia")
