"""Starts services in order, keeps each of them running, and stops them in reverse."""

from __future__ import annotations

import asyncio
import signal
from asyncio.subprocess import Process
from collections.abc import Callable

from runtime.embedded.child import Child, ServiceFailed
from runtime.embedded.folder import DataFolder
from runtime.embedded.launch import Launch
from runtime.embedded.logs import open_log, tail_of
from runtime.embedded.programs import end_program, record_process, start_program
from runtime.embedded.service import Chore, Service

CHORE_STOP_SECONDS = 10.0


class Supervisor:
    """Owns every process of a stack."""

    def __init__(self, folder: DataFolder, tell: Callable[[str], None]) -> None:
        self._folder = folder
        self._tell = tell
        self._children: list[Child] = []
        self.killed = False
        """Whether somebody did not want to wait."""

    async def start(self, service: Service) -> None:
        """Start a service and return when it answers. Raises `ServiceFailed`."""
        child = Child(service, self._folder, self._tell)
        self._children.append(child)
        await child.start()

    async def do(self, chore: Chore) -> None:
        """Run a chore to its end. Raises `ServiceFailed` if it fails."""
        launch = chore.launch()
        with open_log(self._folder.logs, chore.name) as log:
            process = await start_program(launch, log)
        if await self._finish(chore.name, process, launch):
            raise ServiceFailed(f"{chore.title} failed\n{tail_of(self._folder.logs, chore.name)}")

    async def show(self, name: str, launch: Launch) -> int:
        """Run a program in front of the person at the terminal, who may interrupt it; its exit code."""
        process = await start_program(launch, None)
        return await self._finish(name, process, launch)

    async def watch(self) -> None:
        """Return never, unless a service can no longer be kept running: then raise why."""
        await asyncio.gather(*(child.watch() for child in self._children))

    async def stop(self) -> None:
        """Stop all services, the last started first."""
        for child in reversed(self._children):
            await child.stop()

    def kill(self) -> None:
        """End all processes at once, for somebody who does not want to wait for `stop`."""
        self.killed = True
        for child in self._children:
            child.kill()

    async def _finish(self, name: str, process: Process, launch: Launch) -> int:
        """Wait for a program that ends by itself; its exit code. Being cancelled ends it first."""
        record_process(self._folder, name, process, launch, signal.SIGTERM, CHORE_STOP_SECONDS)
        try:
            return await process.wait()
        finally:
            await end_program(process, signal.SIGTERM, CHORE_STOP_SECONDS)
            self._folder.forget_process(name)
