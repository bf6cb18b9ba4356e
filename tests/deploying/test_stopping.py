"""Workers and APIs are replaced while people work: what was begun is finished, and nothing is done twice."""

import asyncio
import json
import os
import signal
import threading
from typing import Any

import asyncpg
import httpx2
import pytest

from runtime.deployment import own_version
from runtime.embedded.ports import is_answering
from runtime.embedded.stack import settings_for
from tests.deploying.conftest import SlowWebsite
from tests.whole.stack import Stack, wait_until
from tests.whole.test_backup import Caller, clear, submission

pytestmark = pytest.mark.long


def running(stack: Stack, name: str) -> int:
    wait_until(lambda: stack._pid(name) is not None, f"{name} runs")
    pid = stack._pid(name)
    assert pid is not None
    return pid


@pytest.fixture
def caller(stack: Stack) -> Caller:
    return Caller(stack)


def test_a_worker_that_is_told_to_stop_finishes_the_call_it_has_begun(
    stack: Stack, caller: Caller, website: tuple[SlowWebsite, str]
) -> None:
    site, _ = website
    incident = caller.ask("qixia.editor", "POST", "/incidents", **submission())["id"]
    draft = {"kind": "first", "title": "情况通报", "body": "现场已设置警戒。", "channels": ["bulletin", "website"]}
    release = caller.ask("qixia.editor", "POST", f"/incidents/{incident}/releases", **draft)
    about = {"release": release["release"], "digest": release["digest"]}
    caller.ask("qixia.head", "POST", f"/incidents/{incident}/commands/approve", step="unit_approval", **about)
    clear(caller, incident, about)
    assert site.asked.wait(60)

    worker = running(stack, "worker")
    os.kill(worker, signal.SIGTERM)
    wait_until(lambda: b"worker_stopping" in (stack.data / "logs" / "worker.log").read_bytes(), "it has begun to stop")
    assert stack._pid("worker") == worker
    site.may.set()
    wait_until(lambda: stack._pid("worker") not in (None, worker), "another takes its place")

    def published() -> list[dict[str, Any]]:
        entries = caller.ask("office.duty", "GET", f"/incidents/{incident}/timeline")["items"]
        return [entry for entry in entries if entry["type"] == "published"]

    wait_until(lambda: len(published()) == 2, "both receipts are in the ledger")
    assert len(site.messages) == 1


def test_an_api_that_is_told_to_stop_answers_what_it_was_asked_and_ends_its_streams(
    stack: Stack, caller: Caller
) -> None:
    incident = caller.ask("qixia.editor", "POST", "/incidents", **submission())["id"]
    path = f"/incidents/{incident}/commands/note"
    caller.ask("qixia.editor", "POST", path, text="之前")
    listening, ended, answers = threading.Event(), threading.Event(), list[object]()

    def listen() -> None:
        headers = {"Authorization": f"Bearer {caller.tokens['qixia.editor']}"}
        url = f"{stack.addresses['api']}/api/v1/events"
        with httpx2.stream("GET", url, headers=headers, timeout=60) as stream:
            for _ in stream.iter_lines():
                listening.set()
        ended.set()

    def ask() -> None:
        answers.append(caller.ask("qixia.editor", "POST", path, text="停机期间")["seq"])

    taken = asyncio.run(keys(stack, incident))
    worker, api = running(stack, "worker"), running(stack, "api")
    stream, command = threading.Thread(target=listen), threading.Thread(target=ask)
    stream.start()
    assert listening.wait(30)
    before = len((stack.data / "logs" / "api.log").read_bytes())
    # Nobody decides the command before the process that took it has begun to stop.
    os.kill(worker, signal.SIGSTOP)
    try:
        command.start()
        wait_until(lambda: asyncio.run(keys(stack, incident)) == taken + 1, "the command is on its way")
        os.kill(api, signal.SIGTERM)
        wait_until(lambda: not is_answering(stack.port), "nobody new is let in")
        assert not answers
    finally:
        os.kill(worker, signal.SIGCONT)
    command.join(30)
    stream.join(30)
    assert ended.is_set()
    assert answers, (stack.data / "logs" / "api.log").read_bytes()[before:].decode()
    wait_until(lambda: stack._pid("api") not in (None, api), "another takes its place")
    wait_until(lambda: answered(stack), "it answers")
    entries = caller.ask("office.duty", "GET", f"/incidents/{incident}/timeline")["items"]
    assert [entry["type"] for entry in entries].count("noted") == 2


async def keys(stack: Stack, incident: str) -> int:
    """How many requests about the incident the API has taken: it keeps their keys before it sends them on."""
    connection = await asyncpg.connect(stack.addresses["database"])
    try:
        found = await connection.fetchval("SELECT count(*) FROM idempotency WHERE incident = $1", incident)
    finally:
        await connection.close()
    return int(found)


def answered(stack: Stack) -> bool:
    try:
        return httpx2.get(f"{stack.addresses['api']}/readyz", timeout=5).status_code == 200
    except httpx2.TransportError:
        return False


def test_the_stack_is_of_this_version_and_all_is_well_with_it(stack: Stack) -> None:
    replayed = stack.call("replay")
    assert (replayed.returncode, replayed.stdout) == (0, "2 histories: all replay\n"), replayed.stderr
    repaired = stack.call("repair", "--chinese")
    assert (repaired.returncode, repaired.stdout) == (0, "共 2 件：一切正常\n"), repaired.stderr
    taken = stack.call("take-over")
    assert taken.stdout == f"{own_version(settings_for(stack.data)).to_canonical_string()} gets all tasks\n"
    for link in json.loads(stack.call("views", "--json").stdout):
        assert httpx2.get(link["url"], timeout=10).status_code == 200
