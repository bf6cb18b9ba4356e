"""An API over a database alone, and one with the whole process behind it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from temporalio.testing import WorkflowEnvironment

from db.session import Sessions, make_engine, make_sessions
from domain.county import County
from domain.vocabulary import IncidentId
from runtime.clock import SystemClock
from tests.api.office import Office, app_for, serving, settings_for
from tests.channels.conftest import Places
from tests.channels.platforms import FakeWebsite, FakeWechat, FakeWeibo
from tests.channels.server import served
from tests.clock import FixedClock
from tests.scene import Scene
from tests.workflows.conftest import real_time  # noqa: F401  # The workflow server those tests use as well.
from worker import activities_for, make_worker

INCIDENT = IncidentId("ab12cd34ef56ab12cd34ef56ab12cd34")


@pytest.fixture
async def office(database_url: str, sessions: Sessions, clock: FixedClock, tmp_path: Path) -> AsyncIterator[Office]:
    """The API with Temporal down: reads, and everything that is refused before the process is asked."""
    settings = settings_for(database_url, attachments_url=tmp_path.as_uri())
    async with serving(app_for(settings, clock), sessions, clock) as office:
        yield office


@pytest.fixture(scope="session")
async def desk(new_database: Callable[[], str]) -> AsyncIterator[Office]:
    """The same for all tests that change nothing."""
    url, clock = new_database(), FixedClock()
    engine = make_engine(url)
    sessions = make_sessions(engine)
    async with serving(app_for(settings_for(url), clock), sessions, clock) as office:
        yield office
    await engine.dispose()


@pytest.fixture
def scene(sessions: Sessions, county: County, clock: FixedClock) -> Scene:
    """Writes what the process would write, into the database of `office`."""
    return Scene(sessions, county, clock, INCIDENT)


@dataclass(frozen=True)
class Running:
    """One database, worker and API for all tests that only add incidents of their own."""

    office: Office
    database_url: str
    sessions: Sessions
    task_queue: str
    files: Path
    platforms: Places
    """What real releases reach, and drills never do."""


@pytest.fixture(scope="session")
async def running(
    new_database: Callable[[], str],
    real_time: WorkflowEnvironment,  # noqa: F811  # A fixture is asked for by its name.
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Running]:
    url, queue, clock = new_database(), "incidents-api", SystemClock()
    engine = make_engine(url)
    sessions = make_sessions(engine)
    files = tmp_path_factory.mktemp("files")
    settings = settings_for(url, task_queue=queue, attachments_url=files.as_uri())
    app = app_for(settings, clock, real_time.client)
    platforms = Places(FakeWechat(), FakeWeibo(), FakeWebsite())
    async with AsyncExitStack() as stack:
        for platform in platforms.all.values():
            await stack.enter_async_context(served(platform))
        http = await stack.enter_async_context(httpx2.AsyncClient())
        activities = activities_for(settings, real_time.client, sessions, clock, platforms.adapters(http))
        await stack.enter_async_context(make_worker(real_time.client, queue, activities))
        office = await stack.enter_async_context(serving(app, sessions, clock))
        yield Running(office, url, sessions, queue, files, platforms)
    await engine.dispose()


@pytest.fixture
def live(running: Running) -> Office:
    """The API with its process."""
    return running.office


@pytest.fixture
def running_files(running: Running) -> Path:
    """Where the attachments of `live` lie."""
    return running.files
