import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from runtime.embedded.marks import ProcessMark, end_process, is_running, mark_process

SLEEPER = (sys.executable, "-c", "import time; time.sleep(60)")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)",
)


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(SLEEPER) as process:
        yield process
        process.kill()


@pytest.fixture
def mark(sleeper: subprocess.Popen[bytes]) -> ProcessMark:
    return mark_process(sleeper.pid, SLEEPER)


def test_a_process_is_recognised_until_it_ends(sleeper: subprocess.Popen[bytes], mark: ProcessMark) -> None:
    assert is_running(mark)
    sleeper.kill()
    # Not waited for yet: a zombie keeps its id, and runs no more.
    end_process(mark, signal.SIGTERM, 1.0)
    assert not is_running(mark)


@pytest.mark.parametrize("other", [{"started": "another"}, {"arguments": ("-m", "other")}])
def test_another_process_with_the_same_id_is_left_alone(
    sleeper: subprocess.Popen[bytes], mark: ProcessMark, other: dict[str, str]
) -> None:
    stranger = replace(mark, **other)  # type: ignore[arg-type] # the parameters fit

    end_process(stranger, signal.SIGKILL, 1.0)

    assert sleeper.poll() is None
    assert is_running(mark)


def test_a_process_that_does_not_stop_is_killed() -> None:
    with subprocess.Popen(STUBBORN, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        end_process(mark_process(process.pid, STUBBORN), signal.SIGTERM, 0.2)
        assert process.wait(1) == -signal.SIGKILL
