"""Files go out with a release only as they were when it was decided on."""

import hashlib
from datetime import datetime
from pathlib import Path

import pytest

from activities import signatures as s
from activities.publishing import Publishing
from channels import Accepted, Call, Publication
from db.session import Sessions
from domain.releases import Receipt
from domain.vocabulary import Channel, Digest
from runtime.attachments.store import AttachmentStore, StoreAway
from tests.activities.conftest import PUBLIC_URL
from tests.activities.test_publishing import request_for
from tests.clock import FixedClock
from tests.files import attach
from tests.scene import Scene

PICTURE, SOUND = b"a picture", b"a recording"


class Recording:
    def __init__(self) -> None:
        self.seen: list[Publication] = []

    async def publish(self, publication: Publication, call: Call, now: datetime) -> Accepted:
        self.seen.append(publication)
        return Accepted("1", "http://127.0.0.1/1")

    async def retract(self, publication: Publication, receipt: Receipt, now: datetime) -> None:
        raise NotImplementedError


@pytest.fixture
def channel() -> Recording:
    return Recording()


@pytest.fixture
def gate(sessions: Sessions, clock: FixedClock, store: AttachmentStore, channel: Recording) -> Publishing:
    return Publishing(sessions, clock, {Channel.BULLETIN: channel}, {}, PUBLIC_URL, store)


@pytest.fixture
async def request_(scene: Scene, store: AttachmentStore) -> s.PublishRequest:
    """A release with two files, decided on by all."""
    await scene.submit()
    files = (await attach(scene, SOUND, store, "audio/wav"), await attach(scene, PICTURE, store))
    await scene.draft(scene.document(attachments=files))
    return request_for(await scene.approve_all())


def place(tmp_path: Path, scene: Scene, content: bytes) -> Path:
    return tmp_path / scene.id / hashlib.sha256(content).hexdigest()


async def test_every_channel_is_told_of_the_files_in_order_and_where_the_public_has_them(
    gate: Publishing, channel: Recording, request_: s.PublishRequest
) -> None:
    assert (await gate.publish(request_)).published
    (publication,) = channel.seen
    digests = [Digest(hashlib.sha256(content).hexdigest()) for content in (SOUND, PICTURE)]
    assert [enclosure.attachment.digest for enclosure in publication.enclosures] == digests
    assert [enclosure.attachment.media_type for enclosure in publication.enclosures] == ["audio/wav", "image/png"]
    assert [enclosure.url for enclosure in publication.enclosures] == [
        f"{PUBLIC_URL}/public/attachments/{digest}" for digest in digests
    ]


async def test_one_changed_byte_on_the_disk_is_enough(
    scene: Scene, gate: Publishing, channel: Recording, request_: s.PublishRequest, tmp_path: Path
) -> None:
    place(tmp_path, scene, PICTURE).write_bytes(b"b picture")
    assert await gate.publish(request_) == s.PublishResult(parked="attachment_altered")
    assert channel.seen == []


async def test_a_file_that_is_gone_does_not_go_out_without_notice(
    scene: Scene, gate: Publishing, channel: Recording, request_: s.PublishRequest, tmp_path: Path
) -> None:
    place(tmp_path, scene, SOUND).unlink()
    assert await gate.publish(request_) == s.PublishResult(parked="attachment_missing")
    assert channel.seen == []


async def test_a_file_nobody_knows_the_type_of_does_not_go_out(
    scene: Scene, gate: Publishing, channel: Recording, store: AttachmentStore
) -> None:
    await scene.submit()
    await scene.draft(scene.document(attachments=(hashlib.sha256(PICTURE).hexdigest(),)))
    assert await gate.publish(request_for(await scene.approve_all())) == s.PublishResult(parked="attachment_missing")
    assert channel.seen == []


async def test_a_store_that_does_not_answer_is_asked_again(
    gate: Publishing, channel: Recording, request_: s.PublishRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> Digest:
        raise StoreAway("TimeoutError")

    with monkeypatch.context() as patch:
        patch.setattr(AttachmentStore, "digest_of", away)
        with pytest.raises(StoreAway):
            await gate.publish(request_)
    assert channel.seen == []
    assert (await gate.publish(request_)).published
