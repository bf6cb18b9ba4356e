"""The whole stack as a newcomer starts it, and the ways to hurt it."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import psutil

from db import directory, once
from domain.vocabulary import OfficerId
from tests.runtime.places import free_block

READY_WITHIN = 240
PATIENCE = 120
POLL = 0.05


def wait_until(reached: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Raises TimeoutError naming what did not happen."""
    until = time.monotonic() + patience
    while not reached():
        if time.monotonic() > until:
            raise TimeoutError(what)
        time.sleep(POLL)


class Stack:
    """`huiying up` on a folder and a block of ports, without its first drill; of the checkout at `root` if any."""

    module = "cli"
    """What is told to go `up`."""

    def __init__(self, data: Path, port: int, root: Path | None = None) -> None:
        self.data = data
        self.port = port
        self.root = root
        self._up: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        (self.data / "ready.json").unlink(missing_ok=True)
        self._up = self.run("up", "--no-drill", "--port", str(self.port))
        wait_until(self._answers, "the stack is ready", READY_WITHIN)

    def _answers(self) -> bool:
        if self._up is not None and self._up.poll() is not None:
            raise RuntimeError(f"`huiying up` ended with {self._up.returncode}")
        return (self.data / "ready.json").exists()

    def run(self, *arguments: str) -> "subprocess.Popen[bytes]":
        module = self.module if arguments[0] == "up" else "cli"
        command = [sys.executable, "-m", module, *arguments, "--data", str(self.data)]
        with (self.data.parent / f"{arguments[0]}.out").open("ab") as out:
            return subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True, cwd=self.root)

    def call(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """A command to its end."""
        command = [sys.executable, "-m", "cli", *arguments, "--data", str(self.data)]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=self.root)

    @property
    def addresses(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.data / "ready.json").read_text())
        return found

    def kill(self, name: str) -> None:
        """Kill -9 one of the processes, once it is recorded and alive."""
        wait_until(lambda: self._pid(name) is not None, f"{name} runs")
        pid = self._pid(name)
        if pid is not None:
            os.kill(pid, signal.SIGKILL)

    def kill_all(self) -> None:
        """Kill -9 the supervisor first, then everything it left behind."""
        self.kill_supervisor()
        for name in self._recorded():
            pid = self._pid(name)
            if pid is not None:
                os.kill(pid, signal.SIGKILL)

    def kill_supervisor(self) -> None:
        if self._up is not None:
            self._up.kill()
            self._up.wait()

    def stop(self) -> int:
        """As Ctrl-C; the exit code."""
        if self._up is None:
            return 0
        if self._up.poll() is None:
            self._up.send_signal(signal.SIGINT)
        return self._up.wait(60)

    def _recorded(self) -> dict[str, dict[str, Any]]:
        try:
            found: dict[str, dict[str, Any]] = json.loads((self.data / "pids.json").read_text())
        except FileNotFoundError:
            return {}
        return found

    def _pid(self, name: str) -> int | None:
        pid = self._recorded().get(name, {}).get("pid")
        return pid if pid is not None and psutil.pid_exists(pid) else None

    # -- what the public and an officer see ---------------------------------------------------------

    def bulletin(self) -> list[str]:
        """Digests on the bulletin's first page, each as often as it stands there."""
        answer = httpx2.get(self.addresses["api"] + "/public", timeout=10)
        answer.raise_for_status()
        return re.findall(r'href="/public/releases/([0-9a-f]{64})"', answer.text)

    def incidents(self, token: str) -> list[dict[str, Any]]:
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx2.get(self.addresses["api"] + "/api/v1/incidents", headers=headers, timeout=10)
        answer.raise_for_status()
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def token(self, officer: str) -> str:
        """As `huiying token` makes one; without a program for each, unless another checkout's tables are another's."""
        if self.root is not None:
            return self.call("token", officer).stdout.strip()

        async def issue() -> str:
            async with once.opened(self.addresses["database"]) as sessions, sessions.begin() as session:
                return await directory.issue_token(session, OfficerId(officer), datetime.now(UTC), "test")

        with ThreadPoolExecutor(1) as thread:
            # The loop of the tests may be running.
            return thread.submit(lambda: asyncio.run(issue())).result()


@contextmanager
def running() -> Iterator[Stack]:
    """With the sample county and its officers' logins; stopped at the end whatever was done to it."""
    # Not under pytest's own folder: PostgreSQL under root runs as another user, who may not enter that.
    folder = Path(tempfile.mkdtemp(prefix="huiying-whole-"))
    folder.chmod(0o711)
    stack = Stack(folder / "data", free_block().api)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()
    # What failed is kept, to be looked at.
    shutil.rmtree(folder)
