"""What auditor and metrics see of the incidents, and how little of it is read again."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from db import watching
from db.session import Sessions
from db.watching import Watch
from domain import commands as c
from domain.auditing import Seen
from domain.incident import Incident
from domain.watching import Watched, watched
from tests.scene import Scene


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The heads of those states that were made something of."""
    read: list[int] = []

    def noted(incident: Incident) -> Watched:
        read.append(incident.seq)
        return watched(incident)

    monkeypatch.setattr(watching, "watched", noted)
    return read


async def look(watch: Watch, sessions: Sessions) -> list[Seen]:
    async with sessions() as session:
        return await watch.look(session, at_all=True)


async def change(sessions: Sessions, statement: str) -> None:
    async with sessions.begin() as session:
        await session.execute(text(statement))


async def test_a_state_is_read_again_only_once_it_has_changed(
    scene: Scene, sessions: Sessions, reading: list[int]
) -> None:
    watch = Watch()
    assert await look(watch, sessions) == []
    first = await scene.submit()
    seen = [await look(watch, sessions), await look(watch, sessions)]
    assert seen[0] == seen[1] == [Seen(scene.id, first.seq, first.seq, first.submitted_at, watched(first))]
    assert reading == [first.seq]
    scene.clock.advance(timedelta(minutes=1))
    second = await scene.do("office.duty", c.Assess())
    assert [one.watched for one in await look(watch, sessions)] == [watched(second)]
    assert reading == [first.seq, second.seq]


async def test_what_another_version_stored_is_folded_once(scene: Scene, sessions: Sessions, reading: list[int]) -> None:
    first = await scene.submit()
    await change(sessions, "UPDATE incidents SET state = '{}', state_version = 0")
    watch = Watch()
    for _ in range(2):
        assert [one.watched for one in await look(watch, sessions)] == [watched(first)]
    assert reading == [first.seq]


async def test_an_ended_incident_is_looked_at_no_more_unless_its_row_is_behind(
    scene: Scene, sessions: Sessions
) -> None:
    watch = Watch()
    await scene.submit()
    await look(watch, sessions)
    ended = await scene.do("office.head", c.Assess(respond=False, reason="不属实"))
    assert ended.phase.ended
    assert await look(watch, sessions) == []
    await change(sessions, "UPDATE incidents SET head_seq = head_seq - 1")
    [behind] = await look(watch, sessions)
    assert (behind.seq, behind.written, behind.behind, behind.watched) == (ended.seq - 1, ended.seq, 1, None)
    async with sessions() as session:
        assert await watch.look(session) == []
    await change(sessions, "DELETE FROM incidents")
    assert await look(watch, sessions) == [Seen(scene.id, None, ended.seq)]
