"""Once words are erased, everything that showed them says so, and nothing fails."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from db import publications
from documents import catalogue
from domain import commands as c
from domain.vocabulary import ReleaseId, UnitId
from runtime.attachments.store import AttachmentStore
from tests.api.office import Office
from tests.clock import FixedClock
from tests.scene import RELEASE, Scene
from upkeep.forgetting import Forgetting

SECRET = "柳溪桥十二号院住户反映之特征文字"
PUBLIC = "公开发布之特征文字"
OTHER = ReleaseId("ba9876543210")


@pytest.fixture
async def erased(scene: Scene, clock: FixedClock, database_url: str, tmp_path: Path) -> Scene:
    await scene.submit(title=SECRET, summary=SECRET, links=("https://news.example/1",))
    await scene.do("baishi.editor", c.ConfirmFacts(summary=SECRET))
    await scene.do("baishi.editor", c.Note(text=SECRET))
    public = scene.document(PUBLIC)
    withdrawn = scene.document(SECRET, release=OTHER)
    for document in (public, withdrawn):
        await scene.draft(document)
        async with scene.sessions.begin() as session:
            await publications.show_on_bulletin(session, document, 1, UnitId("baishi"), clock.at, drill=False)
    async with scene.sessions.begin() as session:
        await publications.mark_withdrawn(session, publications.Place(scene.id, OTHER, 1, public.channels[0]), clock.at)
    await scene.do("office.head", c.Assess(respond=False, reason=SECRET))
    clock.advance(timedelta(days=4_000))
    chore = Forgetting(scene.sessions, AttachmentStore(tmp_path.as_uri()), clock, database_url, "a test")
    assert await chore.run() == 1
    return scene


async def test_every_reader_goes_on_without_the_words(erased: Scene, office: Office) -> None:
    at = f"/incidents/{erased.id}"
    paths = [at, f"{at}/timeline", "/incidents", "/incidents?q=槐树", "/tasks", "/notices"]
    paths += [f"{at}/releases/{release}" for release in (RELEASE, OTHER)]
    for officer in ("office.duty", "baishi.editor", "baishi.head"):
        for path in paths:
            answer = await office.get(officer, path)
            assert answer.status_code == 200, (path, answer.text)
            assert SECRET not in answer.text, path
    shown = (await office.get("office.duty", at)).json()
    assert (shown["title"], shown["summary"], shown["links"]) == (None, None, [None])
    assert (await office.get("office.duty", "/incidents")).json()["items"][0]["title"] in ("", None)
    assert (await office.get("office.duty", f"{at}/releases/{OTHER}")).json()["body"] is None


async def test_what_is_public_stays_public(erased: Scene, office: Office) -> None:
    kept, gone = erased.document(PUBLIC).digest(), erased.document(SECRET, release=OTHER).digest()
    for path in ("/public", "/public/feed.atom", "/public/feed.json", f"/public/releases/{kept}"):
        answer = await office.http.get(path)
        assert answer.status_code == 200, path
        assert SECRET not in answer.text
    assert PUBLIC in (await office.http.get(f"/public/releases/{kept}")).text
    answer = await office.http.get(f"/public/releases/{gone}")
    assert answer.status_code < 500
    assert SECRET not in answer.text
    assert (await office.http.get(f"/public/releases/{gone}/document")).status_code in (404, 410)


async def test_the_evidence_is_still_given(erased: Scene, office: Office) -> None:
    answer = await office.get("office.duty", f"/incidents/{erased.id}/evidence")
    assert answer.status_code == 200, answer.text
    with ZipFile(BytesIO(answer.content)) as evidence:
        held = b"".join(evidence.read(name) for name in evidence.namelist())
    assert SECRET.encode() not in held
    assert PUBLIC.encode() in held


async def test_every_document_is_still_made(erased: Scene, office: Office) -> None:
    for name in catalogue.READS:
        if name in catalogue.OF_CONFERENCE:
            continue
        params = {"release": OTHER} if name in catalogue.OF_RELEASE else {}
        for ending in ("docx", "pdf"):
            answer = await office.get("office.duty", f"/incidents/{erased.id}/documents/{name}.{ending}", **params)
            assert answer.status_code < 500, (name, ending, answer.text)
