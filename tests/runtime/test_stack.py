"""The stack as its user meets it: a process that is started, killed in parts, stopped and started again."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest
from rich.console import Console
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from runtime.embedded.addresses import postgres_of
from runtime.embedded.folder import DataFolder
from runtime.embedded.lock import FolderLocked
from runtime.embedded.ports import PortBlock, PortTaken
from runtime.embedded.progress import Progress
from runtime.embedded.service import Plan
from runtime.embedded.stack import Stack, StackNotRunning, settings_for
from runtime.temporal import connect
from tests.runtime.places import eventually, free_block

SERVICES = ("postgres", "temporal", "api")


class Up:
    """One run of the stack on a folder."""

    def __init__(self, data: Path, ports: PortBlock) -> None:
        self.folder = DataFolder(data)
        self.ports = ports
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.runtime.standing", str(data), str(ports.api)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_ready(self) -> "Up":
        eventually(lambda: self.folder.ready.exists() or self.process.poll() is not None, "ready.json")
        assert self.process.poll() is None, self.process.communicate()[0]
        return self

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Its exit code and all it said."""
        self.process.send_signal(number)
        output, _ = self.process.communicate(timeout=30)
        return self.process.returncode, output

    def pids(self) -> dict[str, int]:
        return {orphan.name: orphan.mark.pid for orphan in self.folder.orphans()}

    @property
    def ready(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.folder.ready.read_text())
        return found


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A folder, and no process left of what ran on it."""
    path = tmp_path / "var"
    yield path
    for orphan in DataFolder(path).orphans():
        orphan.end()


@pytest.fixture
def up(data: Path) -> Iterator[Up]:
    """A stack for one test, which may stop or kill it."""
    running = Up(data, free_block())
    try:
        yield running.wait_ready()
    finally:
        if running.process.returncode is None:
            running.stop()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """A stack for the tests that leave it running."""
    running = Up(tmp_path_factory.mktemp("shared") / "var", free_block())
    try:
        yield running.wait_ready()
    finally:
        code, output = running.stop()
    assert code == 0, output


async def ask(dsn: str, statement: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def empty_stack(data: Path, ports: PortBlock) -> Stack:
    return Stack(DataFolder(data), ports, Plan((), (), ()), Progress(Console()))


async def overdue(client: Client) -> int:
    """A count that only a prepared namespace can give, which one is soon after its server answers."""
    async with asyncio.timeout(20):
        while True:
            try:
                return (await client.count_workflows("Overdue = true")).count
            except RPCError as e:
                if e.status not in (RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.UNAVAILABLE):
                    raise
                await asyncio.sleep(0.05)


async def test_a_stack_says_where_it_is(shared: Up) -> None:
    ports = shared.ports
    ready = shared.ready
    assert ready["api"] == f"http://127.0.0.1:{ports.api}"
    assert ready["console"] == f"http://127.0.0.1:{ports.api}/"
    assert ready["temporal"] == f"127.0.0.1:{ports.temporal}"
    assert ready["temporal_ui"] == f"http://127.0.0.1:{ports.temporal_ui}"
    assert await ask(ready["database"], "select 1") == 1
    assert shared.folder.ready.stat().st_mode & 0o777 == 0o600


def test_a_command_finds_a_stack_by_its_folder(shared: Up) -> None:
    settings = settings_for(shared.folder.path)
    assert settings.api_port == shared.ports.api
    assert settings.show_drills
    assert settings.codec_keys.get_secret_value() == shared.folder.codec_keys.read_text()


def test_everything_listens_on_loopback_alone(shared: Up) -> None:
    pids = shared.pids()
    assert set(pids) == set(SERVICES)
    listening = [c for pid in pids.values() for c in psutil.Process(pid).net_connections() if c.status == "LISTEN"]
    assert {connection.laddr.ip for connection in listening} == {"127.0.0.1"}


async def test_every_part_killed_comes_back_on_the_same_ports(shared: Up) -> None:
    before = shared.pids()
    await ask(shared.ready["database"], "create table kept as select 7 as n")
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)

    eventually(
        lambda: len(shared.pids()) == len(SERVICES) and not set(shared.pids().values()) & set(before.values()),
        "new processes",
    )
    postgres = postgres_of(shared.folder, shared.ports)
    eventually(lambda: postgres.is_ready(shared.pids().get("postgres", 0)), "PostgreSQL")

    assert await overdue(await connect(settings_for(shared.folder.path))) == 0
    assert await ask(shared.ready["database"], "select n from kept") == 7


async def test_a_lost_temporal_database_comes_back_empty_and_prepared(shared: Up) -> None:
    before = shared.pids()["temporal"]
    for file in shared.folder.temporal.iterdir():
        file.unlink()
    os.kill(before, signal.SIGKILL)

    eventually(lambda: shared.pids().get("temporal", before) != before, "a new server")
    client = await connect(settings_for(shared.folder.path))

    assert await overdue(client) == 0


async def test_a_killed_supervisor_is_followed_by_one_that_takes_over(up: Up) -> None:
    orphans = up.pids()
    await ask(up.ready["database"], "create table kept as select 7 as n")
    up.process.kill()
    up.process.communicate()
    assert all(map(psutil.pid_exists, orphans.values()))
    assert settings_for(up.folder.path).api_port == up.ports.api

    again = Up(up.folder.path, up.ports)
    # What the killed one announced stands until the next one withdraws it.
    eventually(lambda: not any(map(psutil.pid_exists, orphans.values())), "the orphans' end")
    again.wait_ready()
    assert await ask(again.ready["database"], "select n from kept") == 7
    pids = again.pids()
    assert not set(pids.values()) & set(orphans.values())

    code, output = again.stop(signal.SIGINT)

    assert code == 0, output
    assert "✓ PostgreSQL" in output
    assert "Traceback" not in output
    assert not any(map(psutil.pid_exists, pids.values()))
    assert again.pids() == {}
    assert not again.folder.ready.exists()
    with pytest.raises(StackNotRunning, match=f"start it with huiying up --data {up.folder.path}"):
        settings_for(up.folder.path)


def test_a_folder_has_one_stack(shared: Up) -> None:
    with pytest.raises(FolderLocked, match=rf"\(process {shared.process.pid}\).*--data.*--port"):
        empty_stack(shared.folder.path, free_block()).run()
    assert shared.folder.ready.exists()


def test_a_port_has_one_stack(shared: Up, tmp_path: Path) -> None:
    with pytest.raises(PortTaken, match=f"port {shared.ports.api}, needed for the API .* is taken.*--port"):
        empty_stack(tmp_path, shared.ports).run()
    assert not (tmp_path / "stack.json").exists()


async def test_two_stacks_run_side_by_side(shared: Up, data: Path) -> None:
    pids = shared.pids()
    beside = Up(data, free_block()).wait_ready()
    assert await ask(beside.ready["database"], "select 1") == 1
    assert beside.stop()[0] == 0
    assert shared.pids() == pids
    assert await ask(shared.ready["database"], "select 1") == 1


def test_a_second_interrupt_kills(up: Up) -> None:
    pids = up.pids()
    # A server that is stopped by the kernel cannot hear that it should end.
    os.kill(pids["api"], signal.SIGSTOP)
    up.process.send_signal(signal.SIGINT)
    eventually(lambda: not up.folder.ready.exists(), "the first interrupt")

    code, _ = up.stop(signal.SIGINT)

    assert code == 130
    assert not any(map(psutil.pid_exists, pids.values()))


def test_an_interrupt_while_starting_stops_what_has_started(data: Path) -> None:
    starting = Up(data, free_block())
    eventually(lambda: bool(starting.pids()), "a first process")

    code, output = starting.stop(signal.SIGINT)

    assert code == 0, output
    assert starting.pids() == {}
    assert not starting.folder.ready.exists()
