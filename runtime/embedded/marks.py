"""Recognising a process that an earlier run started, and ending it.

A process id alone proves nothing: ids are used again, quickly in a container. A process is
ours only if its id, the instant it started and its command line are all as recorded.
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

POLL_SECONDS = 0.05
"""How often to look whether a process that is not our child has ended: the kernel does not tell us."""


@dataclass(frozen=True)
class ProcessMark:
    """What identifies one run of one program on this machine."""

    pid: int
    started: str
    arguments: tuple[str, ...]
    """The command line without the program itself, which some platforms rewrite."""


def mark_process(pid: int, command: tuple[str, ...]) -> ProcessMark:
    """The mark of a process that runs `command`. Raises `psutil.NoSuchProcess` if it is gone already."""
    return ProcessMark(pid, _start_of(pid), command[1:])


def is_running(mark: ProcessMark) -> bool:
    """Whether exactly the marked process still runs; a zombie does not."""
    command = command_of(mark.pid)
    length = len(mark.arguments)
    if len(command) <= length or command[len(command) - length :] != mark.arguments:
        return False
    try:
        return _start_of(mark.pid) == mark.started
    except psutil.NoSuchProcess:
        return False


def command_of(pid: int) -> tuple[str, ...]:
    """The command line of a process; empty if there is none, or only a zombie, or it is not for us to see."""
    try:
        process = psutil.Process(pid)
        return () if process.status() == psutil.STATUS_ZOMBIE else tuple(process.cmdline())
    except psutil.Error:
        return ()


def end_process(mark: ProcessMark, stop_signal: int, patience: float) -> None:
    """Ask the marked process to stop; kill it if it has not after `patience` seconds."""
    for number, seconds in ((stop_signal, patience), (signal.SIGKILL, 5.0)):
        deadline = time.monotonic() + seconds
        if is_running(mark):
            os.kill(mark.pid, number)
        while is_running(mark) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)


def _start_of(pid: int) -> str:
    """The instant a process started, in a form that no change of the wall clock moves."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except FileNotFoundError:
        # Not Linux, or no such process: psutil tells which.
        return str(psutil.Process(pid).create_time())
    except ProcessLookupError as e:
        raise psutil.NoSuchProcess(pid) from e
    return f"{boot}:{fields[19]}"
