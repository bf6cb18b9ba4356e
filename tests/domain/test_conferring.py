"""Press conferences and briefings (Art. 14, 15): planned, approved word by word, postponed, held in time or late."""

from datetime import timedelta

import pytest

from domain import commands as c
from domain import events as e
from domain.conferring import approval_stands
from domain.county import Post
from domain.notices import NoticeKind, notices
from domain.refusals import Code
from domain.vocabulary import ObligationState, OfficerId, StepKind, UnitId
from tests.domain.situations import (
    FIRST,
    LATER,
    PLAN,
    TOMORROW,
    WORDS,
    conference_approved,
    grave,
    planned,
    planned_with_draft,
    two_conferences,
)
from tests.domain.world import DETECTED, Play, hours

APPROVE = c.ApproveConference()


def plan(**changes: object) -> c.ScheduleConference:
    return c.ScheduleConference.model_validate(PLAN | changes)


def record(play: Play, at: timedelta, **changes: object) -> None:
    held = {"held_at": (DETECTED + at).isoformat(), "attendees": ["water.head"]} | changes
    play.do("press.desk", c.RecordConference.model_validate(held))


# -- who attends ------------------------------------------------------------------------------


@pytest.mark.parametrize("attendee", ["water.head", "water.deputy"])
def test_the_leads_responsible_person_attends(attendee: str) -> None:
    play = grave()
    play.do("press.desk", plan(attendees=[attendee, "land.head"]))


@pytest.mark.parametrize("attendees", [["water.editor"], ["qixia.head"], ["office.head", "leading.head"]])
def test_nobody_else_can_stand_for_the_lead(attendees: list[str]) -> None:
    assert grave().refused("press.desk", plan(attendees=attendees)) is Code.ATTENDEE_MISSING


def test_a_filed_spokesperson_can() -> None:
    play = grave()
    unit = UnitId("water")
    play.county = play.county.model_copy(update={"spokespersons": {unit: (OfficerId("water.editor"),)}})
    play.do("press.desk", plan(attendees=["water.editor"]))


def test_who_attends_is_asked_again_when_another_unit_leads_at_its_approval_and_when_it_was_held() -> None:
    play = grave()
    play.draft("water.editor", text="甲")
    play.sign_all(FIRST)
    play.do("press.desk", plan(statement=FIRST))
    play.assess(departments=["land"])
    assert play.refused("office.duty", APPROVE) is Code.ATTENDEE_MISSING
    held = c.RecordConference.model_validate({"held_at": DETECTED.isoformat(), "attendees": ["water.head"]})
    assert play.refused("press.desk", held) is Code.ATTENDEE_MISSING
    record(play, hours(0), attendees=["land.head"])


# -- its approval ------------------------------------------------------------------------------


def test_a_conference_opens_with_words_that_were_approved_and_a_briefing_needs_none() -> None:
    assert planned().refused("office.duty", APPROVE) is Code.STATEMENT_NEEDED
    briefing = grave()
    briefing.do("press.desk", plan(form="briefing"))
    briefing.do("office.duty", APPROVE)


def test_its_statement_has_passed_every_step_before_it_is_approved() -> None:
    play = planned_with_draft()
    while steps := play.open_steps(FIRST):
        assert play.refused("office.deputy", APPROVE) is Code.STATEMENT_NOT_APPROVED
        play.sign(play.holders(FIRST, steps[0])[0], FIRST, steps[0].kind)
    play.do("office.deputy", APPROVE)


def test_a_statement_whose_steps_grew_with_the_level_is_not_approved_any_more() -> None:
    play = Play.of(departments=["water"])
    play.assess(lead="water")
    play.draft("water.editor", text="甲", embargo_until=LATER)
    play.sign_all(FIRST)
    play.assess(level="major")
    play.do("press.desk", plan(statement=FIRST, at=TOMORROW))
    assert play.refused("office.duty", APPROVE) is Code.STATEMENT_NOT_APPROVED
    play.sign("leading.head", FIRST, "county_approval")
    play.do("office.duty", APPROVE)


def test_new_words_or_none_undo_the_approval_and_it_is_given_anew() -> None:
    play = grave()
    play.draft("water.editor", text="甲", embargo_until=TOMORROW)
    play.sign_all(FIRST)
    play.do("press.desk", plan(statement=FIRST))
    play.do("office.duty", APPROVE)
    (conference,) = play.incident.conferences
    assert conference.approved_digest == WORDS
    assert approval_stands(play.incident, conference)
    play.revise("water.editor", FIRST, "乙", embargo_until=TOMORROW)
    assert not approval_stands(play.incident, conference)
    assert play.refused("office.duty", APPROVE) is Code.STATEMENT_NOT_APPROVED
    play.sign_all(FIRST)
    play.do("office.duty", APPROVE)
    play.do("office.duty", c.CancelRelease(release=FIRST, reason="撤稿"))
    assert not approval_stands(play.incident, play.incident.conferences[0])
    assert play.refused("office.duty", APPROVE) is Code.STATEMENT_NOT_APPROVED


def test_a_withdrawn_statement_opens_nothing() -> None:
    play = conference_approved()
    play.do("office.duty", c.WithdrawRelease(release=FIRST, reason="有误"))
    assert not approval_stands(play.incident, play.incident.conferences[0])
    assert play.refused("office.duty", APPROVE) is Code.STATEMENT_NOT_APPROVED


def test_who_planned_or_postponed_it_does_not_approve_it() -> None:
    play = grave()
    desk = Post.model_validate({"unit": "press", "title": "兼职", "roles": ["press_office"]})
    both = play.officer("office.duty").model_copy(update={"posts": (*play.officer("office.duty").posts, desk)})
    others = tuple(officer for officer in play.county.officers if officer.id != both.id)
    play.county = play.county.model_copy(update={"officers": (*others, both)})
    play.do("press.desk", plan(form="briefing"))
    play.do("office.duty", c.PostponeConference.model_validate({"at": TOMORROW, "reason": "改期"}))
    assert play.refused("office.duty", APPROVE) is Code.OWN_PLAN
    play.do("office.duty2", APPROVE)


def test_where_several_are_open_it_is_said_which() -> None:
    play = two_conferences()
    cancel = c.CancelConference(reason="取消")
    assert play.refused("press.desk", cancel) is Code.WHICH_CONFERENCE
    play.do("office.duty", cancel.model_copy(update={"conference": "c1"}))
    play.do("press.desk", cancel)
    assert not any(conference.open for conference in play.incident.conferences)


# -- another instant ------------------------------------------------------------------------------


def test_a_postponed_conference_is_approved_anew_and_its_duty_does_not_move() -> None:
    play = conference_approved()
    play.do("press.desk", c.PostponeConference.model_validate({"at": TOMORROW, "reason": "人员未到"}))
    (conference,) = play.incident.conferences
    assert (conference.at, conference.postponements) == (DETECTED + hours(24), 1)
    assert conference.venue is not None, "the venue stays where none is given"
    assert not approval_stands(play.incident, conference)
    assert play.pending("press_conference").due_at == DETECTED + hours(24)
    play.do("office.duty", APPROVE)


def test_a_cancelled_conference_leaves_its_duty() -> None:
    play = conference_approved()
    play.do("press.desk", c.CancelConference(reason="改发通报"))
    assert "press_conference" in play.owed()
    assert play.refused("office.duty", APPROVE) is Code.NO_CONFERENCE


# -- held ------------------------------------------------------------------------------


@pytest.mark.parametrize(("at", "state"), [(0, "met"), (24, "met"), (24.01, "met_late")])
def test_a_conference_meets_its_duty_at_the_instant_it_was_held_however_late_it_is_recorded(
    at: float, state: str
) -> None:
    play = grave()
    play.wait(hours(30))
    record(play, hours(at))
    (duty,) = play.duties("press_conference")
    assert (duty.state, duty.met_at) == (state, DETECTED + hours(at))


def told_unapproved(play: Play) -> set[str]:
    """Who is told that one was held without approval."""
    found = (notice for entry in play.entries for notice in notices(None, play.incident, [entry], play.county))
    return {
        officer for notice in found if notice.kind is NoticeKind.CONFERENCE_UNAPPROVED for officer in notice.officers
    }


def test_one_that_nobody_approved_was_held_all_the_same_and_those_who_should_have_been_asked_are_told() -> None:
    play = planned()
    record(play, hours(0))
    assert play.duties("press_conference")[0].state is ObligationState.MET
    (held,) = play.incident.conferences
    assert held.unapproved
    (fact,) = [entry.fact for entry in play.entries if isinstance(entry.fact, e.ConferenceRecorded)]
    assert fact.approved is False
    assert {"office.head", "office.duty", "leading.head"} <= told_unapproved(play)


def test_an_approval_counts_if_it_came_before() -> None:
    play = conference_approved()
    (conference,) = play.incident.conferences
    assert conference.approved_at is not None
    play.wait(hours(1))
    record(play, play.now - DETECTED)
    assert not play.incident.conferences[0].unapproved
    assert told_unapproved(play) == set()
    late = planned_with_draft()
    late.wait(hours(1))
    late.sign_all(FIRST)
    late.do("office.duty", APPROVE)
    record(late, hours(0))
    assert late.incident.conferences[0].unapproved, "held before anybody had agreed"
    assert told_unapproved(late)


@pytest.mark.parametrize(("after", "stood"), [(1, False), (3, True)])
def test_an_approval_ends_with_the_statement_and_stands_for_what_was_held_before(after: float, stood: bool) -> None:
    play = conference_approved()
    play.wait(hours(after))
    play.do("office.duty", c.WithdrawRelease(release=FIRST, reason="有误"))
    play.wait(hours(4))
    record(play, hours(2))
    (held,) = play.incident.conferences
    assert held.unapproved is not stood
    assert bool(told_unapproved(play)) is not stood


def test_a_conference_with_other_words_than_were_approved_was_not_approved() -> None:
    play = grave()
    play.draft("water.editor", text="甲", embargo_until=TOMORROW)
    play.sign_all(FIRST)
    play.do("press.desk", plan(statement=FIRST))
    play.do("office.duty", APPROVE)
    play.revise("water.editor", FIRST, "乙", embargo_until=TOMORROW)
    play.sign_all(FIRST)
    play.wait(hours(2))
    record(play, hours(1))
    assert play.incident.conferences[0].unapproved


def test_approving_a_briefing_approves_no_conference() -> None:
    play = grave()
    play.do("press.desk", plan(form="briefing"))
    play.do("office.duty", APPROVE)
    play.wait(hours(1))
    record(play, hours(1), conference="c1", form="conference")
    assert play.incident.conferences[0].unapproved, "its opening words were approved by nobody"
    assert told_unapproved(play)


def test_a_briefing_meets_no_duty() -> None:
    play = grave()
    record(play, hours(0), form="briefing")
    assert "press_conference" in play.owed()


def test_held_is_the_planned_one_of_its_form_or_one_that_nobody_had_planned() -> None:
    play = planned()
    record(play, hours(0), form="briefing")
    assert [(one.id, one.open) for one in play.incident.conferences] == [("c1", True), ("c2", False)]
    record(play, hours(0))
    assert [one.open for one in play.incident.conferences] == [False, False]


def test_the_end_of_an_incident_cancels_what_was_planned_and_tells_who_was_to_attend() -> None:
    play = planned()
    facts = play.assess("leading.head", respond=False, reason="不属实")
    assert [fact for fact in facts if isinstance(fact, e.ConferenceCancelled)] == [
        e.ConferenceCancelled(conference="c1", reason=None)
    ]
    assert play.incident.conferences[0].cancelled_at == play.now
    (told,) = [
        notice.officers
        for entry in play.entries
        for notice in notices(None, play.incident, [entry], play.county)
        if notice.kind is NoticeKind.CONFERENCE_CANCELLED
    ]
    assert "water.head" in told


def test_what_was_held_stays_held_after_the_end() -> None:
    play = planned()
    record(play, hours(0))
    facts = play.assess("leading.head", respond=False, reason="不属实")
    assert not [fact for fact in facts if isinstance(fact, e.ConferenceCancelled)]


def test_a_conference_of_an_earlier_round_is_not_the_one_that_is_held_now() -> None:
    play = planned()
    play.assess("leading.head", respond=False, reason="不属实")
    play.do("office.duty", c.Reopen(reason="再次发酵"))
    assert play.refused("office.duty", APPROVE) is Code.NO_CONFERENCE
    record(play, hours(0))
    assert [one.round for one in play.incident.conferences] == [1, 2]
    assert play.incident.conferences[0].held_at is None


def test_confidentiality_is_no_less_asked_of_a_statement() -> None:
    play = planned_with_draft()
    play.sign("water.head", FIRST, "unit_approval")
    assert StepKind.CONFIDENTIALITY in {step.kind for step in play.open_steps(FIRST)}
    assert play.refused("office.duty", APPROVE) is Code.STATEMENT_NOT_APPROVED
