"""Who is called when nobody signs for a hard duty: one person on duty after the other."""

import pytest

from domain import events as e
from domain.notices import NoticeKind, notices
from domain.vocabulary import OfficerId, UnitId
from tests.domain.world import Play, county, hours, minutes

WATER = UnitId("water")
ON_DUTY = (OfficerId("water.editor"), OfficerId("water.deputy"), OfficerId("water.head"))


def told(play: Play, kind: NoticeKind, subject: str | None = None) -> list[tuple[OfficerId, ...]]:
    """Whom each notice of `kind` goes to, in the order of the ledger."""
    staffed = county().model_copy(update={"on_duty": {WATER: ON_DUTY}})
    found = (notice for entry in play.entries for notice in notices(None, play.incident, [entry], staffed))
    return [n.officers for n in found if n.kind is kind and subject in (None, n.data.get("subject"))]


def unsigned() -> Play:
    play = Play.of(townships=[], departments=["water"])
    play.wait(minutes(20))
    return play


def test_a_hard_duty_calls_the_first_on_duty_and_unanswered_the_second() -> None:
    play = unsigned()
    assert told(play, NoticeKind.DUTY_OPENED) == [ON_DUTY[:1]]
    assert told(play, NoticeKind.CHASED, "acknowledgement") == [ON_DUTY[1:2]]


@pytest.mark.parametrize(("rung", "expected"), [(1, "water.deputy"), (2, "water.head"), (3, "water.head")])
def test_each_rung_that_calls_the_lead_calls_the_next_person_and_the_last_again(rung: int, expected: str) -> None:
    play = unsigned()
    chased = next(entry for entry in play.entries if isinstance(entry.fact, e.Chased) and entry.fact.about)
    again = chased.model_copy(update={"fact": chased.fact.model_copy(update={"rung": rung})})
    play.entries = [again]
    assert told(play, NoticeKind.CHASED, "acknowledgement") == [(OfficerId(expected),)]


def test_after_the_roster_the_unit_head_and_the_county_office_are_told() -> None:
    play = unsigned()
    play.wait(hours(1))
    later = told(play, NoticeKind.CHASED, "acknowledgement")[1:]
    assert all({"water.head", "office.duty"} <= {str(one) for one in officers} for officers in later[:1])
    assert any("leading.head" in officers for officers in later)
