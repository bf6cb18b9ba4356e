"""One service kept running: started, watched, started again, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from asyncio.subprocess import Process
from collections.abc import Callable
from datetime import UTC, datetime

from runtime.embedded.failure import StackFailed
from runtime.embedded.folder import DataFolder
from runtime.embedded.launch import POLL_SECONDS
from runtime.embedded.logs import open_log, tail_of
from runtime.embedded.programs import end_program, record_process, start_program
from runtime.embedded.service import Run, Service

START_SECONDS = 90.0
"""How long the first start may take, on a slow and busy machine."""
ATTEMPTS = 3
"""How often a service may end before it ever answered until we believe that it never will."""
FIRST_DELAY = 0.25
LONGEST_DELAY = 15.0
STEADY_SECONDS = 20.0
"""A process that lived this long has started well: the next delay is the first again."""


class ServiceFailed(StackFailed):
    """A service does not start; says why, as far as its log tells."""


class Child:
    """Keeps one process of `service` running until it is told to stop."""

    def __init__(self, service: Service, folder: DataFolder, tell: Callable[[str], None]) -> None:
        self.service = service
        self._folder = folder
        self._tell = tell
        self._process: Process | None = None
        self._answered = asyncio.Event()
        self._stopping = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Of the process that runs now, if one does."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Start it and return when it answers. Raises `ServiceFailed`."""
        self._keeper = asyncio.create_task(self._keep(), name=f"keep {self.service.name}")
        answered = asyncio.create_task(self._answered.wait())
        try:
            await asyncio.wait({self._keeper, answered}, timeout=START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            answered.cancel()
        if self._keeper.done():
            await self._keeper
        if not self._answered.is_set():
            raise ServiceFailed(
                f"{self.service.title} did not answer within {START_SECONDS:.0f} s\n{self._last_words()}"
            )

    async def watch(self) -> None:
        """Return when it was stopped; raise whatever made us unable to keep it running."""
        if self._keeper is not None:
            await asyncio.shield(self._keeper)

    async def stop(self) -> None:
        """Stop it and return when it has gone."""
        self._stopping.set()
        if self._keeper is not None:
            # What made it fail was raised by `start` or `watch`.
            await asyncio.wait({self._keeper})

    def kill(self) -> None:
        """End its process at once; `stop` then returns as soon as it has gone."""
        self._stopping.set()
        if self.pid is not None and self._process is not None:
            self._process.kill()

    async def _keep(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            reason = await self._run_once()
            if self._stopping.is_set():
                return
            failures = 1 if time.monotonic() - began > STEADY_SECONDS else failures + 1
            if failures >= ATTEMPTS and not self._answered.is_set():
                raise ServiceFailed(f"{self.service.title} does not start: it {reason}\n{self._last_words()}")
            delay = min(FIRST_DELAY * 2 ** (failures - 1), LONGEST_DELAY)
            if self._answered.is_set():
                self._tell(f"{self.service.title} {reason}; starting it again in {delay:g} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay)

    async def _run_once(self) -> str:
        """Run one process until it ends or we are to stop; say what happened, to follow its name."""
        service = self.service
        try:
            launch = await asyncio.to_thread(service.launch)
            with open_log(self._folder.logs, service.name) as log:
                process = await start_program(launch, log)
        except (OSError, StackFailed) as e:
            return f"could not be started ({e})"
        self._process = process
        try:
            record_process(self._folder, service.name, process, launch, service.stop_signal, service.stop_seconds)
            await self._attend(process)
        except (OSError, StackFailed) as e:
            return f"is not usable ({e})"
        finally:
            code = await end_program(process, service.stop_signal, service.stop_seconds)
            # On a full disk its record stays: what has ended is not taken for running by it.
            with contextlib.suppress(OSError):
                self._folder.forget_process(service.name)
        return f"ended ({_describe(code)})"

    async def _attend(self, process: Process) -> None:
        """Return when it has ended or we are to stop. Raises `StackFailed` if it answers but cannot be used."""
        ended = asyncio.create_task(process.wait())
        stopping = asyncio.create_task(self._stopping.wait())
        answering = asyncio.create_task(self._answer(Run(process.pid, datetime.now(UTC))))
        try:
            await asyncio.wait({ended, stopping, answering}, return_when=asyncio.FIRST_COMPLETED)
            if answering.done():
                answering.result()
                await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (ended, stopping, answering):
                task.cancel()

    async def _answer(self, run: Run) -> None:
        """Wait until it answers, do what is to be done then, and let `start` return."""
        while not await self.service.is_ready(run):  # noqa: ASYNC110 - no other process signals our event
            await asyncio.sleep(POLL_SECONDS)
        await self.service.settle()
        self._answered.set()

    def _last_words(self) -> str:
        return tail_of(self._folder.logs, self.service.name)


def _describe(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
