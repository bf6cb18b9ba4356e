"""Who is told of what, as soon as it stands in the ledger."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from db import reads
from db.session import Sessions
from db.tables import NoticeRow
from domain import commands as c
from domain import events as e
from domain.notices import NoticeKind
from domain.vocabulary import Audience, Channel, Level, ObligationKind, OfficerId, Role, StepKind, UnitId
from tests.clock import START
from tests.scene import INCIDENT, RELEASE, Scene

OFFICE = {"office.duty", "office.duty2", "office.head", "office.deputy"}
BAISHI = {"baishi.editor", "baishi.head", "baishi.deputy"}


async def told(sessions: Sessions, kind: NoticeKind, subject: str = "") -> set[str]:
    """Officers who were told of the latest thing of this kind."""
    row = NoticeRow
    matching = (row.kind == kind, row.subject.startswith(subject))
    async with sessions() as session:
        last = select(row.seq).where(*matching).order_by(row.seq.desc()).limit(1).scalar_subquery()
        return set(await session.scalars(select(row.officer).where(*matching, row.seq == last)))


async def test_a_submission_goes_to_the_county_office_and_the_proposed_lead_but_not_to_who_sent_it(
    scene: Scene, sessions: Sessions
) -> None:
    await scene.submit()
    assert await told(sessions, NoticeKind.SUBMITTED) == OFFICE | BAISHI - {"baishi.editor"}


async def test_a_new_lead_is_told_and_only_once(scene: Scene, sessions: Sessions) -> None:
    await scene.submit()
    await scene.do("office.duty", c.Assess(departments=(UnitId("health"),), lead=UnitId("health")))
    assert await told(sessions, NoticeKind.LEAD_NAMED) == {"health.editor", "health.head", "health.deputy"}
    await scene.do("office.duty", c.Assess(level=Level.SIGNIFICANT))
    async with sessions() as session:
        assert len(await reads.notices(session, OfficerId("health.head"))) == 1


async def test_each_step_tells_its_holders_when_it_opens_and_not_before(scene: Scene, sessions: Sessions) -> None:
    await scene.submit()
    drafted = await scene.draft()
    # The office's editors may draft as well, but it is the drafting unit's heads who approve.
    assert await told(sessions, NoticeKind.STEP_OPENED) == {"baishi.head", "baishi.deputy"}
    digest = drafted.releases[RELEASE].version.digest
    await scene.do("baishi.head", c.Approve(release=RELEASE, step=StepKind.UNIT_APPROVAL, digest=digest))
    assert await told(sessions, NoticeKind.STEP_OPENED) == {"baishi.reviewer"}


async def test_a_raised_level_tells_the_holders_of_the_steps_it_adds(scene: Scene, sessions: Sessions) -> None:
    await scene.submit()
    drafted = await scene.draft()
    digest = drafted.releases[RELEASE].version.digest
    await scene.do("baishi.head", c.Approve(release=RELEASE, step=StepKind.UNIT_APPROVAL, digest=digest))
    # At `major` approval and confidentiality stand side by side, and the county office comes after both.
    await scene.do("office.duty", c.Assess(level=Level.MAJOR))
    assert await told(sessions, NoticeKind.STEP_OPENED) == {"baishi.reviewer"}
    review = c.ReviewConfidentiality.model_validate({"release": RELEASE, "digest": digest, "outcome": "cleared"})
    after = await scene.do("baishi.reviewer", review)
    leading = set(scene.county.roster().leading_group)
    # Having drafted or decided nothing, every one of them may take the county's step.
    assert await told(sessions, NoticeKind.STEP_OPENED, f"{RELEASE}/county_approval") == OFFICE | leading
    assert not after.releases[RELEASE].intents


async def test_two_steps_that_open_together_are_two_notices(scene: Scene, sessions: Sessions) -> None:
    await scene.submit(level=Level.MAJOR)
    await scene.draft()
    assert await told(sessions, NoticeKind.STEP_OPENED, f"{RELEASE}/unit_approval") == {"baishi.head", "baishi.deputy"}
    assert await told(sessions, NoticeKind.STEP_OPENED, f"{RELEASE}/confidentiality") == {"baishi.reviewer"}


async def test_a_return_goes_to_those_who_can_write_the_next_version(scene: Scene, sessions: Sessions) -> None:
    await scene.submit()
    digest = (await scene.draft()).releases[RELEASE].version.digest
    step = StepKind.UNIT_APPROVAL
    await scene.do("baishi.head", c.ReturnRelease(release=RELEASE, step=step, digest=digest, reason="请核实户数"))
    assert await told(sessions, NoticeKind.RETURNED) == {"baishi.editor", "baishi.deputy"}
    await scene.draft(scene.document("改过的情况说明"))
    assert await told(sessions, NoticeKind.STEP_OPENED) == {"baishi.head", "baishi.deputy"}


async def test_a_refusal_for_secrecy_goes_to_the_drafters(scene: Scene, sessions: Sessions) -> None:
    await scene.submit(level=Level.MAJOR)
    digest = (await scene.draft()).releases[RELEASE].version.digest
    review = {"release": RELEASE, "digest": digest, "outcome": "refused", "ground": "work_secret"}
    await scene.do("baishi.reviewer", c.ReviewConfidentiality.model_validate(review))
    assert await told(sessions, NoticeKind.REFUSED) == BAISHI


async def test_an_assigned_substitute_is_told(scene: Scene, sessions: Sessions) -> None:
    await scene.submit()
    await scene.draft()
    assigned = {"release": RELEASE, "step": "unit_approval", "officer": "health.head", "reason": "负责人外出"}
    await scene.do("office.duty", c.AssignStep.model_validate(assigned))
    assert await told(sessions, NoticeKind.STEP_ASSIGNED) == {"health.head"}


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        (Audience.LEAD, BAISHI),
        (Audience.UNIT_HEAD, {"baishi.head", "baishi.deputy"}),
        (Audience.COUNTY_OFFICE, OFFICE),
        (Audience.HOLDERS, set[str]()),
    ],
)
async def test_a_reminder_goes_to_its_audience(
    scene: Scene, sessions: Sessions, audience: Audience, expected: set[str]
) -> None:
    await scene.submit()
    reminded = e.Reminded(
        obligation="o1",
        kind=ObligationKind.FIRST_RELEASE,
        hard=False,
        fraction=0.75,
        due_at=START + timedelta(hours=1),
        to=(audience,),
    )
    await scene.record("remind/1", reminded)
    assert await told(sessions, NoticeKind.REMINDED) == expected


async def test_an_idle_step_is_brought_before_its_holders_and_the_head_of_its_own_unit(
    scene: Scene, sessions: Sessions
) -> None:
    await scene.submit()
    await scene.draft()
    chased = e.Chased(
        subject="step",
        since=START,
        rung=1,
        to=(Audience.HOLDERS, Audience.UNIT_HEAD, Audience.LEADING_GROUP),
        release=RELEASE,
        version=1,
        step=StepKind.UNIT_APPROVAL,
        unit=UnitId("baishi"),
    )
    await scene.record("chase/1", chased)
    leading = set(scene.county.roster().leading_group)
    assert await told(sessions, NoticeKind.CHASED) == {"baishi.head", "baishi.deputy"} | leading


async def test_what_was_published_goes_to_the_lead_and_what_is_blocked_to_those_who_can_help(
    scene: Scene, sessions: Sessions
) -> None:
    await scene.submit()
    await scene.draft()
    await scene.approve_all()
    parked = e.EffectParked(release=RELEASE, version=1, channel=Channel.BULLETIN, code="unreachable")
    await scene.record("parked/1", parked)
    helpers = {*scene.county.with_role(Role.OPS), *scene.county.with_role(Role.PRESS_OFFICE)}
    assert await told(sessions, NoticeKind.PARKED) == OFFICE | helpers
    digest = (await scene.state()).releases[RELEASE].version.digest
    published = e.Published(
        release=RELEASE, version=1, digest=digest, channel=Channel.BULLETIN, at=START, external_id="1", url="u"
    )
    await scene.record("published/1", published)
    assert await told(sessions, NoticeKind.PUBLISHED) == BAISHI


async def test_a_reopened_incident_is_told_like_a_new_one(scene: Scene, sessions: Sessions) -> None:
    await scene.submit()
    await scene.do("office.head", c.Assess(respond=False, reason="重复报送"))
    await scene.do("office.duty", c.Reopen(reason="再次停水"))
    assert await told(sessions, NoticeKind.REOPENED) == OFFICE - {"office.duty"} | BAISHI


async def test_an_inbox_shows_the_newest_first_in_pages_and_carries_no_words(scene: Scene, sessions: Sessions) -> None:
    await scene.submit()
    await scene.draft()
    head = OfficerId("baishi.head")
    async with sessions() as session:
        inbox = await reads.notices(session, head)
        assert [one.kind for one in inbox] == [NoticeKind.STEP_OPENED, NoticeKind.DUTY_OPENED, NoticeKind.SUBMITTED]
        assert await reads.notices(session, head, limit=1) == inbox[:1]
        assert await reads.notices(session, head, before=inbox[0].id) == inbox[1:]
        assert await reads.notices(session, head, unread=True) == inbox
    assert inbox[0].data == {"release": RELEASE, "version": 1, "step": "unit_approval", "unit": "baishi"}
    assert json.dumps([one.data for one in inbox]).isascii()


async def test_a_stray_notice_never_stops_the_ledger(scene: Scene, sessions: Sessions) -> None:
    stray = {"officer": "office.duty", "seq": 1, "kind": "submitted", "subject": "", "data": {}}
    async with sessions.begin() as session:
        await session.execute(insert(NoticeRow).values(incident=INCIDENT, created_at=START, **stray))
    assert (await scene.submit()).seq == 3
    assert "office.head" in await told(sessions, NoticeKind.SUBMITTED)
