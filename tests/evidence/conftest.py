"""A bundle of an incident with everything in it, and the script as an auditor runs it."""

import contextlib
import hashlib
import importlib.util
import json
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path
from types import ModuleType

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from db import anchors, publications
from db.publications import Place
from db.session import Sessions, make_engine, make_sessions
from domain import commands as c
from domain.county import County
from domain.events import Published
from domain.hashing import Algorithm
from domain.releases import Receipt
from domain.vocabulary import Channel, IncidentId
from evidence.bundle import pack
from evidence.gathering import export
from runtime.attachments.store import AttachmentStore
from tests.clock import FixedClock
from tests.files import attach
from tests.scene import RELEASE, Scene
from upkeep.anchoring import anchor_heads

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SCRIPT = Path(__file__).parents[2] / "evidence" / "enclosed" / "verify.py"


async def published(scene: Scene) -> None:
    """The release is out, and its receipt in the ledger."""
    version = (await scene.state()).releases[RELEASE].version
    receipt = Receipt(channel=Channel.BULLETIN, external_id=version.digest, url="http://127.0.0.1/x", at=scene.clock.at)
    async with scene.sessions.begin() as session:
        await publications.keep_receipt(session, Place(scene.id, RELEASE, 1, Channel.BULLETIN), receipt)
    said = receipt.model_dump(exclude={"retracted_at"})
    fact = Published.model_validate({"release": RELEASE, "version": 1, "digest": version.digest, **said})
    await scene.record(f"published/{RELEASE}", fact)


async def play(scene: Scene, store: AttachmentStore) -> None:
    """Entries in both formats, a release with a file, a receipt, three anchors over two incidents, and a later note."""
    await scene.submit()
    await anchor_heads(scene.sessions, scene.clock, KEY, Algorithm.SHA256)
    scene.algorithm = Algorithm.SM3
    await scene.do("baishi.editor", c.Note(text="已通知供水公司"))
    await scene.draft(scene.document(attachments=(await attach(scene, b"a picture", store),)))
    await scene.approve_all()
    await published(scene)
    scene.clock.advance(timedelta(hours=1))
    await anchor_heads(scene.sessions, scene.clock, KEY, Algorithm.SM3)
    other = Scene(scene.sessions, scene.county, scene.clock, IncidentId("0f" * 6))
    await other.submit()
    await anchor_heads(scene.sessions, scene.clock, KEY, Algorithm.SHA256)
    await scene.do("baishi.head", c.Note(text="抢修队已到场"))


@dataclass(frozen=True)
class Auditor:
    """Somebody with a folder, the bundle and a Python of their own."""

    folder: Path
    sealed: bytes
    anchors: bytes

    @property
    def files(self) -> dict[str, bytes]:
        """The members of the bundle."""
        with zipfile.ZipFile(BytesIO(self.sealed)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def run(self, bundle: bytes | Path, *arguments: str) -> tuple[int, str]:
        """The exit code and all that was printed, on a machine without Huiying."""
        path = bundle if isinstance(bundle, Path) else self._zip(bundle)
        elsewhere = self.folder / "elsewhere"
        elsewhere.mkdir(exist_ok=True)
        ran = subprocess.run(
            [sys.executable, "-I", "-S", "-X", "utf8", str(SCRIPT), str(path), *arguments],
            cwd=elsewhere, env={}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.stderr == ""
        return ran.returncode, ran.stdout

    def wrong(self, files: Mapping[str, bytes], step: str | None = None) -> list[str]:
        """What the script, or one step of it, finds wrong with these files, without a process for each."""
        report = script().Report()
        found: list[str] = []
        report.wrong = lambda _, en: found.append(en)
        with contextlib.redirect_stdout(StringIO()):
            if step is None:
                script().check(files, None, report)
            else:
                getattr(script().Bundle(files, report), step)()
        return found

    def _zip(self, content: bytes) -> Path:
        path = self.folder / "bundle.zip"
        path.write_bytes(content)
        return path


def script() -> ModuleType:
    """The script as a module."""
    if "huiying_verify" not in sys.modules:
        spec = importlib.util.spec_from_file_location("huiying_verify", SCRIPT)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["huiying_verify"] = module
        spec.loader.exec_module(module)
    return sys.modules["huiying_verify"]


def listed_anew(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files with a manifest that fits them: what somebody would do who alters a bundle with care."""
    rest = {name: content for name, content in files.items() if name != "manifest.json"}
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {name: hashlib.sha256(content).hexdigest() for name, content in rest.items()}
    return {"manifest.json": json.dumps(manifest).encode(), **rest}


def packed_anew(files: Mapping[str, bytes]) -> bytes:
    return pack(listed_anew(files))


@pytest.fixture(scope="session")
async def auditor(
    new_database: Callable[[], str], county: County, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Auditor]:
    engine = make_engine(new_database())
    sessions: Sessions = make_sessions(engine)
    folder = tmp_path_factory.mktemp("auditor")
    store = AttachmentStore((folder / "store").as_uri())
    scene = Scene(sessions, county, FixedClock())
    await play(scene, store)
    async with sessions() as session:
        kept = [anchor.model_dump(mode="json") for anchor in await anchors.page(session)]
    sealed = await export(sessions, store, scene.id)
    assert await export(sessions, store, scene.id) == sealed
    yield Auditor(folder, sealed, json.dumps({"anchors": kept}).encode())
    await engine.dispose()
