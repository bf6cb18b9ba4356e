"""python -m tests.chaos.skewed MODULE: a program of ours on a clock that is wrong by the seconds that stand in a file.

What it moves is everything outside workflows, which have Temporal's clock: as on a machine whose clock was set.
"""

import os
import runpy
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from runtime.clock import SystemClock
from tests.chaos.up import CLOCK


def wrong_by() -> timedelta:
    try:
        return timedelta(seconds=float(Path(os.environ[CLOCK]).read_text()))
    except (FileNotFoundError, ValueError):
        # Nobody has set it yet, or is about to.
        return timedelta()


async def now(self: SystemClock) -> datetime:
    return datetime.now(UTC) + wrong_by()


if __name__ == "__main__":
    SystemClock.now = now  # type: ignore[method-assign]  # The one clock there is outside workflows.
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
