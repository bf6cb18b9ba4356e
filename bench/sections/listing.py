"""The list: an authenticated page of 50 of 100,000 incidents beside the same rows by asyncpg alone."""

from datetime import UTC, datetime

import asyncpg

from bench.arena import Arena
from bench.findings import Findings, Ratio, Table
from bench.http import Http
from bench.incident import OFFICE
from bench.measuring import interleave, medians, quantile
from bench.seeding import seed_open
from bench.stack import OURS
from db import once

PAGE = 50
# The same columns of the same rows in the same order, without asking who may see them.
_RAW = """
SELECT i.id, i.number, t.text, i.drill, i.restricted, i.level, i.category, i.phase, i.lead, i.detected_at,
    i.submitted_at, i.next_due_at, i.needs_attention, i.head_seq
FROM incidents i LEFT JOIN texts t ON t.incident = i.id AND t.digest = i.title
ORDER BY i.submitted_at DESC, i.id DESC LIMIT 51
"""
# Rows of the list and their titles as the first incident has them, each with an id and instants of its own.
_COPY = (
    """
    INSERT INTO texts (incident, digest, salt, text, adopted, created_at, tokens)
    SELECT md5(n::text), t.digest, t.salt, t.text || n, true, t.created_at, t.tokens
    FROM texts t, generate_series(1, $1::int) AS n WHERE t.incident = $2 AND t.tokens IS NOT NULL
    """,
    """
    INSERT INTO incidents SELECT (jsonb_populate_record(i, jsonb_build_object(
        'id', md5(n::text), 'submitted_at', i.submitted_at - n * interval '1 minute',
        'detected_at', i.detected_at - n * interval '1 minute', 'changed_in', 0))).*
    FROM incidents i, generate_series(1, $1::int) AS n WHERE i.id = $2
    """,
)


async def measure(arena: Arena) -> Findings:
    rounds, count = arena.much(300, 5), arena.much(100_000, 300)
    ours = await arena.contestant(OURS)
    url = ours.environment["HUIYING_DATABASE_URL"]
    async with once.opened(url) as sessions:
        first = (await seed_open(sessions, [datetime.now(UTC)]))[0]
    raw = await asyncpg.connect(url.replace("+asyncpg", ""), server_settings={"jit": "off"})
    for statement in _COPY:
        await raw.execute(statement, count, first, timeout=300)
    await raw.execute("VACUUM ANALYZE incidents, texts", timeout=300)
    prepared = await raw.prepare(_RAW)
    async with Http(ours.api) as http:

        async def ask() -> None:
            page = await http.get(f"/api/v1/incidents?limit={PAGE}", ours.tokens[OFFICE])
            assert len(page.body["items"]) == PAGE, page

        async def fetch() -> None:
            assert len(await prepared.fetch()) == PAGE + 1

        taken = await interleave({"GET /incidents": ask, "asyncpg": fetch}, rounds, arena.chance)
    await raw.close()
    # Rows without a process: the auditor of the clocks would look into each while something else is measured.
    arena.leave()
    median = medians(taken)
    return Findings(
        title="List",
        how=f"{rounds} interleaved rounds over {count:,} incidents: a page of {PAGE} over HTTP with a token, and the "
        "same rows by a prepared statement of asyncpg, neither turned into JSON nor asked who may see them.",
        ratios=(
            Ratio(
                name="authenticated list of 50 of 100,000 p50 ÷ raw asyncpg p50",
                value=median["GET /incidents"] / median["asyncpg"],
                goal=2.5,
            ),
        ),
        tables=(
            Table(
                title="Milliseconds",
                columns=("", "p50", "p90"),
                rows=tuple((name, median[name], quantile(times, 0.9)) for name, times in taken.items()),
            ),
        ),
        raw={"ms": taken},
    )
