import json
import logging
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from runtime.log import incident_of, name_source

PROGRAM = """
import asyncio, logging
from runtime.log import configure_logging, get_logger

log = get_logger("early")
configure_logging("info")
log.info("release_published", incident="i-1", channel="bulletin")
log.debug("unheard")

def fail():
    raise ValueError("机密文本")

async def forget():
    async def background():
        fail()
    task = asyncio.create_task(background())
    await asyncio.sleep(0.01)

try:
    fail()
except ValueError:
    log.exception("not_published")
    logging.getLogger("library").exception("a library failed\\nwith 机密文本")
    try:
        open("/nowhere/机密文本")
    except OSError:
        log.exception("not_opened")
asyncio.run(forget())
fail()
"""


@pytest.fixture(scope="module")
def output() -> str:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    return done.stderr


@pytest.fixture(scope="module")
def events(output: str) -> dict[str, dict[str, Any]]:
    return {line["event"]: line for line in map(json.loads, output.splitlines())}


def test_an_event_is_one_line_of_json(events: dict[str, dict[str, Any]]) -> None:
    event = events["release_published"]
    assert (event["incident"], event["channel"], event["level"]) == ("i-1", "bulletin", "info")
    assert "unheard" not in events


def test_an_exception_is_its_type_and_place(events: dict[str, dict[str, Any]]) -> None:
    [link] = events["not_published"]["exception"]
    assert link["type"] == "builtins.ValueError"
    assert link["at"][-1].endswith("fail")


def test_an_exception_keeps_the_code_the_system_gave_it(events: dict[str, dict[str, Any]]) -> None:
    outermost = events["not_opened"]["exception"][0]
    assert outermost["code"] == "ENOENT"


@pytest.mark.parametrize("event", ["a library failed", "Task exception was never retrieved", "uncaught_exception"])
def test_what_others_report_comes_the_same_way(events: dict[str, dict[str, Any]], event: str) -> None:
    assert "exception" in events[event]


def test_no_message_of_an_exception_is_logged(output: str) -> None:
    assert "机密" not in output
    assert "\\u673a" not in output


def test_a_line_of_the_sdk_names_what_it_is_about_beside_its_words() -> None:
    record = logging.makeLogRecord(
        {"temporal_log": SimpleNamespace(fields={"workflow_id": "incident-ab12", "run_id": "r"})}
    )
    told = name_source(None, "warning", {"event": "failing workflow task", "_record": record})
    assert (told["incident"], told["run"]) == ("ab12", "r")
    assert "incident" not in name_source(None, "info", {"event": "x", "_record": logging.makeLogRecord({})})
    assert (incident_of("auditor-incidents-2026"), incident_of(None)) == ({}, {})
