"""The whole stack of one data folder: brought up, kept up, taken down."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from runtime.embedded.addresses import addresses, program, stack_settings
from runtime.embedded.failure import StackFailed
from runtime.embedded.folder import DataFolder
from runtime.embedded.lock import FolderLock
from runtime.embedded.ports import PortBlock, is_answering
from runtime.embedded.progress import Progress
from runtime.embedded.service import Plan, Service
from runtime.embedded.supervisor import Supervisor
from runtime.settings import Settings, load_settings

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CLOSING_SECONDS = 5.0
SHOWN_LOGINS = ("office.duty", "office.head", "qixia.editor", "qixia.head", "qixia.reviewer", "office.admin")
"""One officer for each of the roles a newcomer tries first."""
INTERRUPTED = 130
"""Exit code of a program that was interrupted rather than stopped."""


class StackNotRunning(StackFailed):
    """A command was given a data folder on which no stack runs."""


def settings_for(data_dir: Path) -> Settings:
    """The settings of the stack that runs on `data_dir`, for a command on the same machine.

    Its database answers; its other parts may be down. Raises `StackNotRunning`.
    """
    folder = DataFolder(data_dir)
    ports = folder.kept_ports()
    if ports is None or not folder.ready.exists():
        raise StackNotRunning(f"no stack is running on {data_dir}; start it with huiying up --data {data_dir}")
    if not is_answering(ports.postgres):
        raise StackNotRunning(
            f"the stack on {data_dir} does not answer (its database, port {ports.postgres}); "
            f"if huiying up has ended, start it again with huiying up --data {data_dir}"
        )
    return stack_settings(folder, ports)


def settings_at(data_dir: Path | None) -> Settings:
    """Of the stack on `data_dir`; with no folder named, of the environment if it says anything."""
    if data_dir is None and "HUIYING_DATABASE_URL" in os.environ:
        return load_settings()
    return settings_for(data_dir or Path("var"))


@dataclass(frozen=True)
class FirstDrill:
    """Whether and how to show a newcomer the whole process move."""

    is_wanted: Callable[[Settings], Awaitable[bool]]
    """Asked once everything answers."""
    arguments: tuple[str, ...]
    """Of `python -m cli`."""


class Stack:
    """What `plan` describes, on `ports`, with all its data in `folder`."""

    def __init__(
        self,
        folder: DataFolder,
        ports: PortBlock,
        plan: Plan,
        progress: Progress,
        first_drill: FirstDrill | None = None,
    ) -> None:
        self.folder = folder
        self.ports = ports
        self.supervisor = Supervisor(folder, progress.say)
        self._plan = plan
        self._progress = progress
        self._first_drill = first_drill
        self._stopping = False

    def run(self) -> int:
        """Run until a signal says stop; the exit code. Raises `StackFailed` if it cannot be brought or kept up."""
        with FolderLock(self.folder.lock):
            try:
                self.folder.withdraw()
                # The kernel takes a moment to close what an ended process listened on.
                self.ports.require_free(CLOSING_SECONDS if self._end_orphans() else 0.0)
                self.folder.prepare()
                self.folder.keep_ports(self.ports)
                return asyncio.run(self._live())
            except OSError as e:
                # A full disk, or a folder that another user made.
                raise StackFailed(f"{e.filename or self.folder.path}: {e.strerror}") from e

    def _end_orphans(self) -> bool:
        """End what an earlier run left behind; whether there was anything."""
        orphans = self.folder.orphans()
        for orphan in orphans:
            orphan.end()
            self.folder.forget_process(orphan.name)
        return bool(orphans)

    async def _live(self) -> int:
        up = asyncio.create_task(self._stay_up())
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            # Whoever starts us with nohup wants us to outlive the terminal.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                loop.add_signal_handler(number, self._interrupt, up)
        try:
            await asyncio.wait({up})
            if not up.cancelled():
                up.result()
        finally:
            # From here on every further signal kills.
            self._stopping = True
            self.folder.withdraw()
            with self._progress.step("Stopping", "Stopped"):
                await self.supervisor.stop()
        return INTERRUPTED if self.supervisor.killed else 0

    def _interrupt(self, up: asyncio.Task[None]) -> None:
        if self._stopping:
            self.supervisor.kill()
        self._stopping = True
        up.cancel()

    async def _stay_up(self) -> None:
        await self._start(*self._plan.foundations)
        password_before = self.folder.kept_sample_password()
        for chore in self._plan.chores:
            with self._progress.step(chore.title):
                await self.supervisor.do(chore)
        await self._start(*self._plan.programs)
        found = addresses(self.folder, self.ports)
        self.folder.announce(found)
        self._progress.show_addresses(
            {
                "Console": f"{found['api']}/console",
                "Bulletin": f"{found['api']}/public",
                "API": f"{found['api']}/openapi.json",
                "Temporal": found["temporal_ui"],
            },
            f"data in {self.folder.path} · Ctrl-C stops · everything is kept for the next start",
        )
        self._show_new_logins(password_before)
        await self._play_first_drill()
        await self.supervisor.watch()

    def _show_new_logins(self, before: str | None) -> None:
        """Said once, to whoever started the stack: who has a terminal here may do anything anyway."""
        password = self.folder.kept_sample_password()
        if password is not None and password != before:
            self._progress.say(
                f"Sample logins: {', '.join(SHOWN_LOGINS)} and every other officer of the sample county, "
                f"password {password} (shown this once; kept in {self.folder.sample_password})"
            )

    async def _start(self, *services: Service) -> None:
        """Start services side by side. Raises `StackFailed`; the first to fail ends the wait for the others."""
        try:
            async with asyncio.TaskGroup() as group:
                for service in services:
                    group.create_task(self._start_one(service))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures

    async def _start_one(self, service: Service) -> None:
        with self._progress.step(service.title):
            await self.supervisor.start(service)

    async def _play_first_drill(self) -> None:
        drill = self._first_drill
        if drill is None or not await drill.is_wanted(stack_settings(self.folder, self.ports)):
            return
        code = await self.supervisor.show("drill", program(self.folder, self.ports, "cli", *drill.arguments))
        if code:
            self._progress.say(f"the drill ended early (exit code {code}); everything else goes on")
