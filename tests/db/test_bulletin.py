"""The county's bulletin as the public reads it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, func, update

from db import publications, reads, texts
from db.publications import Place
from db.session import Sessions
from db.tables import TextRow
from domain.releases import Document, Receipt
from domain.vocabulary import Channel, Digest, ReleaseId, ReleaseKind, UnitId
from tests.clock import START
from tests.scene import INCIDENT, RELEASE, Scene

CORRECTION = ReleaseId("ffffffffffff")


async def publish(sessions: Sessions, document: Document, at: datetime, *, drill: bool = False) -> Digest:
    async with sessions.begin() as session:
        await texts.store_document(session, document, at)
        await publications.show_on_bulletin(session, document, 1, UnitId("emergency"), at, drill=drill)
    return document.digest()


@pytest.fixture
async def first(scene: Scene, sessions: Sessions) -> Digest:
    return await publish(sessions, scene.document(), START)


async def test_the_newest_come_first_and_each_on_exactly_one_page(scene: Scene, sessions: Sessions) -> None:
    # Three at one instant: their digests put them in order.
    times = [START, START, START, START + timedelta(minutes=1), START + timedelta(minutes=2)]
    documents = [scene.document(release=f"{number:012x}") for number in range(5)]
    published = {await publish(sessions, document, at) for document, at in zip(documents, times, strict=True)}
    pages: list[list[reads.PublicRelease]] = []
    before: reads.PublicPlace | None = None
    async with sessions() as session:
        while page := await reads.bulletin(session, drill=False, before=before, limit=2):
            pages.append(page)
            before = page[-1].place
    found = [one for page in pages for one in page]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert {one.digest for one in found} == published
    assert found == sorted(found, key=lambda one: one.place, reverse=True)


async def test_drills_stand_apart(scene: Scene, sessions: Sessions) -> None:
    drilled = await publish(sessions, scene.document(), START, drill=True)
    async with sessions() as session:
        assert await reads.bulletin(session, drill=False) == []
        assert [one.digest for one in await reads.bulletin(session, drill=True)] == [drilled]
        release = await reads.bulletin_release(session, drilled)
        assert release is not None
        assert release.drill


async def test_a_corrected_release_names_its_latest_correction_and_the_correction_what_it_corrects(
    scene: Scene, sessions: Sessions, first: Digest
) -> None:
    fields = {"kind": ReleaseKind.CORRECTION, "corrects": RELEASE}
    earlier = scene.document("更正:预计明天恢复。", release="eeeeeeeeeeee", **fields)
    await publish(sessions, earlier, START + timedelta(hours=1))
    correction = scene.document("更正:预计后天恢复。", release=CORRECTION, **fields)
    latest = await publish(sessions, correction, START + timedelta(hours=2))
    async with sessions() as session:
        corrected = await reads.bulletin_release(session, first)
        correcting = await reads.bulletin_release(session, latest)
    assert corrected is not None
    assert correcting is not None
    assert (corrected.corrected_by, corrected.corrects) == (latest, None)
    assert (correcting.corrected_by, correcting.corrects) == (None, first)


async def test_words_that_do_not_have_the_digest_are_not_shown_under_it(sessions: Sessions, first: Digest) -> None:
    async with sessions.begin() as session:
        await session.execute(update(TextRow).values(text=func.replace(TextRow.text, "今晚", "明晚")))
        altered = await reads.bulletin_release(session, first)
        await session.execute(delete(TextRow))
        erased = await reads.bulletin_release(session, first)
    for release in (altered, erased):
        assert release is not None
        assert release.document is None


async def test_nothing_is_shown_for_a_digest_that_was_never_published(scene: Scene, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        digest = await texts.store_document(session, scene.document(), START)
        assert await reads.bulletin_release(session, digest) is None


async def test_the_first_receipt_stands(sessions: Sessions) -> None:
    place = Place(INCIDENT, RELEASE, 1, Channel.BULLETIN)
    first = Receipt(channel=Channel.BULLETIN, external_id="1", url="http://127.0.0.1/1", at=START)
    second = first.model_copy(update={"external_id": "2", "at": START + timedelta(hours=1)})
    async with sessions.begin() as session:
        assert await publications.receipt(session, place) is None
        assert await publications.keep_receipt(session, place, first) == first
        assert await publications.keep_receipt(session, place, second) == first
