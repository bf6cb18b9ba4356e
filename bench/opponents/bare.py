"""A bare Temporal workflow: as many updates, timers and activities as an incident has, and no business.

A module of its own, because the sandbox loads it whole.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import activity, workflow

TIMEOUT = timedelta(seconds=30)
FAR = timedelta(hours=4)
RANG, IDLED = "rang", "idled"


@dataclass(frozen=True)
class Load:
    """What one message causes: short writes one after the other before it is answered, then effects side by side,
    each followed by a write; timers set. `last` ends the workflow once all is done.
    """

    writes: int = 0
    effects: int = 0
    timers: int = 0
    last: bool = False
    text: str = ""


@dataclass(frozen=True)
class Birth:
    """`local`: short writes are local activities, as in our own process; else ordinary ones. `rings_at`: an instant
    at which it wakes once and says when it did.
    """

    local: bool = False
    rings_at: datetime | None = None


@activity.defn
async def write(text: str) -> str:
    """A short write that writes nothing."""
    return text


@activity.defn
async def effect(text: str) -> str:
    """A call to the outside that calls nobody."""
    return text


@workflow.defn
class Bare:
    """Takes messages and causes what they say: what the same traffic costs without a process behind it."""

    @workflow.init
    def __init__(self, birth: Birth) -> None:
        self._birth = birth
        self._over = False
        self._rang_at: datetime | None = None
        self._effects: set[asyncio.Task[None]] = set()
        self._timer: asyncio.Task[None] | None = None

    @workflow.run
    async def run(self, birth: Birth) -> None:
        if birth.rings_at is not None:
            await workflow.sleep(birth.rings_at - workflow.now())
            self._rang_at = workflow.now()
            await self._write("rang")
        await workflow.wait_condition(lambda: self._over and not self._effects)
        if self._timer is not None:
            self._timer.cancel()

    @workflow.update
    async def take(self, load: Load) -> str:
        for _ in range(load.writes):
            await self._write(load.text)
        for _ in range(load.timers):
            if self._timer is not None:
                self._timer.cancel()
            self._timer = asyncio.create_task(asyncio.sleep(FAR.total_seconds()))
        for _ in range(load.effects):
            task = asyncio.create_task(self._effect(load.text))
            self._effects.add(task)
            task.add_done_callback(self._effects.discard)
        self._over |= load.last
        return "done"

    @workflow.query
    def rang_at(self) -> datetime | None:
        return self._rang_at

    async def _effect(self, text: str) -> None:
        await workflow.execute_activity(effect, text, start_to_close_timeout=TIMEOUT)
        await self._write(text)

    async def _write(self, text: str) -> None:
        if self._birth.local:
            await workflow.execute_local_activity(write, text, start_to_close_timeout=TIMEOUT)
        else:
            await workflow.execute_activity(write, text, start_to_close_timeout=TIMEOUT)
