"""What is counted stands in the incident's row, or is folded where another version of the program stored them."""

from datetime import timedelta
from importlib import import_module

import pytest
from sqlalchemy import select, text, update

from db import reads
from db.audit import verify
from db.session import Sessions
from db.tables import IncidentRow
from domain import commands as c
from domain.standing import Sight
from domain.statistics import Course
from domain.vocabulary import Milestone, ObligationKind, ObligationState, UnitId
from tests.api.test_public import release
from tests.scene import Scene

FILL = import_module("db.migrations.versions.0011_course").FILL
EVERYTHING = Sight(units=None, known_as=frozenset(), all_restricted=True, worded=True)


async def read(sessions: Sessions, sight: Sight = EVERYTHING, *, drills: bool = False) -> list[Course]:
    async with sessions() as session:
        return await reads.courses(session, sight, None, drills=drills)


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
        stale = {"state_version": 0, "state": "{}", "course": {}}
        await session.execute(update(IncidentRow).values(**stale))
    assert await read(sessions) == before


async def test_nobody_counts_what_their_list_does_not_show(closed: Scene, sessions: Sessions) -> None:
    nothing = Sight(units=frozenset(), known_as=frozenset(), all_restricted=False, worded=False)
    theirs = Sight(units=frozenset({UnitId("baishi")}), known_as=frozenset(), all_restricted=False, worded=False)
    assert await read(sessions, nothing) == []
    assert len(await read(sessions, theirs)) == 1
    assert await read(sessions, drills=True) == []


async def test_an_incident_that_goes_on_counts_as_it_stands(scene: Scene, sessions: Sessions) -> None:
    await scene.submit()
    (first,) = await read(sessions)
    await scene.do("office.duty", c.Assess(respond=True))
    (then,) = await read(sessions)
    assert Milestone.ASSESSED in then.steps
    assert Milestone.ASSESSED not in first.steps


async def test_rows_of_before_are_filled_as_they_would_be_written(closed: Scene, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        written = (await session.execute(select(IncidentRow.course))).scalar_one()
        await session.execute(update(IncidentRow).values(course={}))
        await session.execute(text(FILL))
    async with sessions() as session:
        assert (await session.execute(select(IncidentRow.course))).scalar_one() == written


async def test_a_course_that_was_tampered_with_is_found(closed: Scene, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        assert not await verify(session, closed.id)
        await session.execute(update(IncidentRow).values(course={"duties": []}))
        assert any("course" in problem for problem in await verify(session, closed.id))
