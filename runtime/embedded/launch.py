"""How to run one program, and running it as a plain child: for tests, and for one machine's tools."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from runtime.embedded.failure import StackFailed
from runtime.embedded.unprivileged import Disguise

POLL_SECONDS = 0.05
"""How often to ask a program that has just been started whether it answers: it does not tell us."""
RETRY_SECONDS = 0.3
"""Before another attempt, while what a killed process left behind goes away."""

FOREIGN = ("HUIYING_", "PG", "TEMPORAL_")
"""Variables that change how the servers behave, or are none of their business."""


def plain_environment() -> dict[str, str]:
    """Our own environment without the variables that mean something to a server."""
    return {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}


def own_variables() -> dict[str, str]:
    """The variables meant for processes of the project."""
    return {name: value for name, value in os.environ.items() if name.startswith("HUIYING_")}


@dataclass(frozen=True)
class Launch:
    """A command line, its environment, its folder and the user it runs as."""

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=plain_environment, repr=False)
    folder: Path = Path("/")
    disguise: Disguise = field(default_factory=Disguise)

    @property
    def arguments(self) -> tuple[str, ...]:
        """The whole command line, with what the disguise puts before it."""
        return (*self.disguise.prefix, *self.command)


def start_process(
    launch: Launch, log: Path, is_ready: Callable[[int], bool], timeout: float
) -> subprocess.Popen[bytes]:
    """Run the program as our child until it answers, again if it ends before that.

    Raises `StackFailed` after `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        with log.open("ab") as output:
            process = _spawn(launch, output)
        while process.poll() is None and time.monotonic() < deadline:
            if is_ready(process.pid):
                return process
            time.sleep(POLL_SECONDS)
        stop_process(process, signal.SIGKILL, 1.0)
        time.sleep(RETRY_SECONDS)
    raise StackFailed(f"{Path(launch.command[0]).name} did not start within {timeout:.0f} s: see {log}")


def stop_process(process: subprocess.Popen[bytes], stop_signal: int, patience: float) -> None:
    """Ask our child to stop, kill it if it has not after `patience` seconds; return when it has gone."""
    process.send_signal(stop_signal)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _spawn(launch: Launch, output: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        launch.arguments,
        env=launch.environment,
        cwd=launch.folder,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
        **launch.disguise.credentials,
    )
