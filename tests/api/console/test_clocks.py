"""A duty's clock: green, amber from the policy's first reminder, red past its instant; the same in words."""

from datetime import timedelta

import pytest

from api.console.clocks import Urgency, clocks, countdown
from domain.obligations import remind_at, reminders
from domain.refusals import Language
from tests.clock import START
from tests.domain.world import Play, hours, minutes


def test_a_clock_turns_amber_with_the_first_reminder_and_red_past_its_instant() -> None:
    incident = Play.of(level="major").incident
    duty = incident.pending[0]
    amber = remind_at(duty, reminders(incident.policy, duty, incident.level)[0].fraction)
    assert amber is not None
    assert duty.due_at is not None
    second = timedelta(seconds=1)
    instants = (amber - second, amber, duty.due_at, duty.due_at + second)
    shown = [next(c for c in clocks(incident, at) if c.id == duty.id).urgency for at in instants]
    assert shown == [Urgency.OK, Urgency.SOON, Urgency.SOON, Urgency.LATE]


def test_the_most_urgent_clock_comes_first_and_one_without_an_instant_last() -> None:
    play = Play.of(level="major", departments=["water"])
    play.assess()
    instants = [clock.due_at for clock in clocks(play.incident, play.now)]
    known = [at for at in instants if at is not None]
    assert instants == [*sorted(known), *[None] * (len(instants) - len(known))]
    assert None in instants


@pytest.mark.parametrize(
    ("left", "chinese", "english"),
    [
        (hours(26), "还剩 1 天 2 小时", "1 d 2 h left"),
        (hours(3) + minutes(20), "还剩 3 小时 20 分", "3 h 20 min left"),
        (minutes(5), "还剩 5 分钟", "5 min left"),
        (timedelta(seconds=9), "还剩 9 秒", "9 s left"),
        (-minutes(61), "已逾期 1 小时 1 分", "overdue by 1 h 1 min"),
    ],
)
def test_a_countdown_says_what_the_script_goes_on_counting_with(left: timedelta, chinese: str, english: str) -> None:
    assert countdown(START + left, START, Language.ZH) == chinese
    assert countdown(START + left, START, Language.EN) == english
