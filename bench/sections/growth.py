"""How an incident grows with its commands: events, bytes, memory and the time to replay it."""

import time

from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer

from bench.arena import Arena
from bench.findings import Findings, Ratio, Table
from bench.http import Http
from bench.incident import EDITOR, Course, report
from bench.measuring import medians, memory_of
from bench.stack import OURS
from domain.vocabulary import IncidentId, process_id
from workflows.incident import IncidentWorkflow
from workflows.sandbox import SANDBOX

WORDS = "测量用说明。" * 10


async def measure(arena: Arena) -> Findings:
    stops = [arena.much(number, number // 50) for number in (50, 100, 200, 300, 400, 500)]
    ours = await arena.contestant(OURS)
    client = await ours.client()
    rows: list[tuple[float, ...]] = []
    async with Http(ours.api) as http:
        course = Course(http, ours.tokens)
        course.id = (await http.post("/api/v1/incidents", ours.tokens[EDITOR], report())).body["id"]
        sent, held = 0, memory_of(ours.processes()["worker"])
        for stop in stops:
            times = []
            while sent < stop:
                begun = time.perf_counter()
                await course.command("note", EDITOR, text=WORDS)
                times.append((time.perf_counter() - begun) * 1000)
                sent += 1
            handle = client.get_workflow_handle(process_id(IncidentId(course.id)))
            history = await handle.fetch_history()
            size = sum(event.ByteSize() for event in history.events)
            grown = (memory_of(ours.processes()["worker"]) - held) / 1e6
            rows.append((sent, len(history.events), size / 1000, grown, await _replay(client, history), _middle(times)))
    first, last = rows[0], rows[-1]
    return Findings(
        title="A growing incident",
        how=f"One incident with {sent} notes over HTTP. Replaying is what a worker does with an incident that it does "
        "not have in its cache; memory is what the worker grew by meanwhile.",
        ratios=(
            Ratio(name="latency of the last hundred commands of 500 ÷ the first fifty", value=last[5] / first[5]),
            Ratio(name="milliseconds to replay 500 commands", value=last[4], unit="ms"),
        ),
        tables=(
            Table(
                title="An incident as it grows",
                columns=("commands", "events", "kB", "worker grew by MB", "replay ms", "command p50 ms"),
                rows=tuple((str(round(row[0])), *row[1:]) for row in rows),
            ),
        ),
    )


def _middle(times: list[float]) -> float:
    return medians({"": times})[""]


async def _replay(client: Client, history: WorkflowHistory) -> float:
    """Milliseconds to bring the process to where its history ends. Raises for a history it does not lead to."""
    replayer = Replayer(
        workflows=[IncidentWorkflow],
        workflow_runner=SANDBOX,
        data_converter=client.data_converter,
        # Without a name, one is made from every module that is loaded, which takes seconds.
        build_id="replay",
    )
    begun = time.perf_counter()
    await replayer.replay_workflow(history)
    return (time.perf_counter() - begun) * 1000
