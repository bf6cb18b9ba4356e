"""The releases of one matter as a thread, and what stands in place of what was corrected or taken back."""

from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from db import publications
from db.publications import Place
from domain.vocabulary import Channel, Digest, IncidentId, ReleaseId, ReleaseKind
from tests.api.office import Office
from tests.api.test_public import page, release
from tests.scene import RELEASE, Scene

_ATOM = {"atom": "http://www.w3.org/2005/Atom"}
SECOND = ReleaseId("fedcba987654")


@pytest.fixture
async def first(scene: Scene) -> Digest:
    await scene.submit()
    return await release(scene, scene.document("抢修正在进行。"))


async def follow(scene: Scene, words: str, **changes: object) -> Digest:
    scene.clock.advance(timedelta(minutes=5))
    fields = {"release": SECOND, "kind": ReleaseKind.UPDATE, "title": "进展通报"} | changes
    return await release(scene, scene.document(words, **fields))


async def withdraw(scene: Scene, id_: ReleaseId = RELEASE) -> None:
    scene.clock.advance(timedelta(minutes=1))
    async with scene.sessions.begin() as session:
        await publications.mark_withdrawn(session, Place(scene.id, id_, 1, Channel.BULLETIN), scene.clock.at)


async def test_a_thread_shows_all_releases_in_order_and_each_leads_to_it(
    office: Office, scene: Scene, first: Digest
) -> None:
    assert "本事件的全部发布" not in await page(office, f"/public/releases/{first}")
    second = await follow(scene, "抢修完成。")
    shown = await page(office, f"/public/threads/{first}")
    assert shown.index("抢修正在进行") < shown.index("抢修完成")
    for digest in (first, second):
        assert f'href="/public/threads/{first}"' in await page(office, f"/public/releases/{digest}")
    assert "<script" not in shown
    assert 'style="' not in shown


async def test_a_thread_is_found_by_its_first_release_and_names_no_incident(
    office: Office, scene: Scene, first: Digest
) -> None:
    second = await follow(scene, "抢修完成。")
    for unknown in (second, "0" * 64, scene.id, "x"):
        await page(office, f"/public/threads/{unknown}", 404)
    assert scene.id not in await page(office, f"/public/threads/{first}")


async def test_what_is_not_public_is_in_no_thread(office: Office, scene: Scene, first: Digest) -> None:
    await scene.draft(scene.document("尚在审签。", release=SECOND, kind=ReleaseKind.UPDATE, title="进展"))
    shown = await page(office, f"/public/threads/{first}")
    assert "尚在审签" not in shown
    assert "共 1 篇" in shown


async def test_of_what_was_taken_back_no_word_is_shown_but_what_stands_instead(
    office: Office, scene: Scene, first: Digest
) -> None:
    await withdraw(scene)
    assert "尚未另行发布" in await page(office, f"/public/releases/{first}")
    second = await follow(scene, "此前发布的内容不准确。")
    for path in (f"/public/releases/{first}", f"/public/threads/{first}"):
        shown = await page(office, path)
        assert "抢修正在进行" not in shown
        assert f'<a href="/public/releases/{second}">此后发布的说明</a>' in shown


async def test_a_correction_that_was_taken_back_corrects_nothing(office: Office, scene: Scene, first: Digest) -> None:
    await follow(scene, "电话应为12345。", kind=ReleaseKind.CORRECTION, corrects=RELEASE)
    assert "查看更正" in await page(office, f"/public/releases/{first}")
    await withdraw(scene, SECOND)
    assert "查看更正" not in await page(office, f"/public/releases/{first}")


async def test_a_feed_begins_with_what_changed_last_and_links_the_thread(
    office: Office, scene: Scene, first: Digest
) -> None:
    second = await follow(scene, "抢修完成。")
    await withdraw(scene)
    items = (await office.http.get("/public/feed.json")).json()["items"]
    assert [one["_huiying"]["digest"] for one in items] == [first, second]
    assert items[0]["title"].startswith("【已撤回】")
    assert items[0]["date_modified"] == items[0]["_huiying"]["withdrawn_at"] == scene.clock.at.isoformat()
    thread = f"http://127.0.0.1:8080/public/threads/{first}"
    assert {one["_huiying"]["thread"] for one in items} == {thread}
    feed = ET.fromstring((await office.http.get("/public/feed.atom")).text)  # noqa: S314  # Our own feed.
    entries = feed.findall("atom:entry", _ATOM)
    links = [link.get("href") for entry in entries for link in entry.findall("atom:link[@rel='related']", _ATOM)]
    assert links == [thread, thread]
    updated = [entry.findtext("atom:updated", "", _ATOM) for entry in entries]
    assert updated == sorted(updated, reverse=True)


async def test_a_correction_updates_what_it_corrects(office: Office, scene: Scene, first: Digest) -> None:
    await follow(scene, "电话应为12345。", kind=ReleaseKind.CORRECTION, corrects=RELEASE)
    modified = {
        one["_huiying"]["digest"]: one["date_modified"]
        for one in (await office.http.get("/public/feed.json")).json()["items"]
    }
    assert modified[first] == scene.clock.at.isoformat()


async def test_threads_of_drills_are_hidden_with_them(office: Office, scene: Scene) -> None:
    await scene.submit(drill=True)
    digest = await release(scene, scene.document())
    assert "演练" in await page(office, f"/public/threads/{digest}")
    assert IncidentId(scene.id) not in await page(office, f"/public/threads/{digest}")
