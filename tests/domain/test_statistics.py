"""Counting, by examples worked out by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.statistics import (
    Course,
    Owed,
    Spread,
    Standing,
    Tally,
    month_due,
    spread,
    spreads,
    standing,
    steps_of,
    tallies,
)
from domain.vocabulary import IncidentId, Level, Milestone, ObligationKind, ObligationState, ReleaseKind, UnitId

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
FIRST, RESPONSE = ObligationKind.FIRST_RELEASE, ObligationKind.RESPONSE
State = ObligationState


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def course(
    *duties: Owed, lead: str = "water", steps: dict[Milestone, datetime] | None = None, is_open: bool = True
) -> Course:
    return Course(
        IncidentId("1"), UnitId(lead), Level.GENERAL, NOW - hours(40), is_open, steps=steps or {}, duties=duties
    )


@pytest.mark.parametrize(
    ("owed", "on_time"),
    [
        (Owed(FIRST, State.MET, NOW), True),
        (Owed(FIRST, State.MET_LATE, NOW), False),
        (Owed(FIRST, State.PENDING, NOW + hours(1)), None),
        (Owed(FIRST, State.PENDING, NOW), None),
        (Owed(FIRST, State.PENDING, NOW - hours(1)), False),
        (Owed(FIRST, State.PENDING, None), None),
        (Owed(FIRST, State.WAIVED, NOW - hours(1)), None),
        (Owed(FIRST, State.WAIVED, NOW - hours(1), ran_late=True), False),
        (Owed(FIRST, State.SUPERSEDED, NOW - hours(1)), None),
        (Owed(FIRST, State.SUPERSEDED, NOW - hours(1), ran_late=True), False),
    ],
)
def test_a_duty_is_late_once_its_instant_has_passed_and_neither_before(owed: Owed, on_time: bool | None) -> None:
    assert owed.on_time(NOW) is on_time


def test_three_of_four_on_time_are_seventy_five_in_a_hundred() -> None:
    met, late = Owed(FIRST, State.MET, NOW), Owed(RESPONSE, State.MET_LATE, NOW)
    unknown = Owed(RESPONSE, State.PENDING, NOW + hours(1))
    courses = [course(met, late, unknown), course(met, lead="health"), course(met)]
    assert tallies(courses, NOW, lambda _, owed: owed.kind) == {FIRST: Tally(3, 0), RESPONSE: Tally(0, 1)}
    by_unit = tallies(courses, NOW, lambda of, _: of.lead)
    assert by_unit == {"water": Tally(2, 1), "health": Tally(1, 0)}
    assert sum(tally.total for tally in by_unit.values()) == 4
    (everything,) = tallies(courses, NOW, lambda *_: "all").values()
    assert everything.rate == 0.75


def test_a_month_begins_at_midnight_in_beijing() -> None:
    last = Owed(FIRST, State.MET, datetime(2026, 10, 31, 15, 59, tzinfo=UTC))
    first = Owed(FIRST, State.MET, datetime(2026, 10, 31, 16, 0, tzinfo=UTC))
    assert [month_due(course(), owed) for owed in (last, first)] == ["2026-10", "2026-11"]


def test_a_duty_without_an_instant_counts_in_the_month_of_detection() -> None:
    assert month_due(course(), Owed(ObligationKind.RESULT, State.MET, None)) == "2026-11"


def test_quartiles_lie_between_the_values() -> None:
    # 1, 2, 4, 8, 16: positions 1, 2 and 3 of 0…4.
    assert spread([hours(n) for n in (16, 1, 8, 2, 4)]) == Spread(5, hours(2), hours(4), hours(8), hours(16))
    # 1, 2, 4, 8: positions 0.75, 1.5 and 2.25 of 0…3.
    assert spread([hours(n) for n in (8, 4, 2, 1)]) == Spread(4, hours(1.75), hours(3), hours(5), hours(8))
    assert spread([hours(3)]) == Spread(1, hours(3), hours(3), hours(3), hours(3))


def test_the_way_to_a_step_counts_only_those_who_took_it() -> None:
    quick = course(steps={Milestone.ASSESSED: NOW - hours(39), Milestone.RESPONSE: NOW - hours(10)})
    slow = course(steps={Milestone.ASSESSED: NOW - hours(37)})
    early = course(steps={Milestone.ASSESSED: NOW - hours(41)})
    found = spreads([quick, slow, early])
    assert list(found) == [Milestone.ASSESSED, Milestone.RESPONSE]
    # 0 (assessed before it was said to be detected), 1 and 3 hours.
    assert found[Milestone.ASSESSED] == Spread(3, hours(0.5), hours(1), hours(2), hours(3))
    assert found[Milestone.RESPONSE].median == hours(30)


def test_a_step_is_taken_by_the_first_release_that_meets_the_duty_of_its_name() -> None:
    published = [
        (ReleaseKind.RESULT, NOW + hours(9)),
        (ReleaseKind.CORRECTION, NOW + hours(1)),
        (ReleaseKind.FIRST, NOW + hours(2)),
        (ReleaseKind.RESPONSE, NOW + hours(5)),
    ]
    assert steps_of(NOW, published, [NOW + hours(7), NOW + hours(6)], None) == {
        Milestone.ASSESSED: NOW,
        Milestone.FIRST_RELEASE: NOW + hours(2),
        Milestone.RESPONSE: NOW + hours(5),
        Milestone.CONFERENCE: NOW + hours(6),
        Milestone.RESULT: NOW + hours(9),
    }
    # Who begins with the response owes no other first release.
    assert steps_of(None, published[3:], [], NOW)[Milestone.FIRST_RELEASE] == NOW + hours(5)
    assert steps_of(None, [], [], NOW) == {Milestone.CLOSED: NOW}


def test_what_is_overdue_now_is_counted_among_the_open() -> None:
    late, not_yet = Owed(FIRST, State.PENDING, NOW - hours(1)), Owed(RESPONSE, State.PENDING, NOW + hours(1))
    courses = [course(late, late), course(not_yet), course(late, is_open=False)]
    assert standing(courses, NOW) == Standing(open=2, overdue=1, duties=2)
    assert standing([], NOW) == Standing(0, 0, 0)
