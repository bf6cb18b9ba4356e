"""Rolling updates and results: duties without an instant of their own (Art. 14)."""

from datetime import timedelta

from domain import commands as c
from domain import events as e
from domain.vocabulary import ObligationKind, ObligationState
from tests.domain.world import DETECTED, Play, hours


def flood() -> Play:
    """A grave incident whose first release came out one hour after detection."""
    play = Play.of(level="major", departments=["water"], after=hours(1))
    play.assess()
    play.publish("water.editor", "first")
    return play


def next_update(play: Play) -> timedelta | None:
    due = play.pending("rolling_update").due_at
    return due - DETECTED if due else None


def test_updates_are_owed_every_six_hours_for_two_days_then_daily() -> None:
    play = flood()
    start = play.now
    owed: list[float] = []
    for _ in range(11):
        due = play.pending("rolling_update").due_at
        assert due is not None
        owed.append((due - play.now) / hours(1))
        play.wait_until(due)
        play.publish("water.editor", "update")
    assert owed == [6] * 8 + [24] * 3
    assert play.now == start + hours(48 + 72)
    assert {o.state for o in play.duties("rolling_update")[:-1]} == {ObligationState.MET}


def test_a_late_update_is_late_and_the_next_counts_from_it() -> None:
    play = flood()
    play.wait(hours(7))
    play.publish("water.editor", "update")
    assert play.duties("rolling_update")[0].state is ObligationState.MET_LATE
    assert play.duties("rolling_update")[0].due_at == DETECTED + hours(7), "a met duty keeps its instant"
    assert next_update(play) == hours(14)


def test_response_and_result_restart_the_cadence_and_a_correction_does_not() -> None:
    play = flood()
    play.confirm_facts()
    play.wait(hours(2))
    play.publish("water.editor", "response")
    assert next_update(play) == hours(9)
    play.wait(hours(1))
    play.publish("water.editor", "interpretation")
    assert next_update(play) == hours(9)
    response = next(r.id for r in play.incident.releases.values() if r.kind == "response")
    play.publish("water.editor", "correction", corrects=response)
    assert next_update(play) == hours(9)


def test_the_result_ends_the_updates_and_meets_the_last_one() -> None:
    play = flood()
    play.confirm_facts()
    play.wait(hours(2))
    play.publish("water.editor", "result")
    assert [o.state for o in play.duties("rolling_update")] == [ObligationState.MET]
    assert [o.state for o in play.duties("result")] == [ObligationState.MET]
    assert set(play.owed()) == {"press_conference"}


def test_a_lesser_incident_owes_updates_only_where_the_assessment_asks() -> None:
    play = Play.of()
    play.assess()
    play.publish("qixia.editor", "first")
    assert "rolling_update" not in play.owed()
    play.assess(rolling_updates=True)
    assert next_update(play) == hours(6)
    play.assess(rolling_updates=False)
    assert play.duties("rolling_update")[0].state is ObligationState.SUPERSEDED


def test_nothing_rolls_before_the_first_release() -> None:
    play = Play.of(level="major", departments=["water"])
    play.assess()
    play.publish("water.editor", "update")
    assert "rolling_update" not in play.owed()


def test_a_pause_stretches_the_cadence_and_resuming_restores_it() -> None:
    play = flood()
    play.do("office.duty", c.PauseUpdates(reason="搜救间歇"))
    assert next_update(play) == hours(1 + 72)
    play.wait(hours(2))
    play.publish("water.editor", "update")
    assert next_update(play) == hours(3 + 72), "the pause lasts until it is lifted"
    play.do("office.duty", c.ResumeUpdates())
    assert next_update(play) == hours(9)
    assert len(play.duties("rolling_update")) == 2, "a cadence that moves is the same duty"


def test_pausing_hides_no_lateness() -> None:
    play = flood()
    play.wait(hours(10))
    play.do("office.duty", c.PauseUpdates(reason="搜救间歇"))
    late, standing = play.duties("rolling_update")
    assert (late.state, late.ran_late) == (ObligationState.SUPERSEDED, True)
    assert standing.due_at == DETECTED + hours(73)


def test_waived_updates_do_not_return() -> None:
    play = flood()
    play.do("leading.head", c.Waive(obligation=ObligationKind.ROLLING_UPDATE, reason="由上级滚动发布"))
    play.publish("water.editor", "update")
    assert "rolling_update" not in play.owed()


def test_the_result_has_no_instant_until_something_was_released() -> None:
    play = Play.of(level="major", departments=["water"])
    assert "result" not in play.owed(), "before the assessment nobody has said that something is investigated"
    play.assess()
    assert play.owed()["result"] == (None, False)
    assert play.wait(hours(3)), "other duties are told; this one has no instant to be told of"
    assert not any(
        getattr(entry.fact, "kind", None) == "result" for entry in play.entries if isinstance(entry.fact, e.Reminded)
    )
    play.publish("water.editor", "first")
    assert play.owed()["result"] == (hours(3 + 168), False)
    play.publish("water.editor", "update")
    assert len(play.duties("result")) == 1


def test_below_major_the_result_is_owed_when_the_assessment_says_so() -> None:
    play = Play.of()
    play.assess()
    assert "result" not in play.owed()
    play.assess(investigation=True)
    assert play.owed()["result"] == (None, False)
    play.assess(level="major")
    play.assess(level="general")
    assert "result" in play.owed(), "left out: unchanged"
