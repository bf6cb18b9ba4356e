"""Files as they are uploaded for a release: what is kept, cleaned, cut off or refused (Art. 8)."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from db.session import Sessions
from db.tables import AttachmentRow
from runtime.attachments.store import AttachmentStore, StoreAway
from tests import uploads
from tests.api.office import Office, app_for, serving, settings_for
from tests.api.test_problems import is_problem
from tests.clock import FixedClock
from tests.scene import Scene

EDITOR = "baishi.editor"
PHOTO = uploads.jpeg(uploads.segment(0xE1, uploads.exif(6)))
SMALL = {"attachment_image_mib": 1}


async def uploaded(office: Office, incident: str, content: bytes) -> str:
    answer = await office.upload(EDITOR, incident, content)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["digest"])


def stored(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def rows(sessions: Sessions) -> int | None:
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(AttachmentRow))


async def test_a_photograph_is_kept_under_the_digest_of_what_is_left_when_its_place_is_taken_out(
    office: Office, scene: Scene, tmp_path: Path
) -> None:
    await scene.submit()
    answer = await office.upload(EDITOR, scene.id, PHOTO)
    assert answer.status_code == 201
    shown = answer.json()
    (kept,) = stored(tmp_path)
    assert uploads.TRACE not in kept.read_bytes()
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == shown["digest"] == kept.name
    size = kept.stat().st_size
    assert shown == {"digest": kept.name, "media_type": "image/jpeg", "bytes": size, "kind": "image"}
    read = await office.http.get(answer.headers["location"], headers=await office.headers("baishi.head"))
    assert read.content == kept.read_bytes()


async def test_what_a_file_is_called_is_kept_and_decides_nothing(
    office: Office, scene: Scene, sessions: Sessions
) -> None:
    await scene.submit()
    called = "attachment; filename*=UTF-8''..%2F%E7%8E%B0%E5%9C%BA%00.html"
    headers = {"Content-Disposition": called, "Content-Type": "text/html"}
    answer = await office.upload(EDITOR, scene.id, uploads.png(), **headers)
    assert answer.json()["media_type"] == "image/png"
    async with sessions() as session:
        assert await session.scalar(select(AttachmentRow.name)) == ".._现场_.html"


@pytest.mark.parametrize(
    ("content", "claimed"),
    [
        (uploads.HTML, "image/jpeg"),
        (uploads.SVG, "image/svg+xml"),
        (uploads.SVG, "image/png"),
        (uploads.archive(index_html=uploads.HTML), "image/png"),
        (uploads.archive(index_html=uploads.HTML), "video/mp4"),
        (b"%PDF-1.7\n" + bytes(9000), "image/jpeg"),
        (b"", "image/png"),
    ],
)
async def test_a_disguised_file_is_judged_by_its_content_and_leaves_nothing_behind(
    office: Office, scene: Scene, sessions: Sessions, tmp_path: Path, content: bytes, claimed: str
) -> None:
    await scene.submit()
    answer = await office.upload(EDITOR, scene.id, content, **{"Content-Type": claimed})
    is_problem(answer, 415, "attachment_type")
    assert "jpg" in answer.json()["detail"]
    assert (stored(tmp_path), await rows(sessions)) == ([], 0)


async def test_an_archive_behind_a_picture_is_cut_off(office: Office, scene: Scene, tmp_path: Path) -> None:
    await scene.submit()
    await uploaded(office, scene.id, uploads.png(tail=uploads.archive(index_html=uploads.HTML)))
    assert [path.read_bytes() for path in stored(tmp_path)] == [uploads.png()]


async def test_a_damaged_file_says_so(office: Office, scene: Scene, tmp_path: Path) -> None:
    await scene.submit()
    is_problem(await office.upload(EDITOR, scene.id, uploads.png()[:-6]), 422, "attachment_damaged")
    macros = uploads.workbook(**{"xl__vbaProject.bin": b"x"})
    is_problem(await office.upload(EDITOR, scene.id, macros), 422, "attachment_active")
    assert stored(tmp_path) == []


@pytest.mark.parametrize("announced", [True, False])
async def test_what_is_too_large_is_not_read_to_its_end_and_leaves_nothing_behind(
    database_url: str, sessions: Sessions, clock: FixedClock, scene: Scene, tmp_path: Path, *, announced: bool
) -> None:
    await scene.submit()
    read = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal read
        for piece in (uploads.png(), *[bytes(64 * 1024)] * 100):
            read += len(piece)
            yield piece

    settings = settings_for(database_url, attachments_url=tmp_path.as_uri(), **SMALL)
    async with serving(app_for(settings, clock), sessions, clock) as office:
        length = {"Content-Length": str(100 * 64 * 1024)} if announced else {}
        answer = await office.upload(EDITOR, scene.id, pieces(), **length)
    is_problem(answer, 413, "attachment_too_large")
    assert answer.json()["detail"] == "图片附件不得超过 1 MiB"
    assert (stored(tmp_path), await rows(sessions)) == ([], 0)


async def test_each_kind_has_its_own_limit(
    database_url: str, sessions: Sessions, clock: FixedClock, scene: Scene, tmp_path: Path
) -> None:
    await scene.submit()
    settings = settings_for(database_url, attachments_url=tmp_path.as_uri(), **SMALL)
    async with serving(app_for(settings, clock), sessions, clock) as office:
        answer = await office.upload(EDITOR, scene.id, uploads.mp4(sound=bytes(3 * 2**20)))
    assert answer.status_code == 201


async def test_the_same_file_twice_is_one_object(
    office: Office, scene: Scene, sessions: Sessions, tmp_path: Path
) -> None:
    await scene.submit()
    first = await office.upload(EDITOR, scene.id, PHOTO, key="one")
    again = await office.upload(EDITOR, scene.id, PHOTO, key="one")
    other = await office.upload("baishi.head", scene.id, PHOTO, key="two")
    assert [answer.status_code for answer in (first, again, other)] == [201, 200, 201]
    assert first.json() == again.json() == other.json()
    assert (len(stored(tmp_path)), await rows(sessions)) == (1, 1)


async def test_a_key_stands_for_one_file(office: Office, scene: Scene, tmp_path: Path) -> None:
    await scene.submit()
    await office.upload(EDITOR, scene.id, PHOTO, key="one")
    is_problem(await office.upload(EDITOR, scene.id, uploads.png(), key="one"), 422, "idempotency_key_reused")
    assert len(stored(tmp_path)) == 1
    headers = await office.headers(EDITOR)
    answer = await office.http.post(f"/api/v1/incidents/{scene.id}/attachments", content=PHOTO, headers=headers)
    is_problem(answer, 400, "idempotency_key_missing")


async def test_only_those_who_may_draft_may_upload(office: Office, scene: Scene, tmp_path: Path) -> None:
    await scene.submit()
    for officer in ("forestry.editor", "baishi.reviewer"):
        is_problem(await office.upload(officer, scene.id, PHOTO), 403, "not_permitted")
    assert stored(tmp_path) == []
    assert (await office.upload("press.desk", scene.id, PHOTO)).status_code == 201


async def test_a_store_that_is_away_says_when_to_come_back_and_the_same_key_works_then(
    office: Office, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StoreAway("TimeoutError")

    await scene.submit()
    with monkeypatch.context() as patch:
        patch.setattr(AttachmentStore, "put", away)
        answer = await office.upload(EDITOR, scene.id, PHOTO, key="one")
    is_problem(answer, 503, "attachment_store_unavailable")
    assert answer.headers["retry-after"]
    again = await office.upload(EDITOR, scene.id, PHOTO, key="one")
    assert again.is_success
    assert (await office.get(EDITOR, f"/incidents/{scene.id}/attachments/{again.json()['digest']}")).content
