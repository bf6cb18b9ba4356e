"""Where the lines and marks of a drawn timeline stand."""

from datetime import timedelta

import pytest

from api.console.chart import LEFT, ROW, Chart, Happening, MarkKind, Window, draw
from api.console.course import chart_of
from domain.refusals import Language
from tests.clock import START
from tests.documents.story import told
from tests.domain.world import hours, minutes


def window(lane: str = "回应", start: float = 0, due: float = 4, **changes: object) -> Window:
    fields = {"lane": lane, "start": START + hours(start), "due_at": START + hours(due), "style": "ok", "words": lane}
    return Window(**(fields | changes))  # type: ignore[arg-type]  # A window's fields by name.


def mark(after: timedelta, words: str = "发布") -> Happening:
    return Happening("发布", MarkKind.RELEASE, START + after, words)


def drawn(*windows: Window, marks: tuple[Happening, ...] = (), after: float = 2, ended: bool = False) -> Chart:
    return draw(windows, marks, START, START + hours(after), ended=ended)


def test_a_window_runs_from_its_start_to_its_instant_with_now_between() -> None:
    chart = drawn(window())
    (bar,) = chart.bars
    assert bar.x == LEFT
    assert chart.now_x is not None
    assert chart.now_x == pytest.approx(bar.x + bar.width / 2, abs=1)
    assert bar.x + bar.width <= chart.width


def test_lateness_is_drawn_from_the_instant_on() -> None:
    (bar,) = drawn(window(late_until=START + hours(6)), after=6).bars
    assert bar.late == pytest.approx(bar.width / 2, abs=1)


def test_windows_that_overlap_stand_below_each_other() -> None:
    chart = drawn(window(), window(start=1, due=5), window(start=5, due=6))
    first, second, third = chart.bars
    assert second.y - first.y == ROW or third.y - first.y == ROW
    assert chart.lanes[0].height == 2 * ROW


def test_what_is_owed_in_a_week_does_not_press_today_together() -> None:
    near, far = drawn(window(), window(lane="结果", due=24 * 7)).bars
    assert far.cut
    assert not near.cut
    assert near.width > 50


def test_marks_that_would_cover_each_other_are_one_with_the_words_of_all() -> None:
    chart = drawn(window(), marks=(mark(minutes(30), "一"), mark(minutes(31), "二"), mark(hours(3), "三")))
    assert [m.words for m in chart.marks] == ["一\n二", "三"]


def test_hours_are_written_at_whole_hours_of_the_countys_clock_and_far_enough_apart() -> None:
    chart = drawn(window(due=30), after=30)
    assert all(tick.at.minute == 0 for tick in chart.ticks)
    apart = [b.x - a.x for a, b in zip(chart.ticks, chart.ticks[1:], strict=False)]
    assert min(apart) >= 60
    assert any(tick.day for tick in chart.ticks)


def test_an_ended_incident_has_no_now() -> None:
    assert drawn(window(), ended=True).now_x is None


def test_everything_of_a_long_story_stands_on_the_drawing() -> None:
    story = told()
    chart = chart_of(story.incident, (), story.now, Language.ZH)
    assert len(chart.bars) == len([o for o in story.incident.obligations if o.due_at])
    assert all(bar.x >= LEFT and bar.x + bar.width + bar.late <= chart.width for bar in chart.bars)
    assert all(0 < bar.y < chart.height for bar in chart.bars)
