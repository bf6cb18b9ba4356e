"""What every test may ask for: a database of its own with the sample county, a clock, and no network."""

import asyncio
import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from psycopg import Connection, connect
from psycopg.sql import SQL, Identifier
from sqlalchemy.ext.asyncio import AsyncEngine
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from db.county import SAMPLE, load_county_file, read_county
from db.migrate import upgrade
from db.session import Sessions, make_engine, make_sessions
from domain.county import County
from runtime.embedded.postgres import EmbeddedPostgres
from tests.clock import FixedClock
from tests.network import forbid_the_outside
from tests.scene import Scene
from tests.whole.stack import Stack, running

TEMPLATE = "template_of_tests"
ROOM = 2**30
ROOTS = "huiying-tests-"


def pytest_configure() -> None:
    forbid_the_outside()


def pytest_collection_finish() -> None:
    """What was imported stays: looking for garbage among it can hold a loaded machine up for a second."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def uninterrupted() -> Iterator[None]:
    """A process that took two seconds for one task fails that task, here too; but its thread is not interrupted, which
    a loaded machine would have done in the middle of somebody else's garbage.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("temporalio.worker._workflow._RunningWorkflow.attempt_deadlock_interruption", lambda _: None)
        yield


SHARING = ("tests/browser/", "tests/chaos/", "tests/whole/test_backup")
"""Tests of one whole stack, in this order: the last destroys it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """First what takes longest and waits most."""

    def rank(item: pytest.Item) -> int:
        return next((number for number, place in enumerate(SHARING) if item.nodeid.startswith(place)), len(SHARING))

    items.sort(key=rank)


class OneStack(LoadScopeScheduling):  # type: ignore[misc]  # xdist brings no types.
    """Hands out test by test, but those that share a stack to one process. (`--dist=loadgroup` groups nothing with
    pytest 9.2: it looks for a test's name where that is no more.)
    """

    def _split_scope(self, nodeid: str) -> str:
        return "one stack" if nodeid.startswith(SHARING) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneStack:
    return OneStack(config, log)


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One server for each process of the run. Not under pytest's own folder, which only its owner may enter."""
    parent = _in_memory() or Path(tempfile.gettempdir())
    _clear_away_what_killed_runs_left(parent)
    root = Path(tempfile.mkdtemp(prefix=f"{ROOTS}{os.getpid()}-", dir=parent))
    server = EmbeddedPostgres(root, durable=False)
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(root)


def _in_memory() -> Path | None:
    """Where files cost nothing, if there is such a place with room: copying a database makes some 300 of them."""
    shared = Path("/dev/shm")  # noqa: S108  # The folder made in it has a name of its own.
    roomy = shared.is_dir() and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > ROOM
    return shared if roomy else None


def _clear_away_what_killed_runs_left(parent: Path) -> None:
    """A run that could not end itself leaves its server running, in memory that nobody gives back."""
    if os.environ.get("PYTEST_XDIST_WORKER", "gw0") != "gw0":
        return
    for root in parent.glob(f"{ROOTS}*"):
        pid = root.name.removeprefix(ROOTS).split("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            # Starting on a folder takes over from whatever still runs there.
            EmbeddedPostgres(root, durable=False).start().stop()
            shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="session")
def template(postgres: EmbeddedPostgres) -> str:
    """A database with every table and the sample county, to be copied."""
    url = postgres.create_database(TEMPLATE)
    with ThreadPoolExecutor(1) as thread:
        # Both start an event loop of their own, and this one is running.
        thread.submit(upgrade, url).result()
        thread.submit(lambda: asyncio.run(load_county_file(url, SAMPLE))).result()
    return TEMPLATE


@pytest.fixture(scope="session")
def administering(postgres: EmbeddedPostgres) -> Iterator[Connection]:
    """One connection for the thousand databases of a run: a program for each would take three times as long."""
    place = f"host=127.0.0.1 port={postgres.port} user={postgres.user} dbname=postgres"
    with connect(place, password=postgres.password, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def new_database(postgres: EmbeddedPostgres, administering: Connection, template: str) -> Callable[[], str]:
    """Makes a database with the sample county that lives as long as the server, and says its URL."""
    names: list[str] = []
    copy = SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")

    def create() -> str:
        names.append(f"test_{len(names) + 1}")
        administering.execute(copy.format(Identifier(names[-1]), Identifier(template)))
        return postgres.url_of(names[-1])

    return create


@pytest.fixture
def database_url(administering: Connection, new_database: Callable[[], str]) -> Iterator[str]:
    """A fresh database with the sample county."""
    url = new_database()
    yield url
    administering.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(url.rsplit("/", 1)[1])))


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(database_url)
    yield engine
    await engine.dispose()


@pytest.fixture
def sessions(engine: AsyncEngine) -> Sessions:
    return make_sessions(engine)


@pytest.fixture
def folder() -> Iterator[Path]:
    """For a stack. Not under pytest's own folder, which PostgreSQL's user may not enter where tests run as root."""
    folder = Path(tempfile.mkdtemp(prefix="huiying-folder-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def whole() -> Iterator[Stack]:
    """A stack as a newcomer starts it. What one test leaves behind, the next finds: see the order above."""
    with running() as stack:
        yield stack


@pytest.fixture(scope="session")
def county() -> County:
    return read_county(SAMPLE)


@pytest.fixture
def clock() -> FixedClock:
    """Stands at 2026-11-03 16:00 in Asia/Shanghai."""
    return FixedClock()


@pytest.fixture
def scene(sessions: Sessions, county: County, clock: FixedClock) -> Scene:
    """An incident to be played step by step against the database."""
    return Scene(sessions, county, clock)
