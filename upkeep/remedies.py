"""What is done about an incident that is stuck. The ledger is the state: none of it decides or publishes."""

from dataclasses import dataclass
from uuid import uuid4

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, ResetReapplyExcludeType
from temporalio.api.workflowservice.v1 import (
    ResetActivityRequest,
    ResetWorkflowExecutionRequest,
    SignalWorkflowExecutionRequest,
    UnpauseActivityRequest,
)
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion

from domain.stuck import Remedy, Stuck, Symptom
from domain.vocabulary import CommandName, IncidentId, process_id
from runtime.deployment import take_over
from upkeep.replaying import last_good_task
from workflows.revival import RPC_TIMEOUT, abandon, revive

REASON = "huiying repair"
_NO_SIGNALS = ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL


@dataclass(frozen=True)
class Remedies:
    """`leave_out`: the event of a signal that a reset does not deliver again."""

    client: Client
    task_queue: str
    deployment: str
    leave_out: int | None = None

    async def apply(self, incident: IncidentId, stuck: Stuck) -> None:
        """Do what `stuck` asks for. Doing it again changes nothing. Raises RPCError."""
        match stuck.remedy:
            case Remedy.START:
                await revive(self.client, incident, self.task_queue)
            case Remedy.REPLACE:
                await start_anew(self.client, incident, self.task_queue, running=True)
            case Remedy.RESET:
                await self._reset(incident)
            case Remedy.TRY_ACTIVITY:
                await self._try(incident, stuck)
            case Remedy.RETRY_BLOCKED:
                handle = self.client.get_workflow_handle(process_id(incident))
                await handle.signal(CommandName.RETRY_BLOCKED, rpc_timeout=RPC_TIMEOUT)
            case Remedy.TAKE_OVER | Remedy.PERSON:
                raise ValueError(f"{stuck.symptom} is not mended for one incident")

    async def take_over(self, stuck: Stuck) -> None:
        """Let the version that is there have the tasks. Raises CannotTakeOver."""
        await take_over(self.client, WorkerDeploymentVersion(self.deployment, stuck.about), self.task_queue)

    async def _reset(self, incident: IncidentId) -> None:
        """To the last task that this code replays; where there is none, a new process begins from the ledger."""
        handle = self.client.get_workflow_handle(process_id(incident))
        run = (await handle.describe(rpc_timeout=RPC_TIMEOUT)).run_id
        history = await self.client.get_workflow_handle(handle.id, run_id=run).fetch_history()
        point = await last_good_task(history, self.client.data_converter)
        if point is None:
            await start_anew(self.client, incident, self.task_queue, running=True)
            return
        await self.client.workflow_service.reset_workflow_execution(
            ResetWorkflowExecutionRequest(
                namespace=self.client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=handle.id, run_id=run),
                reason=REASON,
                workflow_task_finish_event_id=point,
                request_id=uuid4().hex,
                reset_reapply_exclude_types=[_NO_SIGNALS] if self.leave_out else [],
            ),
            timeout=RPC_TIMEOUT,
        )
        if self.leave_out:
            await self._signal_again(handle.id, run, point)

    async def _signal_again(self, process: str, run: str, point: int) -> None:
        """Every signal of the old run behind the point but the one that is left out; the ledger knows those it had."""
        # Read once the run has ended: what came until then is in it.
        history = await self.client.get_workflow_handle(process, run_id=run).fetch_history()
        for event in history.events:
            if event.event_type != EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
                continue
            if event.event_id < point or event.event_id == self.leave_out:
                continue
            sent = event.workflow_execution_signaled_event_attributes
            await self.client.workflow_service.signal_workflow_execution(
                SignalWorkflowExecutionRequest(
                    namespace=self.client.namespace,
                    workflow_execution=WorkflowExecution(workflow_id=process),
                    signal_name=sent.signal_name,
                    input=sent.input,
                    header=sent.header,
                    identity=REASON,
                    request_id=f"{run}/{event.event_id}",
                ),
                timeout=RPC_TIMEOUT,
            )

    async def _try(self, incident: IncidentId, stuck: Stuck) -> None:
        service, namespace = self.client.workflow_service, self.client.namespace
        process = WorkflowExecution(workflow_id=process_id(incident))
        if stuck.symptom is Symptom.ACTIVITY_PAUSED:
            resume = UnpauseActivityRequest(
                namespace=namespace, execution=process, identity=REASON, id=stuck.about, reset_attempts=True
            )
            await service.unpause_activity(resume, timeout=RPC_TIMEOUT)
        else:
            again = ResetActivityRequest(namespace=namespace, execution=process, identity=REASON, id=stuck.about)
            await service.reset_activity(again, timeout=RPC_TIMEOUT)


async def start_anew(client: Client, incident: IncidentId, task_queue: str, *, running: bool) -> None:
    """A new process in place of none, or of one that cannot go on: it loads its ledger. Raises RPCError."""
    if running:
        await abandon(client, incident)
    await revive(client, incident, task_queue)
