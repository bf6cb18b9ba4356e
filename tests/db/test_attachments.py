"""What is known of files, and which of them are swept."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from db import attachments, rebuilding
from db.attachments import Upload
from db.session import Sessions
from db.tables import AttachmentRow
from domain.attachments import Attachment
from domain.vocabulary import Digest, IncidentId, OfficerId
from runtime.attachments.store import AttachmentGone, AttachmentStore
from tests.clock import START, FixedClock
from tests.files import attach
from tests.scene import INCIDENT, Scene
from upkeep.sweeping import Swept, sweep_orphans

OTHER = IncidentId("ffffffffffff")
WEEK = timedelta(days=7)


@pytest.fixture
def store(tmp_path: Path) -> AttachmentStore:
    return AttachmentStore(tmp_path.as_uri())


async def left(sessions: Sessions) -> set[str]:
    async with sessions() as session:
        return set(await session.scalars(select(AttachmentRow.digest)))


async def test_a_file_belongs_to_its_incident(scene: Scene, sessions: Sessions) -> None:
    digest = await attach(scene)
    async with sessions() as session:
        found = await attachments.find(session, INCIDENT, [digest])
        assert found == {digest: Attachment(digest=digest, media_type="image/png", bytes=9)}
        assert await attachments.find(session, OTHER, [digest]) == {}


async def test_a_file_whose_bytes_are_still_being_written_is_not_there(sessions: Sessions) -> None:
    attachment = Attachment(digest=Digest("a" * 64), media_type="image/png", bytes=1)
    async with sessions.begin() as session:
        await attachments.expect(session, INCIDENT, attachment, Upload(OfficerId("baishi.editor"), "", START))
        assert await attachments.find(session, INCIDENT, [attachment.digest]) == {}
        assert await attachments.renew(session, INCIDENT, [attachment.digest], START) == [attachment.digest]
        await attachments.mark_stored(session, INCIDENT, attachment.digest, START)
        assert await attachments.renew(session, INCIDENT, [attachment.digest], START) == []


async def test_only_files_no_version_names_are_swept_and_only_after_a_week(
    scene: Scene, sessions: Sessions, store: AttachmentStore, clock: FixedClock
) -> None:
    await scene.submit()
    named, orphan = await attach(scene, b"named", store), await attach(scene, b"orphan", store)
    await scene.draft(scene.document(attachments=(named,)))
    clock.advance(WEEK)
    assert await sweep_orphans(sessions, store, clock) == Swept(0, 0)
    clock.advance(timedelta(seconds=1))
    assert await sweep_orphans(sessions, store, clock) == Swept(0, 1)
    assert await left(sessions) == {named}
    assert await store.digest_of(INCIDENT, named) == named
    with pytest.raises(AttachmentGone):
        await store.digest_of(INCIDENT, orphan)


async def test_a_file_that_a_draft_names_waits_another_week(
    scene: Scene, sessions: Sessions, store: AttachmentStore, clock: FixedClock
) -> None:
    again, drafted = await attach(scene, b"again", store), await attach(scene, b"drafted", store)
    clock.advance(WEEK)
    await attach(scene, b"again", store)
    async with sessions.begin() as session:
        assert await attachments.renew(session, INCIDENT, [drafted], clock.at) == []
    clock.advance(timedelta(days=1))
    assert await sweep_orphans(sessions, store, clock) == Swept(0, 0)
    assert await left(sessions) == {again, drafted}


async def test_all_orphans_go_however_many_there_are(
    scene: Scene, sessions: Sessions, store: AttachmentStore, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "SWEPT_AT_ONCE", 2)
    for number in range(5):
        await attach(scene, bytes((number,)), store)
    clock.advance(WEEK + timedelta(days=1))
    assert await sweep_orphans(sessions, store, clock) == Swept(0, 5)
    assert await left(sessions) == set()


async def test_a_rebuilt_incident_keeps_the_files_its_versions_name(scene: Scene, sessions: Sessions) -> None:
    await scene.submit()
    digest = await attach(scene)
    await scene.draft(scene.document(attachments=(digest,)))
    async with sessions.begin() as session:
        await session.execute(update(AttachmentRow).values(adopted=False))
        await rebuilding.rebuild(session, INCIDENT, scene.counties)
        assert set(await session.scalars(select(AttachmentRow.adopted))) == {True}
