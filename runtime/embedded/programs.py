"""Starting and ending a process from an event loop, on record for a later run should we be killed."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from asyncio.subprocess import DEVNULL, Process
from typing import IO

import psutil

from runtime.embedded.folder import DataFolder
from runtime.embedded.launch import Launch
from runtime.embedded.marks import mark_process


async def start_program(launch: Launch, log: IO[bytes] | None) -> Process:
    """Start it with its output in `log`, out of reach of the terminal's Ctrl-C; without one, in front of us all."""
    return await asyncio.create_subprocess_exec(
        *launch.arguments,
        env=launch.environment,
        cwd=launch.folder,
        stdin=DEVNULL if log else None,
        stdout=log,
        stderr=log,
        start_new_session=log is not None,
        **launch.disguise.credentials,
    )


def record_process(
    folder: DataFolder, name: str, process: Process, launch: Launch, stop_signal: signal.Signals, patience: float
) -> None:
    """Write down a process that has just been started."""
    # One that has ended within this instant needs no record.
    with contextlib.suppress(psutil.NoSuchProcess):
        folder.record_process(name, mark_process(process.pid, launch.command), stop_signal, patience)


async def end_program(process: Process, stop_signal: signal.Signals, patience: float) -> int:
    """Ask it to stop if it still runs, kill it after `patience` seconds; its exit code."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(stop_signal)
        try:
            await asyncio.wait_for(process.wait(), patience)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
    return await process.wait()
