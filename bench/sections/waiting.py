"""Incidents that wait: what each holds in memory, how late their timers are, how soon they go on after kill -9."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeVar
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bench.arena import Arena
from bench.engines import Engine, engine_of
from bench.findings import Findings, Ratio, Table
from bench.measuring import memory_of, quantile, used
from bench.opponents.bare import Bare
from bench.seeding import seed_open
from bench.stack import BARE, DBOS, OURS, POLLING, TITLES, TUNED, Contestant
from db.reads.incidents import Filters, count_incidents
from db.session import Sessions, make_engine, make_sessions
from db.tables import LedgerRow
from domain.standing import Sight
from domain.vocabulary import IncidentId, Origin

AT_ONCE, CALMLY = 16, 2
"""How many are started side by side: those that fall due together in a rush, the others calmly. A timer counts from
when the task that set it was done, so a rush would be measured in place of the timers.
"""
EVERY = timedelta(milliseconds=100)
WARMING = 40
SPARE = timedelta(seconds=25)
"""Those that fall due one after the other do so up to eighteen seconds before the instant."""
DUE_HOURS = timedelta(hours=4)
"""From detection to the soft target of the first release: the one alarm of a general incident at that instant."""
_POLL_SECONDS = 0.1
_LOOK_SECONDS = 1.0
"""Between looks at the ledger, which says itself when each decided: looking takes time from who works."""
_QUIET_SECONDS, _IDLE_SHARE = 1.0, 0.2
Thing = TypeVar("Thing")


class Amount(NamedTuple):
    """`together` fall due at one instant, `evenly` one after the other before it; `commanded` are sent a command while
    the worker is away.
    """

    together: int
    evenly: int
    commanded: int


class Waited(NamedTuple):
    bytes_each: float
    evenly: Sequence[float]
    """Seconds from due to decided, of those due one after the other."""
    at_once: Sequence[float]
    shown_seconds: float | None
    """From the instant at which all were due to when a list had them all as overdue; None without a list."""
    recovered: Sequence[float]
    """Seconds from kill -9 to each outcome."""


async def measure(arena: Arena) -> Findings:
    full = Amount(together=arena.much(1_000, 12), evenly=arena.much(150, 6), commanded=arena.much(500, 5))
    # Asked for its memory only.
    less = Amount(arena.much(300, 12), evenly=6, commanded=5)
    found: dict[str, Waited] = {}
    arena.leave()
    for name in (BARE, OURS, DBOS, POLLING, TUNED):
        found[name] = await _wait(await arena.contestant(name), less if name == TUNED else full)
        arena.leave()
    ours, bare, dbos = found[OURS], found[BARE], found[DBOS]
    return Findings(
        title="Waiting",
        how=f"{full.together + full.evenly:,} open incidents each, started from their ledgers with nothing to do but "
        f"wait: {full.evenly} fall due ten a second (started {CALMLY} side by side), {full.together:,} at one instant "
        f"({AT_ONCE} side by side); then kill -9 of the worker, "
        f"which is started again, while {full.commanded} of them are sent a command each. Late is from due to decided, "
        "as the ledger has it. One run each, nothing else running.",
        ratios=(
            Ratio(
                name="1,000 timers due at once, due to decided, p99 ÷ bare Temporal's",
                value=quantile(ours.at_once, 0.99) / quantile(bare.at_once, 0.99),
                goal=1.5,
            ),
            Ratio(
                name="1,000 timers due at once, due to decided, p99 ÷ DBOS Transact's",
                value=quantile(ours.at_once, 0.99) / quantile(dbos.at_once, 0.99),
            ),
            Ratio(name="timers at 10 a second, p99 lateness", value=quantile(ours.evenly, 0.99), goal=1.0, unit="s"),
            Ratio(
                name="500 open incidents recovered after kill -9, all done ÷ DBOS Transact",
                value=max(ours.recovered) / max(dbos.recovered),
                goal=1.0,
            ),
            Ratio(
                name="memory of a cached open incident ÷ bare cached idle",
                value=ours.bytes_each / bare.bytes_each,
                goal=1.6,
            ),
            Ratio(
                name="memory of a cached open incident ÷ bare with our worker's settings",
                value=ours.bytes_each / found[TUNED].bytes_each,
            ),
            Ratio(name="1,000 due at once: all shown as overdue after", value=ours.shown_seconds or 0.0, unit="s"),
        ),
        tables=(
            Table(
                title="Kilobytes each, and seconds",
                columns=("", "kB", "evenly p99", "at once p50", "at once p99", "shown", "first back", "all back"),
                rows=tuple(_row(TITLES[name], waited) for name, waited in found.items()),
            ),
        ),
        raw={name: waited._asdict() for name, waited in found.items()},
    )


def _row(name: str, waited: Waited) -> tuple[str | float, ...]:
    shown: str | float = "—" if waited.shown_seconds is None else waited.shown_seconds
    evenly, late, back = waited.evenly, waited.at_once, waited.recovered
    times = (quantile(evenly, 0.99), quantile(late, 0.5), quantile(late, 0.99))
    return name, waited.bytes_each / 1000, *times, shown, min(back), max(back)


async def _wait(contestant: Contestant, amount: Amount) -> Waited:
    count, evenly, commanded = amount
    async with AsyncExitStack() as stack:
        sessions = _sessions(contestant, stack)
        engine = await engine_of(contestant, sessions, stack)
        at = datetime.now(UTC) + await _lead(contestant, engine, sessions, count + evenly)
        due = [at] * count + [at - (number + 30) * EVERY for number in range(evenly)]
        incidents = await _seed(contestant, sessions, due)
        before = _memory(contestant)
        planned = list(zip(incidents, due, strict=True))
        await each_of(planned[count:], lambda one: engine.start(*one), CALMLY)
        await each_of(planned[:count], lambda one: engine.start(*one))
        await asleep(contestant)
        if datetime.now(UTC) >= min(due):
            raise RuntimeError(f"{contestant.name} was still starting when the first fell due: nothing was measured")
        each = (_memory(contestant) - before) / len(incidents)
        shown = await _shown(contestant, at, len(incidents))
        late = await _late(contestant, sessions, dict(zip(incidents, due, strict=True)))
        recovered = await _recover(contestant, engine, incidents[:commanded])
    return Waited(each, late[count:], late[:count], shown, recovered)


async def _lead(contestant: Contestant, engine: Engine, sessions: Sessions, count: int) -> timedelta:
    """From now to when all fall due: long enough for all to be started and asleep before.

    The first incidents tell how long writing their ledgers and starting them takes. They warm the worker up as well:
    what it imports and compiles is nobody's in particular.
    """
    later = datetime.now(UTC) + DUE_HOURS
    (first,) = await _seed(contestant, sessions, [later])
    await engine.start(first, later)
    await engine.note(first)
    begun = time.monotonic()
    others = await _seed(contestant, sessions, [later] * WARMING)
    await each_of(others, lambda one: engine.start(one, later))
    await asleep(contestant)
    return timedelta(seconds=(time.monotonic() - begun) / WARMING * count) + SPARE


def _sessions(contestant: Contestant, stack: AsyncExitStack) -> Sessions:
    """Of the contestant's own database; a bare one has none, and is given nothing to keep there."""
    if contestant.bare:
        return make_sessions(make_engine("postgresql+asyncpg://nobody@127.0.0.1/nothing"))
    engine = make_engine(contestant.environment["HUIYING_DATABASE_URL"], pool_size=AT_ONCE)
    stack.push_async_callback(engine.dispose)
    return make_sessions(engine)


async def _seed(contestant: Contestant, sessions: Sessions, due: Sequence[datetime]) -> list[IncidentId]:
    if contestant.bare:
        return [IncidentId(uuid4().hex) for _ in due]
    return await seed_open(sessions, [at - DUE_HOURS for at in due])


async def each_of(things: Sequence[Thing], do: Callable[[Thing], Awaitable[None]], at_once: int = AT_ONCE) -> None:
    """So many at once, in order."""
    left = iter(things)

    async def work() -> None:
        for thing in left:
            await do(thing)

    await asyncio.gather(*(work() for _ in range(at_once)))


def _memory(contestant: Contestant) -> int:
    return memory_of(contestant.processes()["worker"])


async def asleep(contestant: Contestant) -> None:
    """Until the worker has nothing to do."""
    worker = {"worker": contestant.processes()["worker"]}
    while True:
        before = used(worker)
        await asyncio.sleep(_QUIET_SECONDS)
        if used(worker).since(before)["worker"] < _QUIET_SECONDS * _IDLE_SHARE:
            return


async def _shown(contestant: Contestant, at: datetime, count: int) -> float | None:
    """Seconds after `at` when the list of those overdue has them all: asked from the moment on."""
    await asyncio.sleep(max(0.0, (at - datetime.now(UTC)).total_seconds()))
    if contestant.bare:
        return None
    engine = make_engine(contestant.environment["HUIYING_DATABASE_URL"])
    overdue, all_of_it = Filters(overdue=True), Sight(None, frozenset(), all_restricted=True, worded=True)
    while True:
        async with engine.connect() as connection:
            now = datetime.now(UTC)
            counted = await count_incidents(AsyncSession(connection), overdue, all_of_it, now)
        if counted.overdue >= count:
            await engine.dispose()
            return (datetime.now(UTC) - at).total_seconds()


async def _late(contestant: Contestant, sessions: Sessions, due: Mapping[IncidentId, datetime]) -> list[float]:
    """Seconds from due to decided of each, in order."""
    rung = await (_rung_bare if contestant.bare else _rung)(contestant, sessions, due)
    return [(rung[incident] - at).total_seconds() for incident, at in due.items()]


async def _rung(
    _contestant: Contestant, sessions: Sessions, due: Mapping[IncidentId, datetime]
) -> dict[IncidentId, datetime]:
    """By the ledger: the first entry of a timer after it was due."""
    later = LedgerRow.decided_at >= min(due.values())
    entries = select(LedgerRow.incident, LedgerRow.decided_at).where(LedgerRow.origin == Origin.TIMER, later)
    while True:
        async with sessions() as session:
            found = [(IncidentId(id_), at) for id_, at in await session.execute(entries)]
        rung = {id_: at for id_, at in found if id_ in due and at >= due[id_]}
        if len(rung) == len(due):
            return rung
        await asyncio.sleep(_LOOK_SECONDS)


async def _rung_bare(
    contestant: Contestant, _sessions: Sessions, due: Mapping[IncidentId, datetime]
) -> dict[IncidentId, datetime]:
    """By the workflow itself, as our own decides by its clock."""
    client, rung = await contestant.client(), dict[IncidentId, datetime]()

    async def ask(incident: IncidentId) -> None:
        handle = client.get_workflow_handle(f"bare-{incident}")
        while (at := await handle.query(Bare.rang_at)) is None:  # noqa: ASYNC110  # Another process's doing.
            await asyncio.sleep(_POLL_SECONDS)
        rung[incident] = at

    # Asking would keep the worker from ringing, so it is left alone until it has.
    await asleep(contestant)
    await each_of(list(due), ask)
    return rung


async def _recover(contestant: Contestant, engine: Engine, incidents: Sequence[IncidentId]) -> list[float]:
    """Seconds from the kill to each outcome, in the order in which they came."""
    contestant.kill_worker()
    killed, came = time.monotonic(), list[float]()

    async def note(incident: IncidentId) -> None:
        await engine.note(incident)
        came.append(time.monotonic() - killed)

    # All people come back at once.
    notes = asyncio.gather(*(note(incident) for incident in incidents))
    await contestant.start_worker()
    await notes
    return came
