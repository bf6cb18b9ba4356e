"""Whole incidents: how many a second, what CPU each costs, what history each leaves."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from typing import NamedTuple
from uuid import uuid4

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy

from bench.arena import Arena
from bench.findings import Findings, Ratio, Table
from bench.http import Http
from bench.incident import Course
from bench.measuring import medians, used
from bench.opponents.bare import Bare, Birth, Load
from bench.stack import BARE, DBOS, OURS, POLLING, TITLES, TUNED, Contestant
from domain.vocabulary import IncidentId, process_id

AT_ONCE = 8
MOST_EVENTS, MOST_BYTES = 220, 50_000
_SETTLED_SECONDS = 0.3


class Round(NamedTuple):
    per_second: float
    cpu: dict[str, float]
    """Milliseconds each incident, by process."""


async def measure(arena: Arena) -> Findings:
    rounds, each, histories = arena.much(4, 1), arena.much(16, 2), arena.much(5, 1)
    order = [OURS, BARE, TUNED, DBOS, POLLING]
    contestants = {one.name: one for one in await arena.contestants(*order)}
    events = await _usual_history(contestants[OURS], histories)
    shape = shape_of(events)
    found: dict[str, list[Round]] = defaultdict(list)
    for number in range(rounds + 1):
        for name in arena.chance.sample(order, len(order)):
            result = await _play(contestants[name], shape, each if number else min(each, AT_ONCE))
            # The first round warms up.
            if number:
                found[name].append(result)
    rates = medians({name: [one.per_second for one in results] for name, results in found.items()})
    cpu = {name: _cpu(results) for name, results in found.items()}
    size = sum(event.ByteSize() for event in events)
    ours, bare = sum(cpu[OURS].values()), sum(cpu[BARE].values())
    return Findings(
        title="Whole incidents",
        how=f"The standard incident: {len(shape)} commands over HTTP, 4 releases of 3 decisions each, 12 publications, "
        f"a conference, closing. {AT_ONCE} at once, {each} a round, {rounds} interleaved rounds; CPU of all processes "
        "but the one that asks. The bare workflow gets, update by update, the activities and timers counted in our "
        f"own history, the middle one of {histories}. DBOS and the polling scheduler stand behind the same API, with "
        "the same rules and ledger.",
        ratios=(
            Ratio(
                name="whole incidents a second over HTTP ÷ bare Temporal of the same shape",
                value=rates[OURS] / rates[BARE],
                goal=0.8,
                sense="at least",
            ),
            Ratio(
                name="whole incidents a second over HTTP ÷ bare Temporal with our worker's settings",
                value=rates[OURS] / rates[TUNED],
            ),
            Ratio(
                name="whole incidents a second ÷ DBOS Transact, same domain and database",
                value=rates[OURS] / rates[DBOS],
                goal=1.0,
                sense="at least",
            ),
            Ratio(name="whole incidents a second ÷ polling scheduler", value=rates[OURS] / rates[POLLING]),
            Ratio(name="CPU of an incident ÷ bare Temporal of the same shape", value=ours / bare),
            Ratio(name="CPU of an incident ÷ DBOS Transact", value=ours / sum(cpu[DBOS].values())),
            Ratio(name="events of a standard incident", value=len(events), goal=MOST_EVENTS, unit="events"),
            Ratio(name="bytes of a standard incident, encrypted", value=size, goal=MOST_BYTES, unit="bytes"),
        ),
        tables=(_table(rates, cpu),),
        raw={
            "per_second": {name: [one.per_second for one in results] for name, results in found.items()},
            "cpu_ms": cpu,
            "shape": [[load.writes, load.effects, load.timers] for load in shape],
        },
    )


def _table(rates: dict[str, float], cpu: dict[str, dict[str, float]]) -> Table:
    parts = ("api", "worker", "postgres", "temporal")
    rows = tuple(
        _row(TITLES[name], rate, *(cpu[name].get(part, 0.0) for part in parts)) for name, rate in rates.items()
    )
    return Table(
        title="Incidents a second, and milliseconds of CPU for each", columns=("", "a second", *parts), rows=rows
    )


def _row(name: str, *figures: float) -> tuple[str | float, ...]:
    return name, *figures


def _cpu(results: Sequence[Round]) -> dict[str, float]:
    return medians({part: [one.cpu[part] for one in results] for part in results[0].cpu})


async def _play(contestant: Contestant, shape: Sequence[Load], count: int) -> Round:
    services = dict(zip(("postgres", "temporal"), contestant.services.processes(), strict=True))
    watched = contestant.processes() | services
    before, begun = used(watched), time.perf_counter()
    left = iter(range(count))
    async with AsyncExitStack() as stack:
        client = await contestant.client() if contestant.bare else None
        players = []
        for _ in range(min(count, AT_ONCE)):
            if client is None:
                http = await stack.enter_async_context(Http(contestant.api))
                players.append(_play_http(http, contestant, left))
            else:
                players.append(_play_bare(client, contestant, shape, left))
        begun = time.perf_counter()
        await asyncio.gather(*players)
        lasted = time.perf_counter() - begun
    await asyncio.sleep(_SETTLED_SECONDS)
    spent = used(watched).since(before)
    return Round(count / lasted, {part: seconds * 1000 / count for part, seconds in spent.items()})


async def _play_http(http: Http, contestant: Contestant, left: Iterator[int]) -> None:
    for _ in left:
        await Course(http, contestant.tokens).play()


async def _play_bare(client: Client, contestant: Contestant, shape: Sequence[Load], left: Iterator[int]) -> None:
    birth = Birth(local=contestant.name == TUNED)
    for _ in left:
        begin = WithStartWorkflowOperation(
            Bare.run,
            birth,
            id=uuid4().hex,
            task_queue=contestant.queue,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        )
        await client.execute_update_with_start_workflow(Bare.take, shape[0], start_workflow_operation=begin)
        handle = await begin.workflow_handle()
        for load in shape[1:]:
            await handle.execute_update(Bare.take, load)
        await handle.result()


async def _usual_history(ours: Contestant, count: int) -> list[HistoryEvent]:
    """Of `count` histories that with the median number of events: how many answers of channels one workflow task
    takes up is chance.
    """
    found = [await _history(ours) for _ in range(count)]
    return sorted(found, key=len)[count // 2]


async def _history(ours: Contestant) -> list[HistoryEvent]:
    """Of one standard incident, to its end."""
    async with Http(ours.api) as http:
        incident = await Course(http, ours.tokens).play()
    handle = (await ours.client()).get_workflow_handle(process_id(IncidentId(incident)))
    await handle.result()
    return list((await handle.fetch_history()).events)


def shape_of(events: Sequence[HistoryEvent]) -> list[Load]:
    """What each update of a history caused until the next came: activities by their kind, and timers."""
    writes, effects, timers = [0], [0], [0]
    for event in events:
        match event.event_type:
            case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
                for counts in (writes, effects, timers):
                    counts.append(0)
            case EventType.EVENT_TYPE_MARKER_RECORDED:
                writes[-1] += 1
            case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
                effects[-1] += 1
            case EventType.EVENT_TYPE_TIMER_STARTED:
                timers[-1] += 1
    # What came before the first update belongs to it.
    writes[1] += writes[0]
    loads: list[Load] = []
    for number in range(1, len(writes)):
        # Each effect brings a write of its own; where it was recorded after the next update, that one has one too many.
        own = writes[number] - effects[number]
        if number + 1 < len(writes) and own < 0:
            writes[number + 1] += own
        last = number + 1 == len(writes)
        loads.append(
            Load(writes=max(0, own), effects=effects[number], timers=timers[number], last=last, text="x" * 300)
        )
    return loads
