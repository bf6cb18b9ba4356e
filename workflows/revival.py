"""Gives an open incident its process again. The process reads its ledger and goes on."""

from datetime import timedelta

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from activities.signatures import Start
from domain.vocabulary import IncidentId
from workflows.incident import IncidentWorkflow

RPC_TIMEOUT = timedelta(seconds=10)


def workflow_id(incident: IncidentId) -> str:
    return f"incident-{incident}"


async def is_running(client: Client, incident: IncidentId) -> bool:
    """Whether the incident has a process. Raises RPCError when nobody can say."""
    handle = client.get_workflow_handle_for(IncidentWorkflow.run, workflow_id(incident))
    try:
        description = await handle.describe(rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return description.status is WorkflowExecutionStatus.RUNNING


async def revive(client: Client, incident: IncidentId, task_queue: str) -> None:
    """Start its process; one that runs already is left alone. Raises RPCError."""
    await client.start_workflow(
        IncidentWorkflow.run,
        Start(incident=incident),
        id=workflow_id(incident),
        task_queue=task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        rpc_timeout=RPC_TIMEOUT,
    )
