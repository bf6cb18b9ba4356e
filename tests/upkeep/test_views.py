"""The views for Temporal's UI: the server takes every query, and each finds what it should."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from temporalio.testing import WorkflowEnvironment

from db.session import Sessions
from tests.upkeep.bad_deploys import Drowsy
from tests.upkeep.stage import Stage
from tests.workflows.test_trouble import alter, approve
from upkeep.views import VIEWS, links

DOCS = Path(__file__).parents[2] / "docs"
PATIENCE = 60


@pytest.fixture
async def cast(server: WorkflowEnvironment, sessions: Sessions) -> AsyncIterator[dict[str, Stage]]:
    """One incident for each thing there is to be found."""
    names = ("quiet", "grave", "parked", "overdue", "drill", "diverging", "ended")
    cast = {name: Stage(server, sessions) for name in names}
    for stage in cast.values():
        stage.task_queue = cast["quiet"].task_queue
    yield cast
    for stage in cast.values():
        await stage.end()


async def found(stage: Stage, query: str, cast: dict[str, Stage]) -> set[str]:
    processes = {one.handle.id: name for name, one in cast.items()}
    return {processes[one.id] async for one in stage.client.list_workflows(query) if one.id in processes}


async def test_every_view_finds_what_it_is_for(cast: dict[str, Stage]) -> None:
    quiet, low = cast["quiet"], {"level": "general", "category": "livelihood"}
    async with quiet.worker():
        await quiet.submit(**low)
        await quiet.accepted("assess", "office.duty")
        await cast["grave"].submit()
        await cast["grave"].accepted("assess", "office.duty")
        await cast["overdue"].submit(timedelta(hours=5), **low)
        await cast["drill"].submit(**low, drill=True)
        await cast["diverging"].submit(**low)
        await cast["diverging"].accepted("assess", "office.duty")
        await cast["ended"].submit(**low)
        await cast["ended"].handle.terminate("a test")
        parked = cast["parked"]
        await parked.submit()
        await parked.accepted("assess", "office.duty")
        release, digest = await parked.draft("first", "emergency.editor", body="无人员伤亡")
        await alter(parked, digest, "无人员伤亡", "伤亡不详")
        await approve(parked, release, digest)
        await parked.until(lambda incident: incident.parked)
    async with quiet.worker(Drowsy):
        diverging = cast["diverging"]
        await diverging.signal(await diverging.sealed("note", "emergency.editor", text="说明"))
        real = {"quiet", "grave", "parked", "overdue", "diverging"}
        expected = {
            "Needs attention": {"parked"},
            "Failing workflow task": {"diverging"},
            "History does not fit the program": {"diverging"},
            "Overdue": {"overdue"},
            "Not assessed yet": {"overdue"},
            "Major and above": {"grave", "parked"},
            "Open incidents": real,
            "Drills": {"drill"},
            "Ended by force": {"ended"},
        }
        seen, until = dict[str, set[str]](), time.monotonic() + PATIENCE
        # The server's lists are a moment behind.
        while seen != expected and time.monotonic() < until:
            await asyncio.sleep(0.2)
            seen = {view.name: await found(quiet, view.query, cast) for view in VIEWS}
            for failing in ("Failing workflow task", "History does not fit the program"):
                # Its hours are short: it may be woken by what it cannot be played again with.
                seen[failing] -= {"drill"}
        assert seen == expected


def test_a_link_opens_the_view_in_the_ui() -> None:
    opened = [urlsplit(link.url) for link in links("http://127.0.0.1:8233", "county")]
    assert {one.path for one in opened} == {"/namespaces/county/workflows"}
    assert [parse_qs(one.query)["query"] for one in opened] == [[view.query] for view in VIEWS]


@pytest.mark.parametrize("page", ["operations.md", "operations.zh.md"])
def test_the_runbook_lists_every_view_with_its_query(page: str) -> None:
    text = (DOCS / page).read_text()
    table = dict(re.findall(r"^\| ([^|]+?) \| `([^`]+)` \|$", text, re.MULTILINE))
    named = {view.name_zh if page.endswith("zh.md") else view.name: view.query for view in VIEWS}
    assert table.items() >= named.items()
