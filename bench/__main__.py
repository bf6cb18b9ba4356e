"""`python -m bench`: HTTP latencies beside those of a bare Temporal workflow on the same server.

Rounds are interleaved and medians compared, so that what else the machine does falls on both.
Prints a drawn table and writes one JSON file when told where (`--json FILE`).
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx2
from rich.console import Console
from rich.table import Table
from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

from bench.bare import Bare

QUEUE = "bare"
READY_WITHIN_SECONDS = 120
Call = Callable[[], Awaitable[None]]


def start_stack(data: Path, port: int) -> "tuple[subprocess.Popen[bytes], dict[str, str]]":
    """The embedded stack without its drill, and its addresses once all answer. Raises TimeoutError."""
    command = [sys.executable, "-m", "cli", "up", "--no-drill", "--data", str(data), "--port", str(port)]
    # What is measured is not how often one officer may report.
    environment = os.environ | {"HUIYING_SUBMISSIONS_PER_MINUTE": "1000000"}
    stack = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    ready = data / "ready.json"
    until = time.monotonic() + READY_WITHIN_SECONDS
    while not ready.exists():
        if stack.poll() is not None or time.monotonic() > until:
            raise TimeoutError(f"the stack did not come up (exit code {stack.poll()})")
        time.sleep(0.1)
    return stack, json.loads(ready.read_text())


def token(officer: str, data: Path) -> str:
    command = [sys.executable, "-m", "cli", "token", officer, "--data", str(data)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def report() -> dict[str, object]:
    """A plain incident, of invented words."""
    return {
        "title": "测量用事件",
        "summary": "仅用于测量。",
        "category": "livelihood",
        "level": "general",
        "townships": ["liuba"],
        "departments": ["transport"],
        "detected_at": datetime.now(UTC).isoformat(),
        "source": "hotline",
        "drill": True,
    }


async def measure(calls: Mapping[str, Call], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each call, all calls once a round. The first round warms up and is not kept."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(rounds + 1):
        for name, call in calls.items():
            begun = time.perf_counter()
            await call()
            if number:
                taken[name].append((time.perf_counter() - begun) * 1000)
    return taken


async def compare(addresses: dict[str, str], bearer: str, rounds: int) -> dict[str, list[float]]:
    """Submission and a command over HTTP, beside update-with-start and an update of the bare workflow."""
    bare_client = await Client.connect(addresses["temporal"], data_converter=pydantic_data_converter)
    headers = {"Authorization": f"Bearer {bearer}"}
    async with (
        httpx2.AsyncClient(base_url=addresses["api"], headers=headers, timeout=30) as http,
        Worker(bare_client, task_queue=QUEUE, workflows=[Bare]),
    ):

        async def post(path: str, body: dict[str, object]) -> dict[str, str]:
            answer = await http.post(path, json=body, headers={"Idempotency-Key": uuid4().hex})
            answer.raise_for_status()
            state: dict[str, str] = answer.json()
            return state

        async def submit() -> None:
            await post("/api/v1/incidents", report())

        incident = (await post("/api/v1/incidents", report()))["id"]
        bare = await bare_client.start_workflow(Bare.run, id=uuid4().hex, task_queue=QUEUE)
        message = {"text": "x" * 300}

        async def command() -> None:
            await post(f"/api/v1/incidents/{incident}/commands/note", {"text": "测量"})

        async def bare_update() -> None:
            await bare.execute_update(Bare.take, message)

        async def bare_start() -> None:
            start = WithStartWorkflowOperation(
                Bare.run, id=uuid4().hex, task_queue=QUEUE, id_conflict_policy=WorkflowIDConflictPolicy.FAIL
            )
            await bare_client.execute_update_with_start_workflow(Bare.take, message, start_workflow_operation=start)

        calls = {"submit": submit, "bare start": bare_start, "command": command, "bare update": bare_update}
        return await measure(calls, rounds)


def ratios(taken: dict[str, list[float]]) -> dict[str, float]:
    median = {name: statistics.median(times) for name, times in taken.items()}
    return {
        "POST /incidents ÷ bare update-with-start": median["submit"] / median["bare start"],
        "command over HTTP ÷ bare update": median["command"] / median["bare update"],
    }


def draw(found: dict[str, float], rounds: int) -> None:
    table = Table(title=f"medians of {rounds} interleaved rounds", title_justify="left")
    table.add_column("ratio", no_wrap=True)
    table.add_column("×", justify="right")
    table.add_column("", no_wrap=True)
    for name, value in found.items():
        table.add_row(name, f"{value:.2f}", "█" * round(value * 4))
    Console().print(table)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--port", type=int, default=18080)
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="huiying-bench-") as folder:
        # A folder below, because the stack wants one that only its owner may enter.
        data = Path(folder) / "data"
        stack, addresses = start_stack(data, given.port)
        try:
            taken = asyncio.run(compare(addresses, token("liuba.editor", data), given.rounds))
        finally:
            stack.terminate()
            stack.wait(60)
    found = ratios(taken)
    draw(found, given.rounds)
    if given.json:
        given.json.write_text(json.dumps({"rounds": given.rounds, "ratios": found, "ms": taken}, indent=1) + "\n")


if __name__ == "__main__":
    main()
