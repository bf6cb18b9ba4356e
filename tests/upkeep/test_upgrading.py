"""A data folder that an older PostgreSQL wrote: refused with what to do, and upgraded by it."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from db.county import SAMPLE, load_county_file
from db.migrate import upgrade
from runtime.embedded.binaries import SYSTEM_POSTGRES
from runtime.embedded.failure import StackFailed
from runtime.embedded.folder import DataFolder
from runtime.embedded.postgres import EmbeddedPostgres, OtherMajor
from upkeep.upgrading import upgrade_folder

OLDER = sorted(SYSTEM_POSTGRES.glob("*/bin"))
NONE_OLDER = pytest.mark.skipif(not OLDER, reason="the system has no PostgreSQL of its own")


@pytest.fixture
def data() -> Iterator[Path]:
    """Not under pytest's own folder, which PostgreSQL's user may not enter."""
    folder = Path(tempfile.mkdtemp(prefix="huiying-upgrade-"))
    folder.chmod(0o711)
    yield folder / "data"
    shutil.rmtree(folder)


def of_major(data: Path, major: int) -> EmbeddedPostgres:
    """A cluster that says so of itself."""
    server = EmbeddedPostgres(DataFolder(data).postgres)
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text(f"{major}\n")
    return server


def test_an_older_cluster_is_refused_with_the_command_that_upgrades_it(data: Path) -> None:
    server = of_major(data, 9)
    with pytest.raises(OtherMajor, match=r"is of PostgreSQL 9, .* huiying upgrade-postgres"):
        server.launch()
    with pytest.raises(StackFailed, match="install them with the system's package manager"):
        upgrade_folder(data, None, print)
    assert (server.data / "PG_VERSION").read_text() == "9\n"


def test_a_newer_cluster_is_left_alone(data: Path) -> None:
    server = of_major(data, 99)
    with pytest.raises(OtherMajor, match="go on with the newer one"):
        server.launch()
    with pytest.raises(OtherMajor, match="go on with the newer one"):
        upgrade_folder(data, None, print)
    assert (server.data / "PG_VERSION").read_text() == "99\n"


@pytest.mark.long
@NONE_OLDER
def test_an_older_cluster_is_upgraded_and_kept(data: Path) -> None:
    folder = DataFolder(data)
    folder.postgres.mkdir(parents=True)
    older = EmbeddedPostgres(folder.postgres, secret=folder.database_password, durable=False, programs=OLDER[0])
    older.start()
    with ThreadPoolExecutor(1) as thread:
        # Both start an event loop of their own, and this one is running.
        thread.submit(upgrade, older.url).result()
        county = thread.submit(lambda: asyncio.run(load_county_file(older.url, SAMPLE))).result()
        older.stop()
        said: list[str] = []
        assert thread.submit(upgrade_folder, data, None, said.append).result(), said
        newer = EmbeddedPostgres(folder.postgres, secret=folder.database_password, durable=False)
        assert newer.kept_major == newer.major() > older.major()
        assert (folder.postgres / f"data.{older.major()}" / "PG_VERSION").exists()
        newer.start()
        try:
            again = thread.submit(lambda: asyncio.run(load_county_file(newer.url, SAMPLE))).result()
            assert again == county
        finally:
            newer.stop()
    # Ended between the last two steps, it is finished by whoever starts the server.
    newer.upgraded.parent.mkdir()
    newer.data.rename(newer.upgraded)
    newer.launch()
    assert newer.kept_major == newer.major()
