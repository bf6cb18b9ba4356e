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
from workflows.revival import is_running, revive


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
        if state is None or state.phase.ended or await is_running(self.client, incident):
            return True
        if self.rebuild:
            await revive(self.client, incident, self.task_queue)
        self.say(
            f"{incident}: {state.number} {'goes on, its process was started' if self.rebuild else 'has no process'}"
        )
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


async def repair(settings: Settings, say: Callable[[str], None], *, rebuild: bool) -> bool:
    """Go through all incidents; whether all is well at last. Raises TemporalUnavailable, RPCError."""
    async with once.opened(settings.database_url) as sessions:
        async with sessions() as session:
            chosen = sorted(await reads.all_incidents(session))
        one = Repair(sessions, await connect(settings), settings.task_queue, rebuild, say)
        well = [await one.mend(incident) for incident in chosen]
    say(f"{len(chosen)} incidents: {'all is well' if all(well) else f'{well.count(False)} need attention'}")
    return all(well)
