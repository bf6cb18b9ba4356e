"""The incident processes as the API reaches them: commands as updates, and whether anybody answers at all."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio.client import (
    Client,
    RPCError,
    RPCStatusCode,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)

from activities.signatures import Outcome, Start
from domain.sealing import SealedCommand
from runtime.temporal import TemporalUnavailable
from workflows.incident import IncidentWorkflow
from workflows.revival import starting

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
        """What became of a command, once the ledger holds it. Raises ProcessAway.

        A process that ended, or that Temporal has lost, is started: it reads its ledger and goes on.
        """
        if not await self.alive():
            raise ProcessAway
        start = WithStartWorkflowOperation(
            IncidentWorkflow.run,
            Start(incident=command.incident),
            **starting(command.incident, self._task_queue),
        )
        try:
            client = await self._connected()
            outcome: Outcome = await client.execute_update_with_start_workflow(
                command.name,
                command,
                start_workflow_operation=start,
                # Each attempt has an id of its own: the ledger knows a command again, while Temporal would
                # repeat an answer, such as an expired seal, that no longer holds.
                id=f"{command.command_id}@{command.issued_at.isoformat()}",
                result_type=Outcome,
                rpc_timeout=ANSWER_WITHIN,
            )
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
