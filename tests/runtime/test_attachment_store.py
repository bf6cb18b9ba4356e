"""Objects are found by incident and digest, whole, in part, or not at all."""

import hashlib
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest

from domain.vocabulary import Digest, IncidentId
from runtime.attachments.store import AttachmentGone, AttachmentStore

INCIDENT, OTHER = IncidentId("ab12cd34ef56"), IncidentId("ffffffffffff")
CONTENT = b"0123456789" * 1_000_000
DIGEST = Digest(hashlib.sha256(CONTENT).hexdigest())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "附件 folder"


@pytest.fixture
def store(folder: Path) -> AttachmentStore:
    return AttachmentStore(folder.as_uri())


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def joined(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


def test_nothing_is_made_before_it_is_needed(store: AttachmentStore, folder: Path) -> None:
    assert not folder.exists()


async def test_the_same_content_twice_is_one_object(store: AttachmentStore, folder: Path) -> None:
    for _ in range(2):
        await store.put(INCIDENT, DIGEST, BytesIO(CONTENT))
    assert files(folder) == [folder / INCIDENT / DIGEST]
    assert await store.digest_of(INCIDENT, DIGEST) == DIGEST


async def test_a_part_is_read_without_the_rest(store: AttachmentStore) -> None:
    await store.put(INCIDENT, DIGEST, BytesIO(CONTENT))
    assert await joined(await store.read(INCIDENT, DIGEST, 3, 8)) == b"34567"
    assert await joined(await store.read(INCIDENT, DIGEST, 0, len(CONTENT))) == CONTENT


async def test_what_was_changed_has_another_digest(store: AttachmentStore, folder: Path) -> None:
    await store.put(INCIDENT, DIGEST, BytesIO(CONTENT))
    (folder / INCIDENT / DIGEST).write_bytes(CONTENT[:-1])
    assert await store.digest_of(INCIDENT, DIGEST) == hashlib.sha256(CONTENT[:-1]).hexdigest()


async def test_what_is_not_there_says_so_and_can_be_deleted_again(store: AttachmentStore, folder: Path) -> None:
    await store.put(INCIDENT, DIGEST, BytesIO(CONTENT))
    for _ in range(2):
        await store.delete(INCIDENT, DIGEST)
    assert files(folder) == []
    with pytest.raises(AttachmentGone):
        await store.digest_of(INCIDENT, DIGEST)
    with pytest.raises(AttachmentGone):
        await store.read(INCIDENT, DIGEST, 0, 1)


async def test_an_incident_never_reaches_what_is_anothers(store: AttachmentStore) -> None:
    await store.put(INCIDENT, DIGEST, BytesIO(CONTENT))
    with pytest.raises(AttachmentGone):
        await store.digest_of(OTHER, DIGEST)


@pytest.mark.parametrize("digest", ["../" + INCIDENT + "/" + DIGEST, "../../etc/passwd", "/etc/passwd", ".."])
async def test_no_digest_leads_out_of_the_folder(store: AttachmentStore, digest: str) -> None:
    await store.put(INCIDENT, DIGEST, BytesIO(CONTENT))
    with pytest.raises((AttachmentGone, ValueError)):
        await store.digest_of(OTHER, Digest(digest))
