"""Makes an installation whole again from its ledgers: rows that do not fit, processes that are gone."""

from collections.abc import Callable
from dataclasses import dataclass

from temporalio.client import Client

from db import audit, ledger, once, reads, rebuilding
from db.directory import Counties
from db.session import Sessions
from domain.vocabulary import IncidentId
from runtime.settings import Settings
from runtime.temporal import connect
from workflows.revival import abandon, is_readable, is_running, revive


@dataclass(frozen=True)
class Repair:
    """Looks at incidents one by one; mends them if `rebuild`, else only says what is wrong."""

    sessions: Sessions
    client: Client
    task_queue: str
    rebuild: bool
    say: Callable[[str], None]

    async def mend(self, incident: IncidentId) -> bool:
        """Whether all is well with the incident at last."""
        if not await self._mend_row(incident):
            # Nothing goes on from a ledger that cannot be trusted.
            return False
        async with self.sessions() as session:
            state = await ledger.load(session, incident)
        if state is None or state.phase.ended:
            return True
        running = await is_running(self.client, incident)
        if running and await is_readable(self.client, incident):
            return True
        if self.rebuild:
            await start_anew(self.client, incident, self.task_queue, running=running)
        wrong = "has a process that no key reads" if running else "has no process"
        self.say(f"{incident}: {state.number} {'goes on, its process was started' if self.rebuild else wrong}")
        return self.rebuild

    async def _mend_row(self, incident: IncidentId) -> bool:
        async with self.sessions.begin() as session:
            problems = await audit.verify(session, incident)
            if problems and self.rebuild:
                try:
                    await rebuilding.rebuild(session, incident, Counties())
                except rebuilding.LedgerBroken as broken:
                    self.say(f"{incident}: cannot be rebuilt: {broken}")
                    return False
                self.say(f"{incident}: rebuilt from its ledger ({'; '.join(problems)})")
                return True
        for problem in problems:
            self.say(f"{incident}: {problem}")
        return not problems


async def start_anew(client: Client, incident: IncidentId, task_queue: str, *, running: bool) -> None:
    """A new process in place of none, or of one that cannot be read: it loads its ledger. Raises RPCError."""
    if running:
        await abandon(client, incident)
    await revive(client, incident, task_queue)


async def revive_open(sessions: Sessions, client: Client, task_queue: str, *, unreadable: bool = True) -> int:
    """Start the processes that open incidents lack, and, if `unreadable`, those that no key reads; how many.

    Raises RPCError.
    """
    async with sessions() as session:
        opened = await reads.open_incidents(session)
    started = 0
    for incident in opened:
        running = await is_running(client, incident)
        if running and (not unreadable or await is_readable(client, incident)):
            continue
        await start_anew(client, incident, task_queue, running=running)
        started += 1
    return started


async def repair(settings: Settings, say: Callable[[str], None], *, rebuild: bool) -> bool:
    """Go through all incidents; whether all is well at last. Raises TemporalUnavailable, RPCError."""
    async with once.opened(settings.database_url) as sessions:
        async with sessions() as session:
            chosen = sorted(await reads.all_incidents(session))
        one = Repair(sessions, await connect(settings), settings.task_queue, rebuild, say)
        well = [await one.mend(incident) for incident in chosen]
    say(f"{len(chosen)} incidents: {'all is well' if all(well) else f'{well.count(False)} need attention'}")
    return all(well)


async def revive_all(settings: Settings) -> int:
    """The same by settings. Raises TemporalUnavailable, RPCError."""
    async with once.opened(settings.database_url) as sessions:
        return await revive_open(sessions, await connect(settings), settings.task_queue)
