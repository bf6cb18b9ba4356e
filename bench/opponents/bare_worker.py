"""The bare workflow's worker: `python -m bench.opponents.bare_worker ADDRESS QUEUE [--tuned]`.

As the SDK is when nothing is set: the sandbox, ordinary activities, its own cache. `--tuned`: with our worker's
settings, its modules passed through the sandbox.
"""

import argparse
import asyncio
import signal
from datetime import timedelta

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from bench.opponents import READY
from bench.opponents.bare import Bare, effect, write

STICKY_TIMEOUT = timedelta(seconds=2)
CACHED_WORKFLOWS = 20_000
"""Above whatever is open here, with either settings: a cache that is too small costs three times the CPU."""


async def run(address: str, queue: str, *, tuned: bool) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    restrictions = SandboxRestrictions.default
    if tuned:
        restrictions = restrictions.with_passthrough_modules("bench.opponents.bare", "pydantic")
    async with Worker(
        client,
        task_queue=queue,
        workflows=[Bare],
        activities=[write, effect],
        workflow_runner=SandboxedWorkflowRunner(restrictions=restrictions),
        max_cached_workflows=CACHED_WORKFLOWS,
        sticky_queue_schedule_to_start_timeout=STICKY_TIMEOUT if tuned else timedelta(seconds=10),
    ):
        print(READY, flush=True)
        await stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("queue")
    parser.add_argument("--tuned", action="store_true")
    given = parser.parse_args()
    asyncio.run(run(given.address, given.queue, tuned=given.tuned))


if __name__ == "__main__":
    main()
