import asyncio
import errno
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runtime.embedded import child
from runtime.embedded.child import ServiceFailed
from runtime.embedded.failure import StackFailed
from runtime.embedded.folder import DataFolder
from runtime.embedded.launch import Launch
from runtime.embedded.service import Chore, Run, Service
from runtime.embedded.supervisor import Supervisor
from tests.runtime.places import until

WAIT = "import signal, time; print('up', flush=True); time.sleep(60)"
FINISH_WORK = """
import signal, sys, time
def finish(*_):
    time.sleep(0.2)
    print("finished", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, finish)
print("up", flush=True)
time.sleep(60)
"""
IGNORE = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path)
    folder.prepare()
    return folder


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
async def supervisor(folder: DataFolder, told: list[str]) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(folder, told.append)
    yield supervisor
    supervisor.kill()
    await supervisor.stop()


def program(code: str) -> Launch:
    return Launch((sys.executable, "-c", code))


def service(folder: DataFolder, name: str, code: str = WAIT, stop_seconds: float = 5.0) -> Service:
    """Ready when its latest run has written to its log."""
    log = folder.logs / f"{name}.log"

    async def is_ready(run: Run) -> bool:
        return f"up {run.pid}" in log.read_text()

    code = code.replace("'up'", '"up"').replace('"up"', '"up", __import__("os").getpid()')
    return Service(name, name.title(), lambda: program(code), is_ready, stop_seconds=stop_seconds)


def pid_of(folder: DataFolder, name: str) -> int | None:
    return next((orphan.mark.pid for orphan in folder.orphans() if orphan.name == name), None)


async def running_again(folder: DataFolder, name: str, before: int) -> int:
    await until(lambda: pid_of(folder, name) not in (None, before))
    pid = pid_of(folder, name)
    assert pid is not None
    return pid


async def test_a_process_is_on_record_while_it_runs(supervisor: Supervisor, folder: DataFolder) -> None:
    await supervisor.start(service(folder, "worker"))
    [recorded] = folder.orphans()
    assert f"up {recorded.mark.pid}" in (folder.logs / "worker.log").read_text()
    await supervisor.stop()
    assert folder.orphans() == []


async def test_a_service_that_dies_on_a_full_disk_is_started_again_once_there_is_room(
    supervisor: Supervisor, folder: DataFolder, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await supervisor.start(service(folder, "worker"))
    before = pid_of(folder, "worker")
    assert before is not None

    def full(_path: Path, _content: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr("runtime.embedded.folder.write_atomically", full)
        os.kill(before, signal.SIGKILL)
        await until(lambda: any("No space left" in line for line in told))
    await running_again(folder, "worker", before)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGABRT])
async def test_a_service_that_dies_is_started_again(
    supervisor: Supervisor, folder: DataFolder, told: list[str], number: signal.Signals
) -> None:
    await supervisor.start(service(folder, "worker"))
    first = pid_of(folder, "worker")
    assert first is not None

    os.kill(first, number)

    second = await running_again(folder, "worker", first)
    assert told == [f"Worker ended (signal {number.name}); starting it again in 0.25 s"]
    assert [orphan.mark.pid for orphan in folder.orphans()] == [second]


async def test_the_delay_doubles_while_it_keeps_dying(
    supervisor: Supervisor, folder: DataFolder, told: list[str]
) -> None:
    await supervisor.start(service(folder, "worker"))
    pid = pid_of(folder, "worker")
    for _ in range(3):
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        pid = await running_again(folder, "worker", pid)
    assert [line.rpartition(" in ")[2] for line in told] == ["0.25 s", "0.5 s", "1 s"]


async def test_a_service_that_never_answers_is_given_up_with_its_last_words(
    supervisor: Supervisor, folder: DataFolder
) -> None:
    broken = service(folder, "worker", "raise SystemExit('no module named rain')")
    with pytest.raises(ServiceFailed, match=r"(?s)Worker does not start.*exit code 1.*named rain.*worker\.log"):
        await supervisor.start(broken)


async def test_a_service_that_is_silent_is_given_up(
    supervisor: Supervisor, folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "START_SECONDS", 0.5)
    with pytest.raises(ServiceFailed, match="did not answer"):
        await supervisor.start(service(folder, "worker", "import time; time.sleep(60)"))


async def test_a_missing_program_is_a_failure_and_not_a_crash(supervisor: Supervisor, folder: DataFolder) -> None:
    async def is_ready(_run: Run) -> bool:
        return True

    missing = Service("worker", "Worker", lambda: Launch(("/nonexistent/program",)), is_ready)
    with pytest.raises(ServiceFailed, match="could not be started"):
        await supervisor.start(missing)


async def test_each_start_is_settled_before_it_counts(supervisor: Supervisor, folder: DataFolder) -> None:
    plain = service(folder, "temporal")
    attempts: list[int] = []

    async def settle() -> None:
        attempts.append(len(attempts))
        if len(attempts) == 1:
            raise StackFailed("not yet")

    await supervisor.start(Service("temporal", "Temporal", plain.launch, plain.is_ready, settle))
    assert attempts == [0, 1]


async def test_services_stop_in_reverse_and_have_time_to_finish(supervisor: Supervisor, folder: DataFolder) -> None:
    ended: dict[str, float] = {}
    for name in ("postgres", "worker"):
        await supervisor.start(service(folder, name, FINISH_WORK))

    await supervisor.stop()

    for name in ("postgres", "worker"):
        log = folder.logs / f"{name}.log"
        assert log.read_text().endswith("finished\n")
        ended[name] = log.stat().st_mtime
    assert ended["worker"] < ended["postgres"]
    assert folder.orphans() == []


async def test_a_service_that_does_not_stop_is_killed(supervisor: Supervisor, folder: DataFolder) -> None:
    await supervisor.start(service(folder, "api", IGNORE, stop_seconds=0.3))
    began = time.monotonic()
    await supervisor.stop()
    assert 0.3 <= time.monotonic() - began < 3.0


async def test_killing_does_not_wait_for_anybody(supervisor: Supervisor, folder: DataFolder) -> None:
    await supervisor.start(service(folder, "api", IGNORE, stop_seconds=60.0))
    stopping = asyncio.create_task(supervisor.stop())
    await asyncio.sleep(0)
    supervisor.kill()
    async with asyncio.timeout(5):
        await stopping


async def test_stopping_ends_a_delay_before_a_restart(supervisor: Supervisor, folder: DataFolder) -> None:
    await supervisor.start(service(folder, "worker"))
    pid = pid_of(folder, "worker")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(5):
        await supervisor.stop()
    assert pid_of(folder, "worker") is None


async def test_a_chore_that_fails_says_its_last_words(supervisor: Supervisor) -> None:
    await supervisor.do(Chore("migrate", "Tables", lambda: program("print('done')")))
    with pytest.raises(ServiceFailed, match=r"(?s)Tables failed.*no such column"):
        await supervisor.do(Chore("migrate", "Tables", lambda: program("raise SystemExit('no such column')")))


async def test_a_cancelled_chore_is_ended(supervisor: Supervisor, folder: DataFolder) -> None:
    working = asyncio.create_task(supervisor.do(Chore("migrate", "Tables", lambda: program(FINISH_WORK))))
    log = folder.logs / "migrate.log"
    await until(lambda: log.exists() and "up" in log.read_text())
    working.cancel()
    await asyncio.wait({working})
    assert log.read_text().endswith("finished\n")
