"""A stack with the real servers and a stand-in for the programs: `python -m tests.runtime.standing DIR PORT`."""

import asyncio
import sys
from pathlib import Path

from rich.console import Console

from runtime.embedded.failure import StackFailed
from runtime.embedded.folder import DataFolder
from runtime.embedded.launch import Launch
from runtime.embedded.plan import plan_postgres, plan_temporal
from runtime.embedded.ports import PortBlock, is_answering
from runtime.embedded.progress import Progress
from runtime.embedded.service import Plan, Run, Service
from runtime.embedded.stack import Stack


def stand_in(name: str, port: int) -> Service:
    """A program that answers on a port."""
    launch = Launch((sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)))

    async def is_ready(_run: Run) -> bool:
        return await asyncio.to_thread(is_answering, port)

    return Service(name, name.title(), lambda: launch, is_ready)


def main(data: str, port: str) -> int:
    folder, ports = DataFolder(Path(data)), PortBlock(int(port))
    servers = (plan_postgres(folder, ports), plan_temporal(folder, ports))
    plan = Plan(servers, chores=(), programs=(stand_in("api", ports.api),))
    try:
        return Stack(folder, ports, plan, Progress(Console())).run()
    except StackFailed as e:
        sys.stderr.write(f"{e}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
