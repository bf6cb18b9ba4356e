"""The bulletin: what anybody may read, and how they can check it."""

import hashlib
import json
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete

from api.routes import anchors, public
from db import publications
from db.tables import TextRow
from domain import commands as c
from domain.anchoring import Anchor
from domain.county import County
from domain.events import Published
from domain.hashing import Algorithm, canonical
from domain.releases import Document
from domain.vocabulary import Channel, Digest, IncidentId, ReleaseId, ReleaseKind
from tests.api.office import Office, app_for, serving, settings_for
from tests.api.test_problems import is_problem
from tests.clock import FixedClock
from tests.evidence.conftest import KEY, SCRIPT
from tests.scene import RELEASE, Scene
from upkeep.anchoring import anchor_heads

_ATOM = {"atom": "http://www.w3.org/2005/Atom"}
CORRECTION = ReleaseId("fedcba987654")


async def release(scene: Scene, document: Document) -> Digest:
    """Through every step onto the bulletin."""
    await scene.draft(document)
    incident = await scene.approve_all(document.release)
    approved = incident.releases[document.release]
    version = approved.version
    async with scene.sessions.begin() as session:
        await publications.show_on_bulletin(
            session, document, version.number, approved.unit, scene.clock.at, drill=incident.drill
        )
    fact = Published(
        release=document.release,
        version=version.number,
        digest=version.digest,
        channel=Channel.BULLETIN,
        at=scene.clock.at,
        external_id=version.digest,
        url=f"http://127.0.0.1:8080/public/releases/{version.digest}",
    )
    await scene.record(f"published/{document.release}", fact)
    return version.digest


async def page(office: Office, path: str, status: int = 200, accept: str = "text/html") -> str:
    answer = await office.http.get(path, headers={"Accept": accept})
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    return answer.text


async def test_the_root_leads_to_the_bulletin(desk: Office) -> None:
    answer = await desk.http.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/public")


async def test_an_empty_bulletin_says_so(desk: Office) -> None:
    shown = await page(desk, "/public")
    assert '<html lang="zh-CN">' in shown
    assert "暂无发布" in shown


async def test_a_page_shows_its_release_and_how_to_check_it(office: Office, scene: Scene) -> None:
    await scene.submit()
    words = "第一段。\n同一段第二行。\n\n第二段 <script>alert(1)</script> & 其他。"
    digest = await release(scene, scene.document(words))
    assert f"/public/releases/{digest}" in await page(office, "/public")
    shown = await page(office, f"/public/releases/{digest}")
    assert digest in shown
    assert "<p>第一段。<br>同一段第二行。</p>" in shown
    assert "&lt;script&gt;" in shown
    assert "<script" not in shown
    original = await office.http.get(f"/public/releases/{digest}/document")
    assert hashlib.sha256(original.content).hexdigest() == digest


async def test_pages_load_nothing_from_elsewhere_and_run_nothing(office: Office, scene: Scene) -> None:
    await scene.submit()
    digest = await release(scene, scene.document())
    for path in ("/public", f"/public/releases/{digest}"):
        shown = await page(office, path)
        assert "<script" not in shown
        assert "style=" not in shown
        assert 'src="' not in shown
    style = await office.http.get("/public/style.css")
    assert (style.status_code, "url(" in style.text, "@import" in style.text) == (200, False, False)


async def test_a_correction_marks_what_it_corrects(office: Office, scene: Scene) -> None:
    await scene.submit()
    first = await release(scene, scene.document())
    scene.clock.advance(timedelta(minutes=5))
    fields = {"release": CORRECTION, "kind": ReleaseKind.CORRECTION, "corrects": RELEASE, "title": "更正"}
    second = await release(scene, scene.document("电话应为12315。", **fields))
    assert "已更正" in await page(office, "/public")
    assert f'<a href="/public/releases/{second}">查看更正</a>' in await page(office, f"/public/releases/{first}")
    assert f'<a href="/public/releases/{first}">' in await page(office, f"/public/releases/{second}")
    feed = (await office.http.get("/public/feed.json")).json()
    assert [item["title"] for item in feed["items"]] == ["更正", "【已更正】关于白石镇集镇停水的情况说明"]


async def test_erased_words_leave_the_fingerprint(office: Office, scene: Scene) -> None:
    await scene.submit()
    digest = await release(scene, scene.document())
    async with scene.sessions.begin() as session:
        await session.execute(delete(TextRow).where(TextRow.digest == digest))
    shown = await page(office, f"/public/releases/{digest}")
    assert "内容已删除" in shown
    assert digest in shown
    is_problem(await office.http.get(f"/public/releases/{digest}/document"), 404, "not_found")
    assert (await office.http.get("/public/feed.atom")).status_code == 200


@pytest.mark.parametrize("digest", ["0" * 64, "unknown", "%00", "A" * 64])
async def test_an_unknown_release_is_missing_for_people_and_programs(desk: Office, digest: str) -> None:
    assert "没有这一页" in await page(desk, f"/public/releases/{digest}", 404)
    answer = await desk.http.get(f"/public/releases/{digest}", headers={"Accept": "application/json"})
    assert answer.json()["code"] == "not_found"


async def test_feeds_carry_the_same_releases(office: Office, scene: Scene) -> None:
    await scene.submit()
    digest = await release(scene, scene.document("抢修 <中>。\n\n今晚恢复。"))
    atom = await office.http.get("/public/feed.atom")
    assert atom.headers["content-type"].startswith("application/atom+xml")
    entry = ET.fromstring(atom.text).find("atom:entry", _ATOM)  # noqa: S314  # Our own feed.
    assert entry is not None
    assert entry.findtext("atom:title", None, _ATOM) == "关于白石镇集镇停水的情况说明"
    assert entry.findtext("atom:summary", None, _ATOM) == "<p>抢修 &lt;中&gt;。</p><p>今晚恢复。</p>"
    link = entry.find("atom:link", _ATOM)
    assert link is not None
    assert link.get("href") == f"http://127.0.0.1:8080/public/releases/{digest}"
    feed = json.loads((await office.http.get("/public/feed.json")).text)
    assert [item["_huiying"]["digest"] for item in feed["items"]] == [digest]
    assert feed["items"][0]["content_text"] == "抢修 <中>。\n\n今晚恢复。"


async def test_a_drill_is_shown_apart_and_marked_and_never_fed(
    office: Office, scene: Scene, database_url: str, clock: FixedClock
) -> None:
    await scene.submit(drill=True)
    digest = await release(scene, scene.document())
    index = await page(office, "/public")
    assert index.index("Drill only: none of this is real") < index.index(digest)
    assert "演练：本页内容不是真实信息" in await page(office, f"/public/releases/{digest}")
    for feed in ("/public/feed.atom", "/public/feed.json"):
        assert digest not in (await office.http.get(feed)).text
    hiding = settings_for(database_url, show_drills=False)
    async with serving(app_for(hiding, clock), office.sessions, clock) as strict:
        assert digest not in await page(strict, "/public")
        for path in (f"/public/releases/{digest}", f"/public/releases/{digest}/document"):
            is_problem(await strict.http.get(path), 404, "not_found")


async def test_the_bulletin_pages(
    office: Office, county: County, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public, "PAGE", 3)
    digests: list[str] = []
    for number in range(5):
        scene = Scene(office.sessions, county, clock, IncidentId(f"{number:032x}"))
        await scene.submit()
        digests.insert(0, await release(scene, scene.document(f"第{number}件。")))
        clock.advance(timedelta(seconds=1))
    first = await page(office, "/public")
    assert [digest in first for digest in digests] == [True] * 3 + [False] * 2
    cursor = first.split("/public?cursor=")[1].split('"')[0]
    second = await page(office, f"/public?cursor={cursor}")
    assert [digest in second for digest in digests] == [False] * 3 + [True] * 2
    is_problem(await office.http.get("/public?cursor=nonsense"), 422, "invalid")
    is_problem(await office.http.get("/public?page=2"), 422, "invalid")


async def test_a_bulletin_without_anchors_says_so(desk: Office) -> None:
    assert "尚无锚定" in await page(desk, "/public/anchors")
    assert (await desk.http.get("/public/anchors.json")).json() == {"keys": [], "anchors": [], "next": None}


async def test_a_release_names_the_first_anchor_over_its_publication(office: Office, scene: Scene) -> None:
    await scene.submit()
    assert await anchor_heads(scene.sessions, scene.clock, KEY, Algorithm.SHA256)
    digest = await release(scene, scene.document())
    assert "将载入下一次" in await page(office, f"/public/releases/{digest}")
    made = await anchor_heads(scene.sessions, scene.clock, KEY, Algorithm.SHA256)
    assert made is not None
    await scene.do("baishi.editor", c.Note(text="已恢复供水"))
    assert await anchor_heads(scene.sessions, scene.clock, KEY, Algorithm.SHA256)
    shown = await page(office, f"/public/releases/{digest}")
    assert made.root in shown
    place = shown.split("/public/anchors?cursor=")[1].split('"')[0]
    listed = await page(office, f"/public/anchors?cursor={place}")
    assert listed.index('id="anchor-2"') < listed.index('id="anchor-1"')
    assert 'id="anchor-3"' not in listed


async def test_anchors_are_listed_as_they_were_signed_and_page(
    office: Office, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anchors, "PAGE", 2)
    await scene.submit()
    made = [await anchor_heads(scene.sessions, scene.clock, KEY, Algorithm.SHA256)]
    for key in (KEY, Ed25519PrivateKey.from_private_bytes(bytes(32))):
        await scene.do("baishi.editor", c.Note(text="已恢复供水"))
        made.append(await anchor_heads(scene.sessions, scene.clock, key, Algorithm.SM3))
    first = await page(office, "/public/anchors")
    assert [f'id="anchor-{number}"' in first for number in (3, 2, 1)] == [True, True, False]
    cursor = first.split("/public/anchors?cursor=")[1].split('"')[0]
    second = await page(office, f"/public/anchors?cursor={cursor}")
    assert 'id="anchor-1"' in second
    answer = (await office.http.get("/public/anchors.json", params={"limit": 2})).json()
    rest = (await office.http.get("/public/anchors.json", params={"cursor": answer["next"]})).json()
    listed = [Anchor.model_validate(one) for one in (*answer["anchors"], *rest["anchors"])]
    assert listed == list(reversed(made))
    assert all(anchor.is_signed() for anchor in listed)
    assert listed[0].stated() == canonical({k: v for k, v in answer["anchors"][0].items() if k != "signature"})
    assert [(use["first"], use["last"]) for use in rest["keys"]] == [(1, 2), (3, 3)]
    assert answer["keys"][0]["key"] == KEY.public_key().public_bytes_raw().hex()


async def test_the_script_that_verifies_can_be_had_before_there_is_evidence(desk: Office) -> None:
    answer = await desk.http.get("/public/verify.py")
    assert answer.content == SCRIPT.read_bytes()
    assert answer.headers["content-type"] == "text/x-python; charset=utf-8"
