"""The outbox: at once what is urgent, bundled what is not, the next address when one fails, nothing of a drill."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from activities.notifying import Notifying
from channels import NotYet, Throttled
from channels.asking import Allowance, NotSent
from channels.messengers import Message, Rejected
from channels.messengers.pauses import LONGEST
from db import contacts, deliveries, directory
from db.directory import Counties
from db.session import Sessions
from db.tables import NoticeRow
from domain import commands as c
from domain import events as e
from domain.county import County
from domain.delivering import PATIENCE, Contact, QuietHours
from domain.labels import SHANGHAI
from domain.notices import NoticeKind
from domain.vocabulary import Audience, DeliveryState, Level, Means, ObligationKind, UnitId
from tests.clock import FixedClock
from tests.scene import Scene

EDITOR = "baishi.editor"
HOOK = Contact(means=Means.WEBHOOK, address="editor")
SMS = Contact(means=Means.SMS, address="+8613900000000")


class Recorder:
    """A messenger that keeps what it sent; `troubles` are met first, one for each attempt."""

    def __init__(self, handle: str | None = None) -> None:
        self.sent: list[tuple[str, Message]] = []
        self.troubles: list[Exception] = []
        self.handle = handle
        self.arrives = True

    async def send(self, message: Message, to: Contact, now: datetime) -> str | None:
        if self.troubles:
            raise self.troubles.pop(0)
        self.sent.append((to.address, message))
        return self.handle

    async def arrived(self, handle: str, to: Contact, now: datetime) -> bool:
        if self.troubles:
            raise self.troubles.pop(0)
        return self.arrives

    @property
    def lines(self) -> list[str]:
        return [line for _, message in self.sent for line in message.lines]


class Desk:
    """The deliverer with two recording services."""

    def __init__(self, sessions: Sessions, clock: FixedClock, quiet: str = "") -> None:
        self.sessions, self.clock = sessions, clock
        self.hook, self.sms = Recorder(), Recorder()
        services = {Means.WEBHOOK: self.hook, Means.SMS: self.sms}
        hours = QuietHours.of(quiet)
        self.notifying = Notifying(sessions, clock, Counties(), services, "http://127.0.0.1/console", hours)

    async def address(self, owner: str, *found: Contact) -> None:
        async with self.sessions.begin() as session:
            await contacts.save(session, owner, found)

    async def run(self, after: timedelta = timedelta()) -> None:
        """Rounds until nothing is due any more."""
        self.clock.at += after
        while await self.notifying.deliver():
            pass

    async def clear(self) -> None:
        """What came so far was dealt with long ago."""
        async with self.sessions.begin() as session:
            await session.execute(update(NoticeRow).values(delivery=DeliveryState.INBOX_ONLY))

    async def states(self, officer: str = EDITOR) -> list[tuple[str, str | None, str | None]]:
        row = NoticeRow
        async with self.sessions() as session:
            found = await session.execute(
                select(row.delivery, row.means, row.code).where(row.officer == officer).order_by(row.id)
            )
            return [(state, means, code) for state, means, code in found]


@pytest.fixture
async def desk(sessions: Sessions, scene: Scene) -> Desk:
    desk = Desk(sessions, scene.clock)
    await scene.submit()
    await desk.clear()
    return desk


async def remind(scene: Scene, *, hard: bool, fraction: float = 0.5) -> None:
    due = scene.clock.at + timedelta(hours=2)
    fact = e.Reminded(
        obligation="o1",
        kind=ObligationKind.FIRST_RELEASE,
        hard=hard,
        fraction=fraction,
        due_at=due,
        to=(Audience.LEAD,),
    )
    await scene.record(f"reminder/o1/{fraction}/{hard}", fact)


async def test_a_notice_says_what_is_asked_by_when_and_where_but_no_title(scene: Scene, desk: Desk) -> None:
    await desk.address(EDITOR, HOOK)
    await remind(scene, hard=True)
    await desk.run()
    ((_, message),) = desk.hook.sent
    state = await scene.state()
    assert message.lines[0].startswith(f"{state.number}：首次发布须按时完成（时限 ")
    assert message.link == f"http://127.0.0.1/console/incidents/{scene.id}"
    assert "停水" not in message.text
    assert (await desk.states())[-1] == ("delivered", "webhook", None)


async def test_whoever_has_no_address_has_the_inbox(scene: Scene, desk: Desk) -> None:
    await remind(scene, hard=True)
    await desk.run()
    assert (await desk.states())[-1] == ("inbox_only", None, None)


async def test_a_unit_without_own_addresses_of_its_people_is_told_as_one(scene: Scene, desk: Desk) -> None:
    await desk.address("baishi", Contact(means=Means.WEBHOOK, address="group", to="group"))
    await remind(scene, hard=True)
    await desk.run()
    ((address, message),) = desk.hook.sent
    assert (address, len(message.lines)) == ("group", 1), "three officers, one address, one line"


async def test_what_is_not_urgent_is_bundled_and_what_is_takes_it_along(scene: Scene, desk: Desk) -> None:
    await desk.address(EDITOR, HOOK)
    await remind(scene, hard=False, fraction=0.5)
    await desk.run()
    await remind(scene, hard=False, fraction=0.75)
    await desk.run()
    assert len(desk.hook.sent) == 1, "the second waits for its minute"
    await remind(scene, hard=False, fraction=1)
    await desk.run(timedelta(minutes=1))
    assert [len(message.lines) for _, message in desk.hook.sent] == [1, 2]
    await remind(scene, hard=True)
    await desk.run()
    assert len(desk.hook.sent) == 3, "a hard duty waits for nothing"


async def test_quiet_hours_hold_back_soft_targets_and_nothing_else(scene: Scene, sessions: Sessions) -> None:
    desk = Desk(sessions, scene.clock, quiet="22:00-07:00")
    await scene.submit()
    await desk.clear()
    await desk.address(EDITOR, HOOK)
    scene.clock.at = datetime(2026, 7, 11, 23, 30, tzinfo=SHANGHAI)
    await remind(scene, hard=False)
    await desk.run()
    assert desk.hook.sent == []
    await remind(scene, hard=True)
    await desk.run()
    assert len(desk.hook.sent) == 1
    scene.clock.at = datetime(2026, 7, 12, 6, 59, tzinfo=SHANGHAI)
    await desk.run()
    assert len(desk.hook.sent) == 1
    scene.clock.at = datetime(2026, 7, 12, 7, 0, tzinfo=SHANGHAI)
    await desk.run()
    assert len(desk.hook.sent) == 2


async def test_a_refused_address_is_followed_by_the_next_at_once(scene: Scene, desk: Desk) -> None:
    await desk.address(EDITOR, HOOK, SMS)
    desk.hook.troubles = [Rejected("webhook_nobody")]
    await remind(scene, hard=True)
    await desk.run()
    assert (desk.hook.sent, len(desk.sms.sent)) == ([], 1)
    assert (await desk.states())[-1][:2] == ("delivered", "sms")


async def test_what_nobody_takes_is_tried_again_then_shown_as_undelivered(scene: Scene, desk: Desk) -> None:
    await desk.address(EDITOR, HOOK)
    desk.hook.troubles = [NotSent("x")] * (PATIENCE - 1) + [NotYet("smtp_452", 60)]
    await remind(scene, hard=True)
    for _ in range(PATIENCE):
        await desk.run(timedelta(minutes=10))
    assert desk.hook.troubles == []
    assert (await desk.states())[-1] == ("undelivered", "webhook", "smtp_452")
    await desk.run(timedelta(hours=1))
    assert desk.hook.sent == [], "it is for a person now"


async def test_being_throttled_is_no_attempt_in_vain_and_lasts_as_long_as_the_service_says(
    scene: Scene, desk: Desk
) -> None:
    await desk.address(EDITOR, HOOK)
    desk.hook.troubles = [Throttled(7)] * (3 * PATIENCE)
    await remind(scene, hard=True)
    await desk.run()
    for left in range(3 * PATIENCE - 1, 0, -1):
        await desk.run(timedelta(seconds=6))
        assert len(desk.hook.troubles) == left, "asked only when the service allows it"
        await desk.run(timedelta(seconds=1))
    await desk.run(timedelta(seconds=7))
    assert (await desk.states())[-1][:2] == ("delivered", "webhook")


async def test_a_service_that_lets_nothing_through_for_too_long_is_followed_by_the_next(
    scene: Scene, desk: Desk
) -> None:
    await desk.address(EDITOR, HOOK, SMS)
    desk.hook.troubles = [Throttled(3600 * 24)] * 2
    await remind(scene, hard=True)
    await desk.run()
    await desk.run(LONGEST - timedelta(seconds=1))
    assert (len(desk.hook.troubles), desk.sms.sent) == (1, [])
    await desk.run(timedelta(seconds=1))
    assert (desk.hook.sent, len(desk.sms.sent)) == ([], 1)


async def test_more_at_once_than_a_service_takes_all_arrive_at_the_pace_of_the_limit_and_hard_duties_first(
    scene: Scene, desk: Desk
) -> None:
    """Sixty a minute, as text messages have it: what a burst leaves over waits its turn and asks nobody meanwhile."""
    hard = range(40, 60)
    row = {"incident": "", "kind": NoticeKind.REMINDED, "subject": "", "created_at": scene.clock.at}
    due = {"kind": "first_release", "due_at": scene.clock.at.isoformat()}
    async with desk.sessions.begin() as session:
        for number in range(60):
            officer = f"officer{number}"
            data = due | {"hard": number in hard}
            session.add(NoticeRow(officer=officer, seq=number, data=data, **row))
            await contacts.save(session, officer, [Contact(means=Means.WEBHOOK, address=str(number))])
    began = scene.clock.at
    allowance = Allowance(60, clock=lambda: (scene.clock.at - began).total_seconds() + 60)
    asked = 0

    async def send(message: Message, to: Contact, now: datetime) -> None:
        nonlocal asked
        asked += 1
        allowance.take()
        desk.hook.sent.append((to.address, message))

    desk.hook.send = send  # type: ignore[method-assign]  # The same service, with a limit.
    for _ in range(60):
        await desk.run(timedelta(seconds=1))
    arrived = [int(address) for address, _ in desk.hook.sent]
    assert arrived == [*hard, *(number for number in range(60) if number not in hard)]
    assert asked <= 2 * 60
    assert await desk.states("officer59") == [("delivered", "webhook", None)]


async def test_what_was_taken_is_not_given_up_because_nobody_may_ask_after_it(scene: Scene, desk: Desk) -> None:
    await desk.address(EDITOR, HOOK, SMS)
    desk.hook.handle = "7"
    await remind(scene, hard=True)
    await desk.notifying.deliver()
    desk.hook.troubles = [Throttled(20)] * 100
    for _ in range(100):
        await desk.run(timedelta(seconds=20))
    await desk.run(timedelta(seconds=20))
    assert (await desk.states())[-1][:2] == ("delivered", "webhook")
    assert desk.sms.sent == []


async def test_taken_is_shown_as_taken_until_the_service_says_that_it_arrived(scene: Scene, desk: Desk) -> None:
    await desk.address(EDITOR, HOOK)
    desk.hook.handle, desk.hook.arrives = "7", False
    await remind(scene, hard=True)
    await desk.run()
    assert (await desk.states())[-1][0] == "handed_over"
    desk.hook.arrives = True
    await desk.run(timedelta(seconds=5))
    assert (await desk.states())[-1][0] == "delivered"
    assert len(desk.hook.sent) == 1


async def test_what_was_taken_and_did_not_arrive_goes_to_the_next_address(scene: Scene, desk: Desk) -> None:
    await desk.address(EDITOR, HOOK, SMS)
    desk.hook.handle = "7"
    await remind(scene, hard=True)
    await desk.notifying.deliver()
    desk.hook.troubles = [Rejected("dingtalk_failed_user_id")]
    await desk.run(timedelta(seconds=5))
    assert len(desk.sms.sent) == 1


async def test_a_round_that_broke_off_is_made_good(scene: Scene, desk: Desk) -> None:
    await desk.address(EDITOR, HOOK)
    await remind(scene, hard=True)
    async with desk.sessions.begin() as session:
        taken = await deliveries.claim(session, scene.clock.at, 100)
    assert taken
    await desk.run()
    assert desk.hook.sent == [], "somebody else has them"
    await desk.run(deliveries.LEASE)
    assert len(desk.hook.sent) == 1


async def test_a_drill_reaches_no_service(scene: Scene, sessions: Sessions) -> None:
    desk = Desk(sessions, scene.clock)
    await desk.address(EDITOR, HOOK)
    await scene.submit(drill=True)
    await scene.do("office.duty", c.Assess(level=Level.MAJOR))
    await desk.run()
    assert desk.hook.sent == []
    assert {state for state, _, _ in await desk.states("baishi.head")} == {"recorded"}


async def test_a_duty_nobody_signs_for_calls_the_next_channel(scene: Scene, desk: Desk) -> None:
    await desk.address(EDITOR, HOOK, SMS)
    chased = e.Chased(
        subject="acknowledgement", since=scene.clock.at, rung=1, to=(Audience.LEAD,), unit=UnitId("baishi"), about="o1"
    )
    await scene.record("chase/acknowledgement/1", chased)
    await desk.run()
    assert (desk.hook.sent, len(desk.sms.sent)) == ([], 1)


async def test_a_unit_without_a_spokesperson_is_chased_once_in_the_policys_days(
    sessions: Sessions, county: County, scene: Scene
) -> None:
    officers = tuple(
        officer.model_copy(
            update={
                "posts": tuple(
                    post.model_copy(update={"roles": tuple(r for r in post.roles if r != "spokesperson")})
                    for post in officer.posts
                    if post.unit == "water"
                )
                or officer.posts
            }
        )
        for officer in county.officers
    )
    async with sessions.begin() as session:
        await directory.save_county(session, county.model_copy(update={"officers": officers}))
    desk = Desk(sessions, scene.clock)
    for _ in range(2):
        await desk.notifying.chase_filings()
    owed = (NoticeRow.kind == NoticeKind.SPOKESPERSON_OWED, NoticeRow.subject == "water")
    async with sessions() as session:
        told = (await session.scalars(select(NoticeRow.officer).where(*owed))).all()
    assert "water.head" in told
    assert len(told) == len(set(told))
    scene.clock.at += timedelta(days=31)
    await desk.notifying.chase_filings()
    async with sessions() as session:
        assert await session.scalar(select(func.count()).where(*owed)) == 2 * len(told)
