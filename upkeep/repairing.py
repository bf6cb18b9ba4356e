"""Finds what is stuck, says why, and makes it go on: rows that do not fit, processes that are gone or in trouble."""

from collections.abc import Callable
from dataclasses import dataclass

from temporalio.client import Client

from db import audit, ledger, once, reads, rebuilding
from db.directory import Counties
from db.session import Sessions
from domain.refusals import Language
from domain.stuck import Remedy, Stuck, stuck, stuck_workers
from domain.vocabulary import IncidentId
from runtime.clock import Clock, SystemClock
from runtime.settings import Settings
from runtime.temporal import connect
from upkeep.inspecting import process_of, workers
from upkeep.remedies import Remedies, start_anew
from workflows.revival import is_readable, is_running

FROM_THE_LEDGER = frozenset({Remedy.START, Remedy.REPLACE})
"""What a restored or lost database needs."""
EVERYTHING = frozenset(Remedy) - {Remedy.PERSON}


@dataclass(frozen=True)
class Repair:
    """Looks at incidents one by one for what the remedies among `knows` mend, and does what is among `performs`."""

    sessions: Sessions
    clock: Clock
    remedies: Remedies
    say: Callable[[str], None]
    performs: frozenset[Remedy] = frozenset()
    knows: frozenset[Remedy] = frozenset(Remedy)
    language: Language = Language.EN

    async def look_at_workers(self) -> bool:
        """Whether somebody takes the tasks at last. Raises RPCError, CannotTakeOver."""
        client, now = self.remedies.client, await self.clock.now()
        seen = await workers(client, self.remedies.task_queue, self.remedies.deployment, now)
        found = [one for one in stuck_workers(seen) if one.remedy in self.knows]
        for one in found:
            if one.remedy in self.performs:
                await self.remedies.take_over(one)
            self._tell("", one)
        return all(one.remedy in self.performs for one in found)

    async def mend(self, incident: IncidentId) -> bool:
        """Whether all is well with the incident at last. Raises RPCError."""
        if not await self._mend_row(incident):
            # Nothing goes on from a ledger that cannot be trusted.
            return False
        async with self.sessions() as session:
            state = await ledger.load(session, incident)
            county = await Counties().current(session)
        if state is None:
            return True
        process = await process_of(self.remedies.client, incident)
        found = [one for one in stuck(state, process, county, await self.clock.now()) if one.remedy in self.knows]
        # One retry tries all that is blocked.
        for remedy in dict.fromkeys(one.remedy for one in found):
            about = [one for one in found if one.remedy is remedy]
            if remedy in self.performs:
                for one in about[:1] if remedy is Remedy.RETRY_BLOCKED else about:
                    await self.remedies.apply(incident, one)
            for one in about:
                self._tell(f"{incident}: {state.number} ", one)
        return all(one.remedy in self.performs for one in found)

    def _tell(self, whose: str, one: Stuck) -> None:
        zh = self.language is Language.ZH
        done = ("已办：" if zh else "done: ") if one.remedy in self.performs else ""
        stop = "；" if zh else "; "
        self.say(f"{whose}{one.sentence(self.language)}{stop}{done}{one.proposal(self.language)}")

    async def _mend_row(self, incident: IncidentId) -> bool:
        async with self.sessions.begin() as session:
            problems = await audit.verify(session, incident)
            if problems and self.performs:
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


@dataclass(frozen=True)
class Order:
    """What `huiying repair` was told: which incident (all when None), what to perform and look for, how to say it."""

    incident: IncidentId | None = None
    performs: frozenset[Remedy] = frozenset()
    knows: frozenset[Remedy] = frozenset(Remedy)
    leave_out: int | None = None
    language: Language = Language.EN


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


async def repair(settings: Settings, say: Callable[[str], None], order: Order) -> bool:
    """Go through the workers and all incidents; whether all is well at last.

    Raises TemporalUnavailable, RPCError, CannotTakeOver.
    """
    async with once.opened(settings.database_url) as sessions:
        async with sessions() as session:
            chosen = [order.incident] if order.incident else sorted(await reads.all_incidents(session))
        remedies = Remedies(await connect(settings), settings.task_queue, settings.deployment, order.leave_out)
        one = Repair(sessions, SystemClock(), remedies, say, order.performs, order.knows, order.language)
        well = [await one.look_at_workers(), *[await one.mend(incident) for incident in chosen]]
    say(_summary(len(chosen), well.count(False), order.language))
    return all(well)


def _summary(incidents: int, unwell: int, language: Language) -> str:
    if language is Language.ZH:
        return f"共 {incidents} 件：{f'{unwell} 处需要处理' if unwell else '一切正常'}"
    return f"{incidents} incidents: {f'{unwell} need attention' if unwell else 'all is well'}"


async def revive_all(settings: Settings) -> int:
    """The same by settings. Raises TemporalUnavailable, RPCError."""
    async with once.opened(settings.database_url) as sessions:
        return await revive_open(sessions, await connect(settings), settings.task_queue)
