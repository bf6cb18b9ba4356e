"""What lists and pages are made from."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import delete, update

from db import ledger, reads
from db.projections import STATE_VERSION
from db.session import Sessions
from db.tables import IncidentRow, TextRow
from domain import commands as c
from domain.county import County
from domain.incident import Incident
from domain.standing import Sight
from domain.vocabulary import IncidentId, Level, Phase, UnitId
from tests.clock import FixedClock
from tests.scene import INCIDENT, Scene

EVERYTHING = Sight(units=None, known_as=frozenset(), all_restricted=True, worded=True)
NOTHING = Sight(units=frozenset(), known_as=frozenset(), all_restricted=False, worded=False)


@pytest.fixture
async def five(sessions: Sessions, county: County, clock: FixedClock) -> list[Incident]:
    """Five incidents, a minute apart; the last two in the same instant."""
    made = []
    for number in range(5):
        if number < 4:
            clock.advance(timedelta(minutes=1))
        scene = Scene(sessions, county, clock, IncidentId(f"{number:012x}"))
        changes: dict[str, object] = {"title": f"第{number}号事件", "drill": number == 1}
        if number == 2:
            changes |= {"townships": (), "departments": ("health",), "level": Level.MAJOR}
        made.append(await scene.submit(**changes))
    return made


async def listed(sessions: Sessions, clock: FixedClock, **filters: object) -> list[str]:
    async with sessions() as session:
        found = await reads.list_incidents(session, reads.Filters(**filters), None, 50, EVERYTHING, clock.at)  # type: ignore[arg-type]  # Filters by name.
    return [one.id[-1] for one in found]


async def test_the_state_read_is_the_state_folded(scene: Scene, sessions: Sessions) -> None:
    await scene.submit()
    await scene.draft()
    async with sessions() as session:
        assert await reads.incident(session, INCIDENT) == await ledger.load(session, INCIDENT)
        assert await reads.incident(session, IncidentId("ffffffffffff")) is None


@pytest.mark.parametrize("change", [{"state_version": STATE_VERSION + 1}, {"state_version": 0, "state": "{}"}])
async def test_a_state_stored_by_another_version_is_folded_anew(
    scene: Scene, sessions: Sessions, change: dict[str, object]
) -> None:
    submitted = await scene.submit()
    async with sessions.begin() as session:
        await session.execute(update(IncidentRow).values(change))
        assert await reads.incident(session, INCIDENT) == submitted
        assert await reads.open_states(session) == [submitted]
    # And appending goes on from it, storing the state as this version does.
    noted = await scene.do("baishi.editor", c.Note(text="已通知供水公司"))
    async with sessions() as session:
        assert await reads.incident(session, INCIDENT) == noted


async def test_the_newest_come_first_and_each_on_exactly_one_page(
    five: list[Incident], sessions: Sessions, clock: FixedClock
) -> None:
    pages: list[list[reads.Listed]] = []
    after: reads.Place | None = None
    async with sessions() as session:
        while page := await reads.list_incidents(session, reads.Filters(), after, 2, EVERYTHING, clock.at):
            pages.append(page)
            after = page[-1].place
    found = [one for page in pages for one in page]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [one.id for one in found] == [f"{number:012x}" for number in (4, 3, 2, 1, 0)]
    assert all(a.place > b.place for a, b in pairwise(found))


async def test_filters_narrow_the_list(five: list[Incident], sessions: Sessions, clock: FixedClock) -> None:
    assert await listed(sessions, clock, drill=True) == ["1"]
    assert await listed(sessions, clock, drill=False, level=Level.GENERAL) == ["4", "3", "0"]
    assert await listed(sessions, clock, lead=UnitId("health")) == ["2"]
    assert await listed(sessions, clock, phase=Phase.CLOSED) == []
    assert await listed(sessions, clock, q="第3号") == ["3"]
    assert await listed(sessions, clock, q="%") == []
    assert await listed(sessions, clock, q="青岫舆") == ["4", "3", "2", "1", "0"]


async def test_overdue_is_a_matter_of_the_instant_asked_for(
    five: list[Incident], sessions: Sessions, clock: FixedClock
) -> None:
    assert await listed(sessions, clock, overdue=True, drill=False) == []
    clock.advance(timedelta(hours=4))
    assert await listed(sessions, clock, overdue=True, drill=False) == ["4", "3", "2", "0"]
    assert await listed(sessions, clock, overdue=False, drill=False) == []


async def test_a_list_shows_only_incidents_that_involve_the_readers_units(
    five: list[Incident], sessions: Sessions, clock: FixedClock
) -> None:
    async with sessions() as session:
        for units, expected in (({"health"}, ["2"]), ({"police"}, []), (set[str](), []), ({"press", "police"}, ["2"])):
            visible = replace(NOTHING, units=frozenset(map(UnitId, units)))
            found = await reads.list_incidents(session, reads.Filters(), None, 50, visible, clock.at)
            assert [one.id[-1] for one in found] == expected


async def test_titles_come_with_the_list_until_they_are_erased(
    five: list[Incident], sessions: Sessions, clock: FixedClock
) -> None:
    async with sessions.begin() as session:
        await session.execute(delete(TextRow).where(TextRow.incident == five[0].id))
        found = await reads.list_incidents(session, reads.Filters(), None, 50, EVERYTHING, clock.at)
        assert [one.title for one in found] == ["第4号事件", "第3号事件", "第2号事件", "第1号事件", ""]
        assert await reads.title(session, five[1].id) == "第1号事件"
        assert await reads.title(session, five[0].id) is None
        assert await reads.titles(session, [five[0].id, five[2].id]) == {five[2].id: "第2号事件"}


async def test_ended_incidents_need_no_process(five: list[Incident], sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await session.execute(update(IncidentRow).where(IncidentRow.id == five[0].id).values(phase="closed"))
        assert await reads.open_incidents(session) == [one.id for one in five[1:]]
        assert sorted(await reads.all_incidents(session)) == [one.id for one in five]


async def test_what_is_next_due_comes_first_and_each_on_exactly_one_page(
    five: list[Incident], sessions: Sessions, clock: FixedClock
) -> None:
    async with sessions.begin() as session:
        await session.execute(update(IncidentRow).where(IncidentRow.id == five[0].id).values(next_due_at=None))
    found: list[reads.Listed] = []
    after: reads.Place | None = None
    order = reads.Order.NEXT_DUE
    async with sessions() as session:
        while page := await reads.list_incidents(session, reads.Filters(), after, 2, EVERYTHING, clock.at, order):
            found += page
            after = page[-1].place_in(order)
    assert sorted(one.id for one in found) == sorted(one.id for one in five)
    instants = [one.next_due_at for one in found]
    assert instants[-1] is None
    known = [at for at in instants if at is not None]
    assert known == sorted(known)
    assert len(known) == 4


async def test_a_list_is_counted_on_all_its_pages(five: list[Incident], sessions: Sessions, clock: FixedClock) -> None:
    later, real = clock.at + timedelta(hours=5), reads.Filters(drill=False)
    async with sessions() as session:
        # A drill's clock has run out by now.
        assert await reads.count_incidents(session, reads.Filters(), EVERYTHING, clock.at) == reads.Counted(5, 1)
        assert await reads.count_incidents(session, real, EVERYTHING, clock.at) == reads.Counted(4, 0)
        assert await reads.count_incidents(session, real, EVERYTHING, later) == reads.Counted(4, 4)
        assert await reads.count_incidents(session, reads.Filters(q="第2号"), EVERYTHING, later) == reads.Counted(1, 1)
        assert await reads.count_incidents(session, reads.Filters(), NOTHING, later) == reads.Counted(0, 0)


async def test_one_incident_is_found_only_where_the_list_has_it(
    five: list[Incident], sessions: Sessions, clock: FixedClock
) -> None:
    assert await listed(sessions, clock, only=five[3].id, drill=False) == ["3"]
    assert await listed(sessions, clock, only=five[1].id, drill=False) == []
    assert await listed(sessions, clock, only=five[3].id, ended=True) == []
    assert len(await listed(sessions, clock, ended=False)) == 5
