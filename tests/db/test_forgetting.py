"""Words go when their period is over; what remains proves what happened without them."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

import policies
from db import attachments, audit, forgetting, publications, rebuilding
from db.session import Sessions
from db.tables import AttachmentRow, ErasureRow, IdempotencyRow, NoticeRow, TextRow
from domain import commands as c
from domain.attachments import Attachment
from domain.vocabulary import Digest, IncidentId, OfficerId, ReleaseId, UnitId
from runtime.attachments.store import AttachmentStore, StoreAway
from runtime.embedded.postgres import EmbeddedPostgres
from tests.clock import FixedClock
from tests.scene import INCIDENT, RELEASE, Scene
from upkeep.forgetting import Forgetting, periods

PERIOD = timedelta(days=policies.load("xiangyun-2019-54").retention_days or 0)
SECRET = "槐树巷七号院住户反映之特征文字"
PUBLIC, FILE_BESIDE, OTHER_FILE = "公开发布之特征文字", Digest("a" * 64), Digest("b" * 64)
OTHER = ReleaseId("ba9876543210")


@pytest.fixture
def chore(sessions: Sessions, clock: FixedClock, database_url: str, tmp_path: Path) -> Forgetting:
    return Forgetting(sessions, AttachmentStore(tmp_path.as_uri()), clock, database_url, "a test")


async def upload(scene: Scene, chore: Forgetting, digest: Digest) -> None:
    file = Attachment(digest=digest, media_type="image/png", bytes=4)
    async with scene.sessions.begin() as session:
        by = attachments.Upload(OfficerId("baishi.editor"), f"{SECRET}.png", scene.clock.at)
        await attachments.expect(session, scene.id, file, by)
        await attachments.mark_stored(session, scene.id, digest, scene.clock.at)
    await chore.store.put(scene.id, digest, BytesIO(SECRET.encode()))


async def publish(scene: Scene, release: ReleaseId, body: str, *files: Digest) -> None:
    """Drafted and on the bulletin."""
    document = scene.document(body, release=release, attachments=files)
    await scene.draft(document)
    async with scene.sessions.begin() as session:
        await publications.show_on_bulletin(session, document, 1, UnitId("baishi"), scene.clock.at, drill=False)


async def end(scene: Scene) -> None:
    await scene.do("office.head", c.Assess(respond=False, reason="经核实与本县无关"))


@pytest.fixture
async def ended(scene: Scene, chore: Forgetting) -> Scene:
    """Ended, with a release on the bulletin, one that never came there, a file each, and words all over."""
    await scene.submit(title=SECRET, summary=SECRET)
    await scene.do("baishi.editor", c.Note(text=SECRET))
    await upload(scene, chore, FILE_BESIDE)
    await upload(scene, chore, OTHER_FILE)
    await publish(scene, RELEASE, PUBLIC, FILE_BESIDE)
    await scene.draft(scene.document(SECRET, release=OTHER, attachments=(OTHER_FILE,)))
    await end(scene)
    return scene


async def count(sessions: Sessions, table: type) -> int:
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


def stored(chore: Forgetting) -> list[str]:
    return [path.name for path in Path(chore.store._url.removeprefix("file://")).glob("*/*")]


async def kept_words(sessions: Sessions) -> str:
    async with sessions() as session:
        return "\n".join(await session.scalars(select(TextRow.text)))


async def test_words_go_on_the_day_and_not_before(ended: Scene, chore: Forgetting, sessions: Sessions) -> None:
    ended.clock.advance(PERIOD - timedelta(seconds=1))
    assert await chore.run() == 0
    assert SECRET in await kept_words(sessions)
    ended.clock.advance(timedelta(seconds=1))
    assert await chore.run() == 1
    assert SECRET not in await kept_words(sessions)
    assert await chore.run() == 0


async def test_what_stands_on_the_bulletin_stays_with_its_file(
    ended: Scene, chore: Forgetting, sessions: Sessions
) -> None:
    ended.clock.advance(PERIOD)
    await chore.run()
    assert PUBLIC in await kept_words(sessions)
    assert await count(sessions, TextRow) == 1
    async with sessions() as session:
        columns = select(AttachmentRow.digest, AttachmentRow.name)
        assert [tuple(row) for row in await session.execute(columns)] == [(FILE_BESIDE, "")]
    assert stored(chore) == [FILE_BESIDE]


async def test_what_was_withdrawn_goes(ended: Scene, chore: Forgetting, sessions: Sessions) -> None:
    place = publications.Place(ended.id, RELEASE, 1, ended.document().channels[0])
    async with sessions.begin() as session:
        await publications.mark_withdrawn(session, place, ended.clock.at)
    ended.clock.advance(PERIOD)
    await chore.run()
    assert (await count(sessions, TextRow), await count(sessions, AttachmentRow)) == (0, 0)
    assert stored(chore) == []


async def test_inboxes_and_keys_go_and_it_is_written_down(ended: Scene, chore: Forgetting, sessions: Sessions) -> None:
    insert = "INSERT INTO idempotency VALUES ('unit:baishi', 'k', 'submit', 'h', :incident, 'c', now())"
    async with sessions.begin() as session:
        await session.execute(text(insert), {"incident": ended.id})
    told, idle_since = await count(sessions, NoticeRow), ended.clock.at
    assert told > 0
    now = ended.clock.advance(PERIOD)
    await chore.run()
    assert (await count(sessions, NoticeRow), await count(sessions, IdempotencyRow)) == (0, 0)
    async with sessions() as session:
        row = (await session.scalars(select(ErasureRow))).one()
    assert (row.incident, row.erased_at, row.by, row.days) == (ended.id, now, "a test", PERIOD.days)
    assert (row.idle_since, row.attachments, row.notices) == (idle_since, 1, told)
    assert row.texts > 4
    assert row.scrubbed_at == now


async def test_the_chain_still_verifies_and_nobody_is_told_again(
    ended: Scene, chore: Forgetting, sessions: Sessions
) -> None:
    ended.clock.advance(PERIOD)
    await chore.run()
    async with sessions.begin() as session:
        assert await audit.verify(session, ended.id) == []
        await rebuilding.rebuild(session, ended.id, ended.counties)
    assert await count(sessions, NoticeRow) == 0


async def test_an_incident_that_goes_on_loses_nothing(scene: Scene, chore: Forgetting, sessions: Sessions) -> None:
    await scene.submit(title=SECRET)
    scene.clock.advance(PERIOD * 10)
    assert await chore.run() == 0
    assert SECRET in await kept_words(sessions)


async def test_reopening_stops_it_and_the_period_begins_anew(
    ended: Scene, chore: Forgetting, sessions: Sessions
) -> None:
    ended.clock.advance(PERIOD - timedelta(days=1))
    await ended.do("office.duty", c.Reopen(reason="再次发酵"))
    ended.clock.advance(timedelta(days=2))
    assert await chore.run() == 0
    await end(ended)
    ended.clock.advance(PERIOD - timedelta(seconds=1))
    assert await chore.run() == 0
    assert SECRET in await kept_words(sessions)
    ended.clock.advance(timedelta(seconds=1))
    assert await chore.run() == 1


async def test_one_that_is_reopened_while_it_is_looked_at_keeps_its_words(
    ended: Scene, chore: Forgetting, sessions: Sessions
) -> None:
    ended.clock.advance(PERIOD)
    (due,) = await chore.due()
    await ended.do("office.duty", c.Reopen(reason="再次发酵"))
    assert await chore.erase(due) is None
    assert SECRET in await kept_words(sessions)


async def test_words_that_came_after_an_erasure_have_a_period_of_their_own(
    ended: Scene, chore: Forgetting, sessions: Sessions
) -> None:
    ended.clock.advance(PERIOD)
    await chore.run()
    ended.clock.advance(timedelta(days=1))
    await ended.do("office.duty", c.Reopen(reason=SECRET))
    await end(ended)
    assert SECRET in await kept_words(sessions)
    ended.clock.advance(PERIOD)
    assert await chore.run() == 1
    assert SECRET not in await kept_words(sessions)
    assert await count(sessions, ErasureRow) == 2


async def test_the_frozen_period_decides_and_an_older_policy_asks_todays(ended: Scene, sessions: Sessions) -> None:
    now = ended.clock.advance(PERIOD)
    days = (
        "UPDATE incidents SET state = "
        "jsonb_set(state::jsonb, '{policy,retention_days}', to_jsonb(CAST(:days AS int)))::text"
    )
    policy = ended.county.policy
    assert policy in periods()
    async with sessions.begin() as session:
        await session.execute(text(days), {"days": PERIOD.days + 1})
        assert await forgetting.due(session, {policy: 1}, now) == [], "a shorter one of today changes nothing"
        await session.execute(text("UPDATE incidents SET state = (state::jsonb #- '{policy,retention_days}')::text"))
        assert await forgetting.due(session, {}, now) == [], "nobody ever said how long"
        assert [one.days for one in await forgetting.due(session, {policy: 5}, now)] == [5]
        assert await forgetting.due(session, {policy: PERIOD.days + 1}, now) == []


async def test_a_dry_look_changes_nothing(ended: Scene, chore: Forgetting, sessions: Sessions) -> None:
    ended.clock.advance(PERIOD)
    assert [one.incident for one in await chore.due()] == [INCIDENT]
    assert SECRET in await kept_words(sessions)


async def test_a_store_that_is_away_delays_it_whole(
    ended: Scene, chore: Forgetting, sessions: Sessions, tmp_path: Path
) -> None:
    ended.clock.advance(PERIOD)
    away = replace(chore, store=AttachmentStore((tmp_path / "a file").as_uri()))
    (tmp_path / "a file").write_text("where a folder should be")
    with pytest.raises(StoreAway):
        await away.run()
    assert SECRET in await kept_words(sessions)
    assert await count(sessions, ErasureRow) == 0


@pytest.fixture
async def analysed(ended: Scene, engine: AsyncEngine) -> Scene:
    """After everything that a server does by itself with rows: samples them, writes pages and log to its disk."""
    async with engine.connect() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in ("ANALYZE", "CHECKPOINT", "UPDATE texts SET adopted = adopted", "ANALYZE", "CHECKPOINT"):
            await alone.execute(text(statement))
    return ended


@pytest.fixture
async def files(postgres: EmbeddedPostgres, sessions: Sessions) -> list[Path]:
    """Folders of the server's files, but for those of databases that other tests left words in."""
    async with sessions() as session:
        own = await session.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
    (base,) = postgres.root.rglob("base")
    return [base / str(own), *(folder for folder in base.parent.iterdir() if folder.is_dir() and folder != base)]


def files_with(words: str, folders: list[Path]) -> list[str]:
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return [str(path) for path in files if words.encode() in path.read_bytes()]


async def test_the_servers_files_do_not_hold_it_either(
    analysed: Scene, chore: Forgetting, files: list[Path], sessions: Sessions
) -> None:
    assert any("pg_wal" in path for path in files_with(SECRET, files))
    assert any("base" in path for path in files_with(SECRET, files))
    analysed.clock.advance(PERIOD)
    assert await chore.run() == 1
    assert files_with(SECRET, files) == []
    assert files_with(PUBLIC, files) != []
    async with sessions() as session:
        assert not await forgetting.is_unscrubbed(session)


async def test_what_somebody_still_sees_is_waited_for_and_else_left_to_the_next_time(
    analysed: Scene,
    chore: Forgetting,
    files: list[Path],
    engine: AsyncEngine,
    sessions: Sessions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forgetting, "PATIENCE_MS", 1000)
    analysed.clock.advance(PERIOD)
    async with engine.connect() as reader:
        still = await reader.execution_options(isolation_level="REPEATABLE READ")
        await still.execute(text("SELECT count(*) FROM officers"))
        assert await chore.run() == 1
        async with sessions() as session:
            assert await forgetting.is_unscrubbed(session)
        again = asyncio.create_task(chore.run())
        await waits(engine)
        await still.rollback()
        await again
    assert files_with(SECRET, files) == []
    async with sessions() as session:
        assert not await forgetting.is_unscrubbed(session)


async def waits(engine: AsyncEngine) -> None:
    """Until somebody has asked who still sees what was deleted."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%backend_xmin%' AND pid <> pg_backend_pid()"
    async with engine.connect() as connection, asyncio.timeout(10):
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        while not await alone.scalar(text(asked)):  # noqa: ASYNC110  # Another connection's doing.
            await asyncio.sleep(0.01)


async def test_the_server_samples_no_words(analysed: Scene, sessions: Sessions) -> None:
    query = "SELECT count(*) FROM pg_stats WHERE tablename = 'texts' AND attname = 'text'"
    others = "SELECT count(*) FROM pg_stats WHERE tablename = 'texts'"
    async with sessions() as session:
        assert await session.scalar(text(query)) == 0
        assert await session.scalar(text(others)) != 0


async def test_tables_that_are_in_use_are_scrubbed_the_next_time(
    ended: Scene, chore: Forgetting, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended.clock.advance(PERIOD)
    monkeypatch.setattr(forgetting, "PATIENCE_MS", 50)
    async with sessions() as session:
        await session.execute(text("LOCK TABLE notices IN ACCESS SHARE MODE"))
        (due,) = await chore.due()
        await session.execute(text("SELECT 1"))
        assert await chore.erase(due) is not None
        await chore.run()
    async with sessions() as session:
        assert await forgetting.is_unscrubbed(session)
    await chore.run()
    async with sessions() as session:
        assert not await forgetting.is_unscrubbed(session)


async def test_another_incident_is_not_touched(ended: Scene, chore: Forgetting, sessions: Sessions) -> None:
    other = Scene(sessions, ended.county, ended.clock, IncidentId("ee" * 6))
    await other.submit(title="另一事件")
    ended.clock.advance(PERIOD)
    assert await chore.run() == 1
    assert "另一事件" in await kept_words(sessions)
