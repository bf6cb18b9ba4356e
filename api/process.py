"""The incident processes as the API reaches them: commands as updates, and whether anybody answers at all."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio.client import (
    Client,
    RPCError,
    RPCStatusCode,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)

from activities.signatures import Outcome
from domain.sealing import SealedCommand
from runtime.temporal import Backlog, TemporalUnavailable, backlogs
from workflows.revival import send

# A worker that was killed is noticed after the sticky timeout; whoever waits longer has given up.
ANSWER_WITHIN = timedelta(seconds=8)
PROBE_WITHIN = timedelta(seconds=1)
PROBE_KEPT_SECONDS = 2.0

# All of these mean that nobody could take the command, or that its fate is not known: the same
# command id may be sent again. Any other status is a mistake of ours.
_TRANSIENT = frozenset(
    {
        RPCStatusCode.ABORTED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.FAILED_PRECONDITION,
        RPCStatusCode.INTERNAL,
        RPCStatusCode.NOT_FOUND,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.UNKNOWN,
    }
)


class ProcessAway(Exception):
    """No answer from the process. The command may have been taken; sending it again is safe."""


class Process:
    """Connects when first needed, and again as long as it has to: the API lives while Temporal does not."""

    def __init__(self, connect: Callable[[], Awaitable[Client]], task_queue: str) -> None:
        self._connect = connect
        self._task_queue = task_queue
        self._client: Client | None = None
        self._lock = asyncio.Lock()
        self._alive = False
        self._probed_at = float("-inf")

    async def send(self, command: SealedCommand) -> Outcome:
        """What became of a command, once the ledger holds it. Raises ProcessAway."""
        if not await self.alive():
            raise ProcessAway
        try:
            outcome = await send(await self._connected(), command, self._task_queue, ANSWER_WITHIN)
        except WorkflowUpdateRPCTimeoutOrCancelledError as error:
            raise ProcessAway from error
        except WorkflowUpdateFailedError as error:
            # Its run was reset, or ended, under it.
            if getattr(error.cause, "type", None) != "AcceptedUpdateCompletedWorkflow":
                raise
            raise ProcessAway from error
        except RPCError as error:
            if error.status not in _TRANSIENT:
                raise
            raise ProcessAway from error
        return outcome

    async def alive(self) -> bool:
        """Whether Temporal answers, as of the last two seconds. One request asks for all that wait."""
        async with self._lock:
            if time.monotonic() - self._probed_at >= PROBE_KEPT_SECONDS:
                self._alive = await self._probe()
                self._probed_at = time.monotonic()
            return self._alive

    async def backlogs(self) -> dict[str, Backlog]:
        """What waits for workers. Raises ProcessAway."""
        if not await self.alive():
            raise ProcessAway
        try:
            return await backlogs(await self._connected(), self._task_queue)
        except RPCError as error:
            raise ProcessAway from error

    async def _probe(self) -> bool:
        try:
            async with asyncio.timeout(PROBE_WITHIN.total_seconds()):
                client = await self._connected()
                return await client.service_client.check_health()
        except (ProcessAway, RPCError, TimeoutError):
            return False

    async def _connected(self) -> Client:
        if self._client is None:
            try:
                self._client = await self._connect()
            except TemporalUnavailable as error:
                raise ProcessAway from error
        return self._client
