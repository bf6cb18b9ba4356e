"""A notice in words short enough for a template that is approved beforehand."""

from datetime import UTC, datetime, timedelta
from typing import get_args, get_type_hints

import pytest

from domain import events as e
from domain.brief import LONGEST, brief
from domain.delivering import Data
from domain.notices import NoticeKind
from domain.vocabulary import ObligationKind, StepKind

NOW = datetime(2026, 7, 11, 3, tzinfo=UTC)
"""Eleven in the morning by the county's clocks."""
SUBJECTS = get_args(get_type_hints(e.Chased)["subject"])


def test_no_word_of_any_notice_is_longer_than_a_template_takes() -> None:
    said = [
        brief(1000, kind, {"subject": subject, "step": step, "kind": duty, "due_at": str(NOW + later)}, number, NOW)
        for kind in NoticeKind
        for subject in SUBJECTS
        for step in StepKind
        for duty in ObligationKind
        for later in (timedelta(), timedelta(hours=1), timedelta(days=1), timedelta(days=20, hours=12))
        for number in ("青岫舆〔2026〕99999号", "青岫舆〔2026〕1234567号", None)
    ]
    assert {len(word) for words in said for word in words} <= set(range(1, LONGEST + 1))


def test_it_says_how_many_what_by_when_and_of_which_incident() -> None:
    data: Data = {"kind": "first_release", "due_at": str(NOW + timedelta(hours=5, minutes=30)), "hard": True}
    assert tuple(brief(3, NoticeKind.REMINDED, data, "青岫舆〔2026〕17号", NOW)) == ("3", "首次发布", "16:30", "17号")


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (timedelta(), "已到时限"),
        (timedelta(hours=12, minutes=59), "23:59"),
        (timedelta(hours=13), "明00:00"),
        (timedelta(days=1), "明11:00"),
        (timedelta(days=2, minutes=59), "13日11时"),
    ],
)
def test_an_instant_is_never_told_later_than_it_is(later: timedelta, said: str) -> None:
    assert brief(1, NoticeKind.TASK_ASSIGNED, {"due_at": str(NOW + later)}, None, NOW).due == said


def test_what_has_no_instant_is_asked_soon() -> None:
    chased = {"subject": "assessment", "since": str(NOW)}
    assert brief(1, NoticeKind.CHASED, chased, None, NOW)[1:] == ("研判", "尽快", "见系统")
