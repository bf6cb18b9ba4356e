"""A backup holds everything but what was erased, and an empty database filled from it is the same."""

import hashlib
import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from db import attachments, audit, ledger, once, reads, texts
from db.attachments import Upload
from domain import commands as c
from domain.attachments import Attachment
from domain.vocabulary import Digest, OfficerId
from runtime.attachments.store import AttachmentStore
from runtime.embedded.postgres import EmbeddedPostgres
from runtime.settings import Settings
from tests.api.office import SEAL_KEY
from tests.clock import START
from tests.db.test_forgetting import PERIOD, SECRET, end
from tests.scene import Scene
from upkeep.backing_up import BackupFailed, back_up, keep_in, restore
from upkeep.forgetting import Forgetting

CONTENT = f"{SECRET}之附件".encode()
FILE = Digest(hashlib.sha256(CONTENT).hexdigest())


def settings_on(url: str, files: Path) -> Settings:
    return Settings.model_validate(
        {"database_url": url, "attachments_url": files.as_uri(), "seal_key": SecretStr(SEAL_KEY)}
    )


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return settings_on(database_url, tmp_path / "files")


@pytest.fixture
async def played(scene: Scene, settings: Settings) -> Scene:
    """A running incident with words everywhere, and a file."""
    await scene.submit(title=SECRET)
    await scene.do("baishi.editor", c.Note(text=SECRET))
    async with scene.sessions.begin() as session:
        file = Attachment(digest=FILE, media_type="image/png", bytes=len(CONTENT))
        await attachments.expect(session, scene.id, file, Upload(OfficerId("baishi.editor"), "a.png", scene.clock.at))
        await attachments.mark_stored(session, scene.id, FILE, scene.clock.at)
    await AttachmentStore(settings.attachments_url).put(scene.id, FILE, BytesIO(CONTENT))
    await scene.draft(scene.document(SECRET, attachments=(FILE,)))
    return scene


def parts_with(words: str, archive: Path) -> list[str]:
    with tarfile.open(archive) as tar:
        parts = ((member.name, tar.extractfile(member)) for member in tar.getmembers())
        return [name for name, content in parts if content and words.encode() in content.read()]


@pytest.fixture
def elsewhere(postgres: EmbeddedPostgres, tmp_path: Path) -> Callable[[], Settings]:
    """Makes an empty database and a folder for files."""
    made: list[str] = []

    def make() -> Settings:
        made.append(f"elsewhere_{tmp_path.name}_{len(made)}"[:60])
        return settings_on(postgres.create_database(made[-1]), tmp_path / made[-1])

    return make


def nobody(_name: str, _content: str) -> None:
    raise AssertionError("there is no key in it")


async def test_what_is_restored_is_what_was_there(
    played: Scene, settings: Settings, elsewhere: Callable[[], Settings], tmp_path: Path
) -> None:
    archive, other = tmp_path / "backup.tar.gz", elsewhere()
    assert back_up(settings, archive, {}, played.clock.at) == 1
    assert archive.stat().st_mode & 0o777 == 0o600
    assert await restore(other, archive, nobody) == 1
    async with once.opened(other.database_url) as sessions, sessions() as session:
        assert await audit.verify(session, played.id) == []
        assert await ledger.load(session, played.id) == await played.state()
        assert await reads.title(session, played.id) == SECRET
        assert await texts.document(session, played.id, played.document(SECRET, attachments=(FILE,)).digest())
    assert await AttachmentStore(other.attachments_url).digest_of(played.id, FILE) == FILE
    # The ledger there is guarded as it is here.
    later = Scene(sessions, played.county, played.clock)
    later.commands = played.commands
    await later.do("baishi.editor", c.Note(text="之后"))
    with pytest.raises(DBAPIError, match="append"):
        async with sessions.begin() as session:
            await session.execute(text("DELETE FROM ledger"))


async def test_a_backup_made_after_an_erasure_does_not_hold_the_words(
    played: Scene, settings: Settings, tmp_path: Path
) -> None:
    before, after = tmp_path / "before.tar.gz", tmp_path / "after.tar.gz"
    await end(played)
    back_up(settings, before, {}, played.clock.at)
    assert "database.dump" in parts_with(SECRET, before)
    assert f"attachments/{played.id}/{FILE}" in parts_with(SECRET, before)
    played.clock.advance(PERIOD)
    store = AttachmentStore(settings.attachments_url)
    await Forgetting(played.sessions, store, played.clock, settings.database_url, "a test").run()
    back_up(settings, after, {}, played.clock.at)
    assert parts_with(SECRET, after) == []
    assert parts_with(played.id, after) != []


async def test_nothing_is_restored_over_something(played: Scene, settings: Settings, tmp_path: Path) -> None:
    archive = tmp_path / "backup.tar.gz"
    back_up(settings, archive, {}, played.clock.at)
    with pytest.raises(BackupFailed, match="not empty"):
        await restore(settings, archive, nobody)


async def test_keys_travel_only_when_they_are_asked_to(
    played: Scene, settings: Settings, elsewhere: Callable[[], Settings], tmp_path: Path
) -> None:
    key, archive, kept = tmp_path / "seal_keys", tmp_path / "backup.tar.gz", tmp_path / "kept"
    key.write_text("k1:invented")
    back_up(settings, archive, {"seal_keys": key}, played.clock.at)
    await restore(elsewhere(), archive, keep_in(kept))
    assert (kept / "seal_keys").read_text() == "k1:invented"
    assert (kept / "seal_keys").stat().st_mode & 0o777 == 0o600
    (kept / "seal_keys").write_text("k1:another")
    with pytest.raises(BackupFailed, match="another key"):
        await restore(elsewhere(), archive, keep_in(kept))


@pytest.mark.parametrize("length", [0, 100, 5_000])
async def test_half_a_backup_is_none(
    played: Scene, settings: Settings, elsewhere: Callable[[], Settings], tmp_path: Path, length: int
) -> None:
    archive, other = tmp_path / "backup.tar.gz", elsewhere()
    back_up(settings, archive, {}, played.clock.at)
    half = tmp_path / "half.tar.gz"
    half.write_bytes(archive.read_bytes()[:length])
    with pytest.raises(BackupFailed, match="not a whole backup"):
        await restore(other, half, nobody)
    # And the whole one still fits.
    assert await restore(other, archive, nobody) == 1


async def test_a_file_that_was_altered_is_not_taken(
    played: Scene, settings: Settings, elsewhere: Callable[[], Settings], tmp_path: Path
) -> None:
    archive, altered = tmp_path / "backup.tar.gz", tmp_path / "altered.tar.gz"
    back_up(settings, archive, {}, played.clock.at)
    with tarfile.open(archive) as old, tarfile.open(altered, "w:gz") as new:
        for member in old.getmembers():
            content = old.extractfile(member)
            held = content.read() if content else b""
            if member.name.startswith("attachments/"):
                held = b"x" + held[1:]
            new.addfile(member, BytesIO(held))
    with pytest.raises(BackupFailed, match="damaged"):
        await restore(elsewhere(), altered, nobody)


def test_a_database_that_is_away_is_named_without_its_password(settings: Settings, tmp_path: Path) -> None:
    away = settings_on("postgresql+asyncpg://huiying:geheim-7Qx2vN4z@127.0.0.1:1/huiying", tmp_path)
    with pytest.raises(BackupFailed, match="pg_dump") as failed:
        back_up(away, tmp_path / "backup.tar.gz", {}, START)
    assert "geheim" not in str(failed.value)
    assert not (tmp_path / "backup.tar.gz").exists()
    assert list(tmp_path.glob(".backup*")) == []
