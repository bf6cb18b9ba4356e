"""What a request costs at concurrency one, beside the bare message that carries it."""

from contextlib import AsyncExitStack
from datetime import timedelta
from uuid import uuid4

from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy

from bench.arena import Arena
from bench.findings import Findings, Ratio, Table
from bench.http import Http
from bench.incident import EDITOR, Course, report
from bench.measuring import Call, interleave, medians, quantile
from bench.opponents.bare import Bare, Birth, Load
from bench.stack import BARE, DBOS, OURS, POLLING, TITLES

WITHIN = timedelta(seconds=30)
TEXT = "x" * 300
"""As many characters as a sealed command's digest, seal and ids take."""


async def measure(arena: Arena) -> Findings:
    rounds = arena.much(150, 3)
    async with AsyncExitStack() as stack:
        calls = await _bare_calls(arena)
        for name in (OURS, DBOS, POLLING):
            calls |= await _http_calls(arena, name, stack)
        taken = await interleave(calls, rounds, arena.chance)
    median = medians(taken)
    submitting, commanding = f"{TITLES[OURS]}: POST /incidents", f"{TITLES[OURS]}: command"
    return Findings(
        title="Requests",
        how=f"{rounds} interleaved rounds, one request at a time. A bare message starts or reaches a workflow that "
        "does nothing: no activity, no database.",
        ratios=(
            Ratio(
                name="POST /incidents p50 ÷ bare update-with-start p50",
                value=median[submitting] / median["bare update-with-start"],
                goal=1.5,
            ),
            Ratio(
                name="command over HTTP p50 ÷ bare update p50",
                value=median[commanding] / median["bare update"],
                goal=1.5,
            ),
            Ratio(
                name="POST /incidents p50 ÷ the same on DBOS Transact",
                value=median[submitting] / median[f"{TITLES[DBOS]}: POST /incidents"],
            ),
            Ratio(
                name="command over HTTP p50 ÷ the same on DBOS Transact",
                value=median[commanding] / median[f"{TITLES[DBOS]}: command"],
            ),
        ),
        tables=(
            Table(
                title="Milliseconds",
                columns=("request", "p50", "p90"),
                rows=tuple((name, median[name], quantile(times, 0.9)) for name, times in taken.items()),
            ),
        ),
        raw={"ms": taken},
    )


async def _bare_calls(arena: Arena) -> dict[str, Call]:
    bare = await arena.contestant(BARE)
    client = await bare.client()
    running = await client.start_workflow(Bare.run, Birth(), id=uuid4().hex, task_queue=bare.queue)
    nothing = Load(text=TEXT)

    async def update() -> None:
        await running.execute_update(Bare.take, nothing, rpc_timeout=WITHIN)

    async def start() -> None:
        begin = WithStartWorkflowOperation(
            Bare.run, Birth(), id=uuid4().hex, task_queue=bare.queue, id_conflict_policy=WorkflowIDConflictPolicy.FAIL
        )
        await client.execute_update_with_start_workflow(Bare.take, nothing, start_workflow_operation=begin)

    return {"bare update-with-start": start, "bare update": update}


async def _http_calls(arena: Arena, name: str, stack: AsyncExitStack) -> dict[str, Call]:
    contestant = await arena.contestant(name)
    http = await stack.enter_async_context(Http(contestant.api))
    course = Course(http, contestant.tokens)
    course.id = (await http.post("/api/v1/incidents", contestant.tokens[EDITOR], report())).body["id"]

    async def submit() -> None:
        await http.post("/api/v1/incidents", contestant.tokens[EDITOR], report())

    async def command() -> None:
        await course.command("note", EDITOR, text="测量用说明。" * 10)

    return {f"{TITLES[name]}: POST /incidents": submit, f"{TITLES[name]}: command": command}
