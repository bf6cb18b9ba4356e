"""Agreed figures (回应口径): said alike, or not said; checked, for how long, and taken back."""

from datetime import datetime

import pytest

from domain import commands as c
from domain import events as e
from domain.proceedings import Figure
from domain.refusals import Code
from tests.domain.situations import FIGURE, general, with_figure
from tests.domain.world import DETECTED, Play, hours


def agree(play: Play, officer: str = "qixia.editor", **changes: object) -> tuple[e.Fact, ...]:
    return play.do(officer, c.AgreeFigure.model_validate(FIGURE | changes))


def figure(play: Play, id_: str = "f1") -> Figure:
    return next(one for one in play.incident.figures if one.id == id_)


def test_a_figure_says_whether_it_was_checked_by_whom_and_whether_it_may_be_said() -> None:
    play = general()
    agree(play)
    agree(play, fact="伤亡人数", checked=False, may_say=False, verified_by=None)
    first, second = play.incident.figures
    assert (first.id, first.checked, first.may_say, first.verified_by) == ("f1", True, True, "water")
    assert (second.id, second.checked, second.may_say, second.verified_by) == ("f2", False, False, None)
    assert first.agreed_by == "qixia.editor"


def test_what_nobody_checked_needs_no_verifier_and_what_was_checked_does() -> None:
    play = general()
    agree(play, checked=False, verified_by=None)
    checked = c.AgreeFigure.model_validate(FIGURE | {"verified_by": None})
    assert play.refused("qixia.editor", checked) is Code.VERIFIER_NEEDED


@pytest.mark.parametrize("officer", ["qixia.editor", "qixia.head", "office.duty", "press.desk", "publicity.head"])
def test_the_lead_the_office_and_the_press_office_agree_figures(officer: str) -> None:
    play = general()
    agree(play, officer)
    play.do(officer, c.WithdrawFigure(figure="f1", reason="有误"))


def test_a_figure_holds_until_its_instant() -> None:
    play = general()
    until = DETECTED + hours(2)
    agree(play, valid_until=until.isoformat())
    assert figure(play).holds(until - hours(1))
    assert not figure(play).holds(until)
    agree(play)
    assert figure(play, "f2").holds(datetime.max.replace(tzinfo=until.tzinfo))


def test_agreeing_it_anew_replaces_it_under_its_id() -> None:
    play = with_figure()
    agree(play, fact="其他")
    agree(play, figure="f1", may_say=False)
    assert {(one.id, one.may_say) for one in play.incident.figures} == {("f1", False), ("f2", True)}
    agree(play)
    assert [one.id for one in play.incident.figures][-1] == "f3", "an id is given once"


def test_a_withdrawn_figure_holds_no_more_and_is_withdrawn_once() -> None:
    play = with_figure()
    withdraw = c.WithdrawFigure(figure="f1", reason="有误")
    play.do("qixia.editor", withdraw)
    assert not figure(play).holds(play.now)
    assert play.refused("qixia.editor", withdraw) is Code.NO_FIGURE
    agree(play, figure="f1")
    assert figure(play).holds(play.now), "agreed anew, it holds again"
