"""What is counted is read from the stored states, or folded where another version of the program stored them."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from db import reads
from db.session import Sessions
from db.tables import IncidentRow
from domain import commands as c
from domain.standing import Sight
from domain.statistics import Course
from domain.vocabulary import Milestone, ObligationKind, ObligationState, UnitId
from tests.api.test_public import release
from tests.scene import Scene

EVERYTHING = Sight(units=None, known_as=frozenset(), all_restricted=True, worded=True)


async def read(sessions: Sessions, sight: Sight = EVERYTHING, *, drills: bool = False) -> list[Course]:
    async with sessions() as session:
        return await reads.Courses().read(session, sight, None, drills=drills)


@pytest.fixture
async def closed(scene: Scene) -> Scene:
    """Detected 20 minutes before it was reported; assessed, answered and closed one, two and three hours after."""
    await scene.submit()
    for step in (c.Assess(respond=True), None, c.Close(summary="已办结")):
        scene.clock.advance(timedelta(hours=1))
        if step is None:
            await scene.do("office.duty", c.ConfirmFacts(summary="已查清", reason="代为确认"))
            await release(scene, scene.document(kind="response"))
        else:
            await scene.do("office.duty", step)
    return scene


async def test_a_course_has_every_step_at_its_instant(closed: Scene, sessions: Sessions) -> None:
    (course,) = await read(sessions)
    passed = {step: at - course.detected_at - timedelta(minutes=20) for step, at in course.steps.items()}
    assert passed == {
        Milestone.ASSESSED: timedelta(hours=1),
        Milestone.FIRST_RELEASE: timedelta(hours=2),
        Milestone.RESPONSE: timedelta(hours=2),
        Milestone.CLOSED: timedelta(hours=3),
    }
    assert (course.lead, course.open) == ("baishi", False)
    assert {(owed.kind, owed.state) for owed in course.duties} == {
        (ObligationKind.FIRST_RELEASE, ObligationState.MET),
        (ObligationKind.RESPONSE, ObligationState.MET),
    }


async def test_a_state_of_another_version_is_folded_anew(closed: Scene, sessions: Sessions) -> None:
    before = await read(sessions)
    async with sessions.begin() as session:
        stale = {"state_version": 0, "state": '{"policy": {"mandatory_channel": "bulletin"}}'}
        await session.execute(update(IncidentRow).values(**stale))
    assert await read(sessions) == before


async def test_nobody_counts_what_their_list_does_not_show(closed: Scene, sessions: Sessions) -> None:
    nothing = Sight(units=frozenset(), known_as=frozenset(), all_restricted=False, worded=False)
    theirs = Sight(units=frozenset({UnitId("baishi")}), known_as=frozenset(), all_restricted=False, worded=False)
    assert await read(sessions, nothing) == []
    assert len(await read(sessions, theirs)) == 1
    assert await read(sessions, drills=True) == []


async def test_what_is_remembered_is_read_again_once_it_goes_on(scene: Scene, sessions: Sessions) -> None:
    courses = reads.Courses()
    await scene.submit()
    async with sessions() as session:
        (first,) = await courses.read(session, EVERYTHING, None, drills=False)
        assert await courses.read(session, EVERYTHING, None, drills=False) == [first]
    scene.clock.advance(timedelta(hours=1))
    await scene.do("office.duty", c.Assess(respond=True))
    async with sessions() as session:
        (then,) = await courses.read(session, EVERYTHING, None, drills=False)
        nothing = Sight(units=frozenset(), known_as=frozenset(), all_restricted=False, worded=False)
        assert await courses.read(session, nothing, None, drills=False) == []
    assert Milestone.ASSESSED in then.steps
    assert Milestone.ASSESSED not in first.steps
