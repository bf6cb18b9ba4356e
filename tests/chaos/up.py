"""`huiying up` whose worker and API reach their servers through proxies, and read a clock that can be set wrong.

python -m tests.chaos.up up --no-drill --port PORT --data FOLDER
"""

import os
import sys
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from runtime.embedded.folder import DataFolder
from runtime.embedded.launch import Launch
from runtime.embedded.plan import plan_stack
from runtime.embedded.ports import PortBlock
from runtime.embedded.progress import Progress
from runtime.embedded.service import Plan, Service
from runtime.embedded.stack import Stack

POSTGRES, TEMPORAL, CLOCK = "CHAOS_POSTGRES", "CHAOS_TEMPORAL", "CHAOS_CLOCK"
"""Variables: the ports of the proxies, and the folder of the clocks."""


def astray(plan: Plan, ports: PortBlock) -> Plan:
    """The plan with every program of ours on the long way round."""
    return replace(plan, programs=tuple(_on_the_long_way(service, ports) for service in plan.programs))


def _on_the_long_way(service: Service, ports: PortBlock) -> Service:
    def launch() -> Launch:
        found = service.launch()
        url, proxied = found.environment["HUIYING_DATABASE_URL"], os.environ[POSTGRES]
        environment = {
            **found.environment,
            "HUIYING_DATABASE_URL": url.replace(f":{ports.postgres}/", f":{proxied}/"),
            "HUIYING_TEMPORAL_ADDRESS": f"127.0.0.1:{os.environ[TEMPORAL]}",
            CLOCK: str(Path(os.environ[CLOCK]) / service.name),
        }
        python, *arguments = found.command
        # python -m MODULE becomes python -m tests.chaos.skewed MODULE
        command = (python, "-m", "tests.chaos.skewed", *arguments[1:])
        return replace(found, command=command, environment=environment)

    return replace(service, launch=launch)


if __name__ == "__main__":
    options = dict(zip(sys.argv[2:], sys.argv[3:], strict=False))
    folder, block = DataFolder(Path(options["--data"])), PortBlock(int(options["--port"]))
    plan = astray(plan_stack(folder, block), block)
    sys.exit(Stack(folder, block, plan, Progress(Console(highlight=False))).run())
