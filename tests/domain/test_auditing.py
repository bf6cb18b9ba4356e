"""What the audit of the clocks makes of what it is shown."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.auditing import GRACE, Finding, Seen, confirmed, findings, lacking
from domain.vocabulary import Channel, Fault, IncidentId, ObligationKind, StepKind
from domain.watching import Watched, watched
from tests.domain.situations import blocked, general
from tests.domain.world import DETECTED, Play, hours

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=3)
ONE, TWO = IncidentId("a1a1a1a1a1a1"), IncidentId("b2b2b2b2b2b2")


def clocks(**changes: object) -> Watched:
    given: dict[str, object] = {"drill": False, "lead": "water", "ended": False, "alarm_at": NOW + hours(1)}
    given |= {"duties": (), "steps": (), "blocked": ()}
    return Watched(**(given | changes))  # type: ignore[arg-type]  # As many types as there are fields.


def seen(written: int = 7, changed_at: datetime = LONG_AGO, **changes: object) -> Seen:
    return Seen(ONE, 7, written, changed_at, clocks(**changes))


def faults(one: Seen, *, running: bool = True, ended: bool = False) -> list[str]:
    found = findings([one], {ONE: LONG_AGO} if running else {}, {ONE} if ended else set(), (), NOW)
    assert {finding.incident for finding in found} <= {ONE}
    return [finding.fault for finding in found]


def test_an_incident_whose_process_runs_and_sleeps_is_in_order() -> None:
    assert faults(seen()) == []


def test_an_open_incident_without_a_process_is_found() -> None:
    assert faults(seen(), running=False) == [Fault.NO_PROCESS]
    assert faults(seen(), running=False, ended=True) == [Fault.PROCESS_ENDED]


def test_an_ended_incident_needs_no_process_unless_something_is_still_chased() -> None:
    assert faults(seen(ended=True, alarm_at=None), running=False) == []
    assert faults(seen(ended=True, alarm_at=NOW + hours(1)), running=False, ended=True) == [Fault.PROCESS_ENDED]


def test_a_duty_that_outlived_its_incident_is_found() -> None:
    duties = tuple(duty for duty in general().incident.pending if duty.due_at)
    assert duties
    assert faults(seen(ended=True, alarm_at=None, duties=duties), running=False, ended=True) == [Fault.PROCESS_ENDED]


def test_what_changed_a_moment_ago_is_given_time_to_be_listed() -> None:
    assert faults(seen(changed_at=NOW - GRACE + timedelta(seconds=1)), running=False) == []
    assert faults(seen(changed_at=NOW - GRACE), running=False) == [Fault.NO_PROCESS]


@pytest.mark.parametrize(("late", "found"), [(GRACE - timedelta(seconds=1), []), (GRACE, [Fault.ALARM_MISSED])])
def test_a_timer_that_did_not_fire_is_found_once_it_is_late(late: timedelta, found: list[Fault]) -> None:
    assert faults(seen(alarm_at=NOW - late)) == found


def test_a_process_that_catches_up_is_given_time() -> None:
    assert faults(seen(alarm_at=NOW - hours(8), changed_at=NOW - timedelta(seconds=5))) == []


def test_a_missing_process_is_the_one_fault_of_an_alarm_nobody_rings() -> None:
    assert faults(seen(alarm_at=NOW - hours(8)), running=False) == [Fault.NO_PROCESS]


def test_a_row_behind_its_ledger_is_found_and_its_clocks_are_not_believed() -> None:
    assert faults(seen(written=8, alarm_at=NOW - hours(8)), running=False) == [Fault.ROW_BEHIND]
    assert faults(Seen(ONE, None, 12), running=False) == [Fault.ROW_BEHIND]
    assert Seen(ONE, None, 12).behind == 12


def test_a_process_that_no_ledger_knows_is_found_once_it_is_no_newcomer() -> None:
    running = {ONE: NOW - GRACE, TWO: NOW}
    assert findings([], running, (), [ONE, TWO], NOW) == [Finding(Fault.UNKNOWN_PROCESS, ONE)]


def test_only_those_that_lack_a_process_are_looked_up() -> None:
    assert lacking([seen()], {ONE}, NOW) == []
    assert lacking([seen()], {TWO}, NOW) == [ONE]


def test_what_one_audit_finds_another_confirms() -> None:
    assert not confirmed(NOW, NOW)
    assert confirmed(NOW - timedelta(minutes=5), NOW)


def test_what_is_watched_of_an_incident_is_what_it_owes_and_waits_for() -> None:
    play = Play.of(level="major", departments=["water"])
    play.assess()
    play.draft("water.editor")
    found = watched(play.incident)
    assert {duty.kind for duty in found.duties} >= {ObligationKind.FIRST_RELEASE, ObligationKind.PRESS_CONFERENCE}
    assert {step.kind for step in found.steps} == {StepKind.UNIT_APPROVAL, StepKind.CONFIDENTIALITY}
    assert found.alarm_at is not None
    assert DETECTED < found.alarm_at < DETECTED + hours(4)
    assert (found.ended, found.blocked, found.needs_process) == (False, (), True)


def test_a_blocked_publication_is_watched_by_its_channel() -> None:
    assert watched(blocked().incident).blocked == (Channel.BULLETIN,)
