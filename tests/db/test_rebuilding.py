"""Whatever is computed from a ledger can be computed again."""

import pytest
from sqlalchemy import delete, select, text, update

from db import ledger
from db.audit import verify
from db.rebuilding import LedgerBroken, batches, rebuild
from db.session import Sessions
from db.tables import IncidentRow, LedgerRow, NoticeRow, TextRow
from domain import commands as c
from domain.vocabulary import IncidentId
from tests.scene import INCIDENT, Scene

INBOX = (NoticeRow.officer, NoticeRow.seq, NoticeRow.kind, NoticeRow.subject, NoticeRow.data, NoticeRow.created_at)


@pytest.fixture
async def played(scene: Scene) -> Scene:
    await scene.submit(links=("http://127.0.0.1/1",))
    await scene.draft()
    await scene.do("office.duty", c.Assess(level="major"))  # type: ignore[arg-type]  # As it comes from outside.
    await scene.approve_all()
    return scene


async def projections(sessions: Sessions) -> list[object]:
    async with sessions() as session:
        # Which transaction wrote it is no part of what the ledger says.
        columns = [column for column in IncidentRow.__table__.c if column.name != "changed_in"]
        rows = (await session.execute(select(*columns))).all()
        inbox = (await session.execute(select(*INBOX).order_by(*INBOX[:4]))).all()
        adopted = (await session.execute(select(TextRow.digest, TextRow.adopted).order_by(TextRow.digest))).all()
    return [rows, inbox, adopted]


async def test_lost_projections_come_back_exactly_as_they_were(played: Scene, sessions: Sessions) -> None:
    before = await projections(sessions)
    async with sessions.begin() as session:
        for table in (IncidentRow, NoticeRow):
            await session.execute(delete(table))
        await session.execute(update(TextRow).values(adopted=False))
    async with sessions.begin() as session:
        await rebuild(session, INCIDENT, played.counties)
    assert await projections(sessions) == before
    async with sessions() as session:
        assert await verify(session, INCIDENT) == []
    await played.do("baishi.editor", c.Note(text="继续"))


async def test_rebuilding_what_is_whole_changes_nothing(played: Scene, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await session.execute(update(NoticeRow).values(read_at=played.clock.at))
    before = await projections(sessions)
    async with sessions.begin() as session:
        await rebuild(session, INCIDENT, played.counties)
    assert await projections(sessions) == before


async def test_a_changed_row_is_put_right(played: Scene, sessions: Sessions) -> None:
    before = await projections(sessions)
    async with sessions.begin() as session:
        await session.execute(update(IncidentRow).values(phase="closed", lead="police", units=[], next_due_at=None))
        await rebuild(session, INCIDENT, played.counties)
    assert await projections(sessions) == before


@pytest.mark.parametrize("last", [False, True])
async def test_nothing_is_rebuilt_from_a_ledger_that_is_not_whole(
    played: Scene, sessions: Sessions, last: bool
) -> None:
    seq = (await played.state()).seq if last else 2
    async with sessions.begin() as session:
        await session.execute(text("ALTER TABLE ledger DISABLE TRIGGER append_only"))
        await session.execute(delete(LedgerRow).where(LedgerRow.seq == seq))
    async with sessions() as session:
        with pytest.raises(LedgerBroken, match="is missing"):
            await rebuild(session, INCIDENT, played.counties)


async def test_nothing_is_rebuilt_for_an_incident_without_entries(sessions: Sessions, scene: Scene) -> None:
    async with sessions() as session:
        with pytest.raises(LedgerBroken, match="no entries"):
            await rebuild(session, IncidentId("ffffffffffff"), scene.counties)


async def test_entries_fall_back_into_the_batches_they_came_in(played: Scene, sessions: Sessions) -> None:
    async with sessions() as session:
        found = list(batches(await ledger.entries(session, INCIDENT)))
    assert [batch[0].by.command_id for batch in found] == [f"c{n}" for n in range(1, len(found) + 1)]
    assert all(entry.by.command_id == batch[0].by.command_id for batch in found for entry in batch)
