"""Many open incidents: what they hold in memory and on disk, and what a command costs among them."""

import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

from bench.arena import Arena
from bench.engines import engine_of
from bench.findings import Findings, Ratio, Table
from bench.measuring import medians, memory_of
from bench.sections.waiting import asleep, each_of
from bench.seeding import seed_open
from bench.stack import OURS
from db.session import make_engine, make_sessions

ASKED = 40
"""Commands whose latency is taken at each stop, each of another incident."""


async def measure(arena: Arena) -> Findings:
    stops = [arena.much(number, number // 500) for number in (1_000, 2_000, 5_000, 10_000)]
    arena.leave()
    ours = await arena.contestant(OURS)
    services = arena.services
    rows: list[tuple[float, ...]] = []
    async with AsyncExitStack() as stack:
        db = make_engine(ours.environment["HUIYING_DATABASE_URL"])
        stack.push_async_callback(db.dispose)
        sessions = make_sessions(db)
        engine = await engine_of(ours, sessions, stack)
        detected_at = datetime.now(UTC)
        opened, held = 0, memory_of(ours.processes()["worker"])
        for stop in stops:
            incidents = await seed_open(sessions, [detected_at] * (stop - opened))
            begun = time.perf_counter()
            await each_of(incidents, lambda incident: engine.start(incident, detected_at))
            started = (time.perf_counter() - begun) / len(incidents)
            await asleep(ours)
            opened, times = stop, []
            for incident in arena.chance.sample(incidents, min(ASKED, len(incidents))):
                begun = time.perf_counter()
                await engine.note(incident)
                times.append((time.perf_counter() - begun) * 1000)
            worker = memory_of(ours.processes()["worker"])
            server = memory_of(services.processes()[1])
            disk = size_of(services.temporal.root)
            figures = (worker / 1e6, (worker - held) / opened / 1000, server / 1e6, disk / 1e6, started * 1000)
            rows.append((opened, *figures, medians({"": times})[""]))
    return Findings(
        title="Many open incidents",
        how=f"Up to {opened:,} open incidents, started from their ledgers, and one worker with 2,000 of them in its "
        f"cache; then a command to each of {ASKED} of the latest, one at a time, without HTTP.",
        ratios=(
            Ratio(name="command among 10,000 open incidents p50 ÷ among 1,000", value=rows[-1][6] / rows[0][6]),
            Ratio(name="kilobytes the worker grew by for each of 10,000 open incidents", value=rows[-1][2], unit="kB"),
        ),
        tables=(
            Table(
                title="As open incidents grow",
                columns=(
                    "open",
                    "worker MB",
                    "kB each",
                    "Temporal MB",
                    "Temporal's file MB",
                    "ms to start",
                    "command p50 ms",
                ),
                rows=tuple((f"{row[0]:,.0f}", *row[1:]) for row in rows),
            ),
        ),
    )


def size_of(folder: Path) -> int:
    """Bytes of Temporal's database."""
    return sum(file.stat().st_size for file in folder.glob("temporal.db*"))
