"""Files beside a release: read inside, shown in public, gone out with its words and taken back (Art. 8)."""

import asyncio
import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx2
import pytest
from sqlalchemy import delete, select

from db import publications
from db.publications import Place
from db.session import Sessions
from db.tables import AttachmentRow, TextRow
from domain.county import County
from domain.vocabulary import Channel, Digest, IncidentId
from runtime.attachments.store import AttachmentStore
from tests import uploads
from tests.api.conftest import INCIDENT
from tests.api.office import Office, app_for, draft, serving, settings_for
from tests.api.test_problems import is_problem
from tests.api.test_public import release
from tests.api.test_uploading import EDITOR, PHOTO, uploaded
from tests.clock import FixedClock
from tests.files import attach
from tests.scene import RELEASE, Scene

# -- reading inside ---------------------------------------------------------------------------------------


async def test_a_file_is_read_by_those_who_may_read_releases(office: Office, scene: Scene) -> None:
    await scene.submit()
    path = f"/incidents/{scene.id}/attachments/{await uploaded(office, scene.id, uploads.workbook())}"
    answer = await office.get("baishi.reviewer", path)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    is_problem(await office.get("forestry.editor", path), 403, "not_readable")
    is_problem(await office.http.get(f"/api/v1{path}"), 401, "unauthenticated")


@pytest.mark.parametrize(
    "digest", ["0" * 64, "..%2f..%2fetc%2fpasswd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "A" * 64, "%00", "a" * 64 + "%0A"]
)
async def test_no_digest_leads_anywhere_else(office: Office, scene: Scene, digest: str) -> None:
    await scene.submit()
    await uploaded(office, scene.id, PHOTO)
    for path in (f"/api/v1/incidents/{scene.id}/attachments/{digest}", f"/public/attachments/{digest}"):
        answer = await office.http.get(path, headers=await office.headers(EDITOR))
        assert answer.status_code == 404, path


async def test_a_file_of_another_incident_is_not_there(
    office: Office, scene: Scene, sessions: Sessions, county: County, clock: FixedClock
) -> None:
    await scene.submit()
    other = Scene(sessions, county, clock, IncidentId("e" * 32))
    await other.submit()
    digest = await uploaded(office, other.id, PHOTO)
    is_problem(await office.get(EDITOR, f"/incidents/{scene.id}/attachments/{digest}"), 404, "not_found")
    answer = await office.post(EDITOR, f"/incidents/{scene.id}/releases", draft(attachments=[digest]))
    is_problem(answer, 422, "attachment_unknown")
    assert digest[:12] in answer.json()["detail"]


# -- in public --------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> AttachmentStore:
    """The one that `office` serves from."""
    return AttachmentStore(tmp_path.as_uri())


async def public(office: Office, digest: str, **headers: str) -> httpx2.Response:
    return await office.http.get(f"/public/attachments/{digest}", headers=headers)


async def test_a_file_is_public_exactly_as_long_as_a_release_shows_it(
    office: Office, scene: Scene, store: AttachmentStore
) -> None:
    await scene.submit()
    digest = await attach(scene, b"a picture", store)
    is_problem(await public(office, digest), 404, "not_found")
    document = scene.document(attachments=(digest,))
    await scene.draft(document)
    is_problem(await public(office, digest), 404, "not_found")
    await release(scene, document.model_copy(update={"body": "供水已恢复。"}))
    answer = await public(office, digest)
    assert (answer.status_code, answer.content) == (200, b"a picture")
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == f'inline; filename="{digest[:12]}.png"'
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "public, max-age=300, immutable"
    async with scene.sessions.begin() as session:
        await publications.mark_withdrawn(session, Place(scene.id, RELEASE, 2, Channel.BULLETIN), scene.clock.at)
    is_problem(await public(office, digest), 404, "not_found")


async def test_a_file_goes_with_the_words_that_are_erased(office: Office, scene: Scene, store: AttachmentStore) -> None:
    await scene.submit()
    digest = await attach(scene, b"a picture", store)
    shown = await release(scene, scene.document(attachments=(digest,)))
    async with scene.sessions.begin() as session:
        await session.execute(delete(TextRow).where(TextRow.digest == shown))
    is_problem(await public(office, digest), 404, "not_found")


async def test_a_file_that_two_releases_show_stays_while_one_does(
    office: Office, scene: Scene, sessions: Sessions, county: County, clock: FixedClock, store: AttachmentStore
) -> None:
    other = Scene(sessions, county, clock, IncidentId("e" * 32))
    digest = Digest(hashlib.sha256(b"a picture").hexdigest())
    for one in (scene, other):
        await one.submit()
        await attach(one, b"a picture", store)
        await release(one, one.document(attachments=(digest,)))
    async with sessions.begin() as session:
        await publications.mark_withdrawn(session, Place(scene.id, RELEASE, 1, Channel.BULLETIN), clock.at)
    assert (await public(office, digest)).content == b"a picture"


async def test_what_was_changed_on_the_disk_is_not_given_out(
    office: Office, scene: Scene, store: AttachmentStore, tmp_path: Path
) -> None:
    await scene.submit()
    digest = await attach(scene, b"a picture", store)
    await release(scene, scene.document(attachments=(digest,)))
    (tmp_path / INCIDENT / digest).write_bytes(b"b picture")
    is_problem(await public(office, digest), 404, "not_found")
    (tmp_path / INCIDENT / digest).unlink()
    is_problem(await public(office, digest), 404, "not_found")


@pytest.mark.parametrize(
    ("asked", "status", "content", "told"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=4-", 206, b"456789", "bytes 4-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=10-", 416, None, "bytes */10"),
        ("bytes=5-4", 416, None, "bytes */10"),
        ("bytes=-0", 416, None, "bytes */10"),
        ("bytes=0-1,3-4", 200, b"0123456789", None),
        ("lines=0-1", 200, b"0123456789", None),
        ("bytes=-", 200, b"0123456789", None),
    ],
)
async def test_a_player_gets_the_part_it_asks_for(
    office: Office, scene: Scene, store: AttachmentStore, asked: str, status: int, content: bytes | None, told: str
) -> None:
    await scene.submit()
    digest = await attach(scene, b"0123456789", store, "video/mp4")
    await release(scene, scene.document(attachments=(digest,)))
    answer = await public(office, digest, Range=asked)
    assert (answer.status_code, answer.headers.get("content-range")) == (status, told)
    if content is None:
        is_problem(answer, 416, "range_not_satisfiable")
    else:
        assert (answer.content, answer.headers["content-length"]) == (content, str(len(content)))


async def test_a_reader_who_has_it_is_told_so(office: Office, scene: Scene, store: AttachmentStore) -> None:
    await scene.submit()
    digest = await attach(scene, b"0123456789", store)
    await release(scene, scene.document(attachments=(digest,)))
    tag = (await public(office, digest)).headers["etag"]
    again = await public(office, digest, **{"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    changed = await public(office, digest, **{"Range": "bytes=0-1", "If-Range": '"another"'})
    assert changed.status_code == 200


async def test_the_page_shows_pictures_and_plays_the_rest_from_its_own_address_only(
    office: Office, scene: Scene, store: AttachmentStore
) -> None:
    await scene.submit()
    types = (
        "image/png",
        "audio/mpeg",
        "video/mp4",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    files = [await attach(scene, name.encode(), store, name) for name in types]
    digest = await release(scene, scene.document(attachments=tuple(files)))
    answer = await office.http.get(f"/public/releases/{digest}")
    shown = answer.text
    picture, sound, film, table = (f"/public/attachments/{file}" for file in files)
    assert f'<img src="{picture}" alt="附件1：关于白石镇集镇停水的情况说明">' in shown
    assert f'<audio src="{sound}" controls' in shown
    assert f'<video src="{film}" controls' in shown
    assert f'<a href="{table}" download="{files[3][:12]}.xlsx">' in shown
    assert [shown.index(address) for address in (picture, sound, film, table)] == sorted(
        shown.index(address) for address in (picture, sound, film, table)
    )
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "img-src 'self'; media-src 'self';" in policy
    async with scene.sessions.begin() as session:
        await publications.mark_withdrawn(session, Place(scene.id, RELEASE, 1, Channel.BULLETIN), scene.clock.at)
    assert "/public/attachments/" not in (await office.http.get(f"/public/releases/{digest}")).text


async def test_feeds_carry_the_files(office: Office, scene: Scene, store: AttachmentStore) -> None:
    await scene.submit()
    files = (await attach(scene, b"picture", store), await attach(scene, b"sound!", store, "audio/mpeg"))
    await release(scene, scene.document(attachments=files))
    urls = [f"http://127.0.0.1:8080/public/attachments/{file}" for file in files]
    feed = json.loads((await office.http.get("/public/feed.json")).text)
    assert feed["items"][0]["attachments"] == [
        {"url": urls[0], "mime_type": "image/png", "size_in_bytes": 7},
        {"url": urls[1], "mime_type": "audio/mpeg", "size_in_bytes": 6},
    ]
    atom = {"atom": "http://www.w3.org/2005/Atom"}
    entry = ET.fromstring((await office.http.get("/public/feed.atom")).text).find("atom:entry", atom)  # noqa: S314  # Our own feed.
    assert entry is not None
    enclosures = [link for link in entry.findall("atom:link", atom) if link.get("rel") == "enclosure"]
    assert [link.get("href") for link in enclosures] == urls
    assert f'<img src="{urls[0]}" alt="附图1">' in (entry.findtext("atom:summary", None, atom) or "")


async def test_a_drills_files_are_where_its_releases_are_and_nowhere_else(
    office: Office, scene: Scene, store: AttachmentStore, database_url: str, clock: FixedClock, tmp_path: Path
) -> None:
    await scene.submit(drill=True)
    digest = await attach(scene, b"a picture", store)
    await release(scene, scene.document(attachments=(digest,)))
    assert (await public(office, digest)).status_code == 200
    for feed in ("/public/feed.atom", "/public/feed.json"):
        assert digest not in (await office.http.get(feed)).text
    hiding = settings_for(database_url, show_drills=False, attachments_url=tmp_path.as_uri())
    async with serving(app_for(hiding, clock), office.sessions, clock) as strict:
        is_problem(await public(strict, digest), 404, "not_found")


# -- with the process -------------------------------------------------------------------------------------


async def until_state(office: Office, incident: str, release_: str, wanted: str) -> dict[str, Any]:
    for _ in range(200):
        shown: dict[str, Any] = (await office.get(EDITOR, f"/incidents/{incident}/releases/{release_}")).json()
        if shown["state"] == wanted or shown["parked"]:
            return shown
        await asyncio.sleep(0.05)
    raise AssertionError(f"never {wanted}")


async def decided(office: Office, incident: str, shown: dict[str, Any]) -> None:
    named = {"release": shown["release"], "digest": shown["digest"]}
    await office.command("baishi.head", incident, "approve", **named, step="unit_approval")
    await office.command("baishi.reviewer", incident, "review_confidentiality", **named, outcome="cleared")


async def test_a_release_goes_out_with_its_files_and_takes_them_back(live: Office) -> None:
    incident = await live.submitted()
    files = [await uploaded(live, incident, content) for content in (uploads.mp3(), PHOTO)]
    path = f"/incidents/{incident}/releases"
    first = await live.done(EDITOR, path, draft(attachments=[*files, files[0]]))
    assert first["attachments"] == files
    text = (await live.get(EDITOR, f"{path}/{first['release']}")).json()
    assert [file["digest"] for file in text["files"]] == files
    assert [file["kind"] for file in text["files"]] == ["audio", "image"]
    await decided(live, incident, first)
    shown = await until_state(live, incident, first["release"], "published")
    assert shown["state"] == "published"
    original = json.loads((await live.http.get(f"/public/releases/{first['digest']}/document")).text)
    assert original["attachments"] == files
    assert (await public(live, files[1])).status_code == 200
    await live.command("office.duty", incident, "withdraw_release", release=first["release"], reason="配图有误")
    for _ in range(200):
        if (await public(live, files[1])).status_code == 404:
            break
        await asyncio.sleep(0.05)
    is_problem(await public(live, files[1]), 404, "not_found")


async def test_another_file_is_another_digest_and_nobody_has_approved_it(live: Office) -> None:
    incident = await live.submitted()
    one, two = [await uploaded(live, incident, uploads.png(shade=shade)) for shade in (0, 255)]
    path = f"/incidents/{incident}/releases"
    first = await live.done(EDITOR, path, draft(attachments=[one, two]))
    named = {"release": first["release"], "digest": first["digest"]}
    await live.command("baishi.head", incident, "approve", **named, step="unit_approval")
    second = (await live.put(EDITOR, f"{path}/{first['release']}", draft(attachments=[two, one]))).json()
    assert (second["version"], second["attachments"]) == (2, [two, one])
    assert second["digest"] != first["digest"]
    assert [step["state"] for step in second["steps"]] == ["open", "waiting"]
    same = (await live.put(EDITOR, f"{path}/{first['release']}", draft(attachments=[two, one]))).json()
    assert (same["version"], same["digest"]) == (2, second["digest"])
    stale = await live.post(
        "baishi.head", f"/incidents/{incident}/commands/approve", {**named, "step": "unit_approval"}
    )
    is_problem(stale, 409, "stale_digest")


async def test_a_file_that_was_changed_since_stops_the_publication(live: Office, running_files: Path) -> None:
    incident = await live.submitted()
    file = Digest(await uploaded(live, incident, PHOTO))
    shown = await live.done(EDITOR, f"/incidents/{incident}/releases", draft(attachments=[file]))
    (running_files / incident / file).write_bytes(uploads.png())
    await decided(live, incident, shown)
    after = await until_state(live, incident, shown["release"], "published")
    assert [parked["code"] for parked in after["parked"]] == ["attachment_altered"]
    assert after["receipts"] == []
    is_problem(await public(live, file), 404, "not_found")


async def test_a_draft_that_names_an_unknown_file_is_refused_with_a_sentence_of_its_own(live: Office) -> None:
    incident = await live.submitted()
    answer = await live.post(EDITOR, f"/incidents/{incident}/releases", draft(attachments=["0" * 64]))
    is_problem(answer, 422, "attachment_unknown")
    assert "请先上传" in answer.json()["detail"]
    many = [f"{number:064x}" for number in range(21)]
    is_problem(await live.post(EDITOR, f"/incidents/{incident}/releases", draft(attachments=many)), 422, "invalid")
    for wrong in ("../x", "A" * 64, 7):
        answer = await live.post(EDITOR, f"/incidents/{incident}/releases", draft(attachments=[wrong]))
        is_problem(answer, 422, "invalid")


async def test_an_incident_that_has_ended_takes_no_files(live: Office) -> None:
    incident = await live.submitted()
    reason = {"level": "general", "respond": False, "reason": "与本县无关"}
    await live.command("office.head", incident, "assess", **reason)
    is_problem(await live.upload(EDITOR, incident, PHOTO), 409, "incident_ended")


async def test_a_file_waits_for_its_release_longer_than_a_week_once_it_is_named(
    office: Office, scene: Scene, sessions: Sessions
) -> None:
    """With the process away nothing adopts it, but whoever drafts means to have it."""
    await scene.submit()
    digest = await uploaded(office, scene.id, PHOTO)
    scene.clock.advance(timedelta(days=6))
    answer = await office.post(EDITOR, f"/incidents/{scene.id}/releases", draft(attachments=[digest]))
    is_problem(answer, 503, "process_unavailable")
    async with sessions() as session:
        assert await session.scalar(select(AttachmentRow.created_at)) == scene.clock.at
