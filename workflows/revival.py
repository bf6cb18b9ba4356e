"""How the process of an incident is started, for the first time or again, and how a command reaches it."""

import hashlib
from datetime import timedelta
from typing import TypedDict

from pydantic import ValidationError
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryRequest
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from activities.signatures import Outcome, Start
from domain.sealing import SealedCommand
from domain.vocabulary import CommandName, IncidentId, process_id
from workflows.incident import IncidentWorkflow

RPC_TIMEOUT = timedelta(seconds=10)
_ID_DIGITS = 20


class Starting(TypedDict):
    """Keyword arguments of a start, with or without an update."""

    id: str
    task_queue: str
    id_conflict_policy: WorkflowIDConflictPolicy
    id_reuse_policy: WorkflowIDReusePolicy


def starting(incident: IncidentId, task_queue: str) -> Starting:
    """One process for each incident: one that runs is used, one that ended or was lost is followed by another."""
    return Starting(
        id=process_id(incident),
        task_queue=task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
    )


async def describe(client: Client, incident: IncidentId) -> WorkflowExecutionDescription | None:
    """The latest run of its process; None where there never was one. Raises RPCError when nobody can say."""
    handle = client.get_workflow_handle(process_id(incident))
    try:
        return await handle.describe(rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None


async def is_running(client: Client, incident: IncidentId) -> bool:
    """Whether the incident has a process. Raises RPCError when nobody can say."""
    description = await describe(client, incident)
    return description is not None and description.status is WorkflowExecutionStatus.RUNNING


async def is_readable(client: Client, incident: IncidentId) -> bool:
    """Whether the client's keys read what its process was started with. Raises RPCError."""
    request = GetWorkflowExecutionHistoryRequest(
        namespace=client.namespace, execution=WorkflowExecution(workflow_id=process_id(incident)), maximum_page_size=1
    )
    answer = await client.workflow_service.get_workflow_execution_history(request, timeout=RPC_TIMEOUT)
    started = answer.history.events[0].workflow_execution_started_event_attributes
    try:
        await client.data_converter.decode(started.input.payloads, [Start])
    except ValidationError:
        # Under another key, or from before payloads were encrypted: what the codec puts in its place is no Start.
        return False
    return True


async def send(client: Client, command: SealedCommand, task_queue: str, within: timedelta = RPC_TIMEOUT) -> Outcome:
    """What became of a command, once the ledger holds it.

    A process that ended, or that Temporal has lost, is started: it reads its ledger and goes on. Raises
    RPCError, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError.
    """
    # Each attempt has an id of its own: the ledger knows a command again, while Temporal would repeat an answer, such
    # as an expired seal, that no longer holds. It is short because a history repeats it five times.
    id_ = hashlib.sha256(f"{command.command_id}@{command.issued_at.isoformat()}".encode()).hexdigest()[:_ID_DIGITS]
    if command.name != CommandName.SUBMIT:
        try:
            return await _ask(client, command, id_, within)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
    start = WithStartWorkflowOperation(
        IncidentWorkflow.run, Start(incident=command.incident), **starting(command.incident, task_queue)
    )
    outcome: Outcome = await client.execute_update_with_start_workflow(
        command.name,
        command,
        start_workflow_operation=start,
        id=id_,
        result_type=Outcome,
        rpc_timeout=within,
    )
    return outcome


async def _ask(client: Client, command: SealedCommand, id_: str, within: timedelta) -> Outcome:
    """Of a process that runs, which costs the server less than the question whether it does."""
    handle = client.get_workflow_handle(process_id(command.incident))
    outcome: Outcome = await handle.execute_update(
        command.name, command, id=id_, result_type=Outcome, rpc_timeout=within
    )
    return outcome


async def abandon(client: Client, incident: IncidentId) -> None:
    """End a process that cannot go on; its ledger keeps everything. Raises RPCError."""
    handle = client.get_workflow_handle(process_id(incident))
    await handle.terminate("its history cannot be read", rpc_timeout=RPC_TIMEOUT)


async def revive(client: Client, incident: IncidentId, task_queue: str) -> None:
    """Start its process; one that runs already is left alone. Raises RPCError."""
    await client.start_workflow(
        IncidentWorkflow.run,
        Start(incident=incident),
        **starting(incident, task_queue),
        rpc_timeout=RPC_TIMEOUT,
    )
