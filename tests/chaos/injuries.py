"""Ways to hurt a running stack, each healed by itself or by its own end."""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psutil

from runtime.embedded.unprivileged import Disguise
from tests.chaos.proxy import Proxy
from tests.whole.stack import Stack

MIB = 1024 * 1024
SMALL = "16384"
"""Bytes no file may exceed, where no disk can be made full."""


@dataclass(frozen=True)
class Injury:
    """`kind` is told with how often it was inflicted, `name` with all that was drawn of it."""

    kind: str
    name: str
    inflict: Callable[[], Awaitable[None]]


def kill(stack: Stack, process: str) -> Injury:
    return Injury(f"kill {process}", f"kill {process}", lambda: asyncio.to_thread(stack.kill, process))


def pause(stack: Stack, process: str, seconds: float) -> Injury:
    """It and everything it started stop in the middle of whatever they do, and go on later in another time."""

    async def inflict() -> None:
        frozen = [one for one in _family(stack, process) if _tell(one, signal.SIGSTOP)]
        await asyncio.sleep(seconds)
        for one in frozen:
            _tell(one, signal.SIGCONT)

    return Injury(f"pause {process}", f"pause {process} for {seconds:.0f} s", inflict)


def _family(stack: Stack, process: str) -> list[psutil.Process]:
    pid = stack._pid(process)
    try:
        return [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)] if pid is not None else []
    except psutil.NoSuchProcess:
        return []


def _tell(process: psutil.Process, number: int) -> bool:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return False
    return True


def fill(folder: Path, seconds: float) -> Injury:
    """Not a byte is left on the disk of the data folder."""

    async def inflict() -> None:
        # Another hand may be at it, too.
        ballast = folder / f"ballast-{uuid4().hex}"
        with ballast.open("wb") as file:
            for piece in (64 * MIB, MIB, 4096):
                while _grow(file.fileno(), piece):
                    pass
        await asyncio.sleep(seconds)
        ballast.unlink()

    return Injury("full disk", f"full disk for {seconds:.0f} s", inflict)


def _grow(file: int, piece: int) -> bool:
    try:
        os.posix_fallocate(file, os.fstat(file).st_size, piece)
    except OSError:
        # No room: that is what it is for.
        return False
    return True


def cap_files(stack: Stack, process: str, seconds: float) -> Injury:
    """No file of the process grows beyond a few KiB: what a full disk is to it, where none can be mounted."""

    async def inflict() -> None:
        capped = _family(stack, process)
        for one in capped:
            await asyncio.to_thread(_limit, one, SMALL)
        await asyncio.sleep(seconds)
        for one in {*capped, *_family(stack, process)}:
            await asyncio.to_thread(_limit, one, "unlimited")

    return Injury(f"no room for files of {process}", f"no room for files of {process} for {seconds:.0f} s", inflict)


def _limit(process: psutil.Process, most: str) -> None:
    """Set its own user to do so: who is root in a container may not. One that is gone needs none."""
    with contextlib.suppress(psutil.NoSuchProcess):
        as_itself = Disguise(user=process.uids().real, group=process.gids().real) if os.geteuid() == 0 else Disguise()
        command = ("prlimit", f"--pid={process.pid}", f"--fsize={most}:unlimited")
        # It fails when the process is gone, which is what was wanted.
        subprocess.run(command, check=False, capture_output=True, **as_itself.credentials)


def slow(name: str, proxy: Proxy, seconds: float) -> Injury:
    async def inflict() -> None:
        proxy.delay = 0.3
        await asyncio.sleep(seconds)
        proxy.delay = 0.0

    return Injury(f"slow line to {name}", f"slow line to {name} for {seconds:.0f} s", inflict)


def silence(name: str, proxy: Proxy, seconds: float) -> Injury:
    async def inflict() -> None:
        proxy.open.clear()
        await asyncio.sleep(seconds)
        proxy.open.set()

    return Injury(f"dead line to {name}", f"dead line to {name} for {seconds:.0f} s", inflict)


def drop(name: str, proxy: Proxy, seconds: float) -> Injury:
    async def inflict() -> None:
        for _ in range(int(seconds)):
            proxy.drop()
            await asyncio.sleep(1)

    return Injury(f"dropped connections to {name}", f"dropped connections to {name} for {seconds:.0f} s", inflict)


def jump(clocks: Path, process: str, seconds: float) -> Injury:
    """Its clock is another from now on; the next jump sets it again."""

    async def inflict() -> None:
        (clocks / process).write_text(str(seconds))

    return Injury(f"clock of {process}", f"clock of {process} {seconds:+.0f} s", inflict)
