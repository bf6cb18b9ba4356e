"""What must hold once nobody hurts a stack any more: nothing lost, nothing doubled, every clock running."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import BindParameter, RowMapping, TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHistory

from db import ledger, once, rebuilding
from db.directory import Counties
from db.session import Sessions
from domain.alarms import due_alarms, next_alarm_at
from domain.incident import Incident
from domain.vocabulary import IncidentId, process_id
from runtime.settings import Settings
from runtime.temporal import connect
from tests.chaos.people import Accepted, Life

LATE = timedelta(seconds=5)
"""An alarm that fell due this recently may still be on its way."""
TOLERANCE = timedelta(seconds=10)
"""A timer is set from when its workflow task began, and starts when the task is over: within the task's timeout."""

Shown = Mapping[str, Counter[str]]
"""By channel: how often the place has ever shown each digest."""

_MINE: BindParameter[list[str]] = bindparam("incidents", expanding=True)
# The first entry of a command bears the command's own key; what else it brought about, a number behind it.
_COMMANDS = text("SELECT incident, key, type FROM ledger WHERE incident IN :incidents AND key ~ '^cmd/[^/]+$'")
_KEYS = text("SELECT key, incident, 'cmd/' || command_id AS entry FROM idempotency WHERE incident IN :incidents")
_PUBLISHED = text(
    "SELECT data::jsonb ->> 'digest' AS digest, data::jsonb ->> 'channel' AS channel"
    " FROM ledger WHERE incident IN :incidents AND type = 'published'"
)
_ROW = text("SELECT * FROM incidents WHERE id = :incident")
_BESIDE = text(
    "SELECT (SELECT count(*) FROM notices WHERE incident = :incident),"
    " (SELECT count(*) FROM texts WHERE incident = :incident AND adopted)"
)


async def check(
    settings: Settings, lives: Sequence[Life], accepted: Sequence[Accepted], shown: Shown, patience: float
) -> list[str]:
    """Everything that is wrong, once what was begun has come to rest, or did not within `patience` seconds."""
    client = await connect(settings)
    async with once.opened(settings.database_url) as sessions:
        found = await _settle(sessions, client, [IncidentId(life.incident) for life in lives], patience)
        async with sessions() as session:
            found += await _check_commands(session, lives, accepted)
            found += await _check_releases(session, lives, shown)
        for life in lives:
            found += [one async for one in _rebuild(sessions, IncidentId(life.incident))]
    return found


async def _settle(sessions: Sessions, client: Client, incidents: Sequence[IncidentId], patience: float) -> list[str]:
    """Wait until every incident is at rest; what of them is not."""
    until = time.monotonic() + patience
    while True:
        unrest = {one: reason for one in incidents if (reason := await _unrest(sessions, client, one)) is not None}
        if not unrest or time.monotonic() > until:
            return [f"{incident}: {reason}" for incident, reason in unrest.items()]
        incidents = list(unrest)
        await asyncio.sleep(1)


async def _unrest(sessions: Sessions, client: Client, incident: IncidentId) -> str | None:
    """Why an incident is not at rest with every duty under its alarm; None if it is."""
    async with sessions() as session:
        state = await ledger.load(session, incident)
    if state is None:
        return "no ledger"
    for release in state.releases.values():
        for call in release.pending:
            return f"{release.id} on {call.channel} is {call.parked or 'under way'}"
    if late := due_alarms(state, datetime.now(UTC) - LATE):
        return f"{late[0].key} did not ring"
    return await _process_problem(client, state)


async def _process_problem(client: Client, state: Incident) -> str | None:
    """What is wrong with an incident's process; None: it is as the ledger wants it."""
    handle = client.get_workflow_handle(process_id(state.id))
    running = (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    wakes_at = next_alarm_at(state)
    if wakes_at is None and state.phase.ended:
        return "it ended, and its process did not" if running else None
    if not running:
        return "no process"
    if await handle.query("state", result_type=Incident) != state:
        return "its process believes something else than its ledger says"
    return _alarm_problem(state, standing_timers(await handle.fetch_history()), wakes_at)


def _alarm_problem(state: Incident, timers: Sequence[datetime], wakes_at: datetime | None) -> str | None:
    if state.pending and wakes_at is None and not timers:
        # Every reminder there is was given: nothing is left to wake up for.
        return None
    if len(timers) != 1 or wakes_at is None or abs(timers[0] - wakes_at) > TOLERANCE:
        return f"it is to wake at {wakes_at}, and its timers fire at {[str(one) for one in timers]}"
    return None


def standing_timers(history: WorkflowHistory) -> list[datetime]:
    """When the timers fire that were started and neither fired nor were cancelled."""
    standing: dict[str, datetime] = {}
    for event in history.events:
        if event.HasField("timer_started_event_attributes"):
            started = event.timer_started_event_attributes
            delay = started.start_to_fire_timeout.ToTimedelta()
            standing[started.timer_id] = event.event_time.ToDatetime(UTC) + delay
        for gone in ("timer_fired_event_attributes", "timer_canceled_event_attributes"):
            if event.HasField(gone):
                standing.pop(getattr(event, gone).timer_id)
    return list(standing.values())


async def _check_commands(session: AsyncSession, lives: Sequence[Life], accepted: Sequence[Accepted]) -> list[str]:
    """Every accepted command stands in the ledger once, by its idempotency key, and no other command does."""
    mine = {"incidents": [life.incident for life in lives]}
    keys = {row["key"]: row["entry"] for row in await _rows(session, _KEYS, mine)}
    entries = Counter((row["key"], row["type"]) for row in await _rows(session, _COMMANDS, mine))
    recorded = Counter(key for key, type_ in entries.elements() if type_ != "refused")
    expected = Counter(keys.get(one.key, f"unknown key of {one.name}") for one in accepted)
    lost = [f"{key}: accepted, and not in the ledger" for key in expected - recorded]
    return lost + [f"{key}: in the ledger, and nobody was told" for key in recorded - expected]


async def _check_releases(session: AsyncSession, lives: Sequence[Life], shown: Shown) -> list[str]:
    """Every release that was cleared is recorded once and was shown once on each of its channels, and on no other."""
    mine = {"incidents": [life.incident for life in lives]}
    expected = Counter(
        (digest, channel) for life in lives for digest in life.released for channel in life.plan.channels
    )
    recorded = Counter((row["digest"], row["channel"]) for row in await _rows(session, _PUBLISHED, mine))
    digests = {digest for life in lives for digest in life.released}
    seen = Counter(
        {
            (digest, channel): count
            for channel, counts in shown.items()
            for digest, count in counts.items()
            if digest in digests
        }
    )
    found = []
    for one in sorted({*expected, *recorded, *seen}):
        counts = (expected[one], recorded[one], seen[one])
        if len(set(counts)) > 1:
            found.append(
                f"{one[0][:12]} on {one[1]}: expected {counts[0]}, recorded {counts[1]}, shown {counts[2]} times"
            )
    return found


async def _rows(session: AsyncSession, query: TextClause, values: Mapping[str, object]) -> Sequence[RowMapping]:
    return (await session.execute(query.bindparams(_MINE), values)).mappings().all()


async def _rebuild(sessions: Sessions, incident: IncidentId) -> AsyncIterator[str]:
    """What a rebuild from the ledger would change. It changes nothing."""
    async with sessions() as session:
        before = await _computed(session, incident)
        await rebuilding.rebuild(session, incident, Counties())
        after = await _computed(session, incident)
        await session.rollback()
    for name, value in after.items():
        if before[name] != value:
            yield f"{incident}: {name} is not what a rebuild makes it"


async def _computed(session: AsyncSession, incident: IncidentId) -> dict[str, object]:
    row = dict((await session.execute(_ROW, {"incident": incident})).mappings().one())
    # The transaction that wrote it last: another one now.
    row.pop("changed_in")
    told, adopted = (await session.execute(_BESIDE, {"incident": incident})).one()
    return {**row, "notices": told, "texts": adopted}
