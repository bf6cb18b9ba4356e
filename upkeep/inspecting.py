"""What Temporal says of the process of an incident, and of the workers that are there."""

from collections.abc import AsyncIterator
from datetime import datetime

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionResponse,
    GetWorkflowExecutionHistoryReverseRequest,
)
from temporalio.client import Client, WorkflowExecutionStatus

from domain.stuck import FAILED_TASKS, RUNNING, Failing, Process, Sent, Trying, Workers
from domain.vocabulary import IncidentId
from runtime.deployment import SEEN_WITHIN, current_build, polling_builds
from workflows.revival import RPC_TIMEOUT, describe, is_readable

_DIVERGED = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR
_BY_THE_PROGRAM = (_DIVERGED, WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE)
"""What fails so fails again; any other task may only have lost its worker."""
_PREFIX = "WORKFLOW_TASK_FAILED_CAUSE_"


async def workers(client: Client, task_queue: str, deployment: str, now: datetime) -> Workers:
    """Who asks for workflow tasks, and who gets them. Raises RPCError."""
    present = await polling_builds(client, task_queue, now - SEEN_WITHIN)
    return Workers(present=present, current=await current_build(client, deployment))


async def process_of(client: Client, incident: IncidentId) -> Process:
    """The latest run of an incident's process. Raises RPCError."""
    description = await describe(client, incident)
    if description is None:
        return Process(status=None)
    status = description.status
    if status is not WorkflowExecutionStatus.RUNNING:
        return Process(status=status.name.lower() if status else "?")
    if not await is_readable(client, incident):
        return Process(status=RUNNING, readable=False)
    raw = description.raw_description
    return Process(
        status=RUNNING,
        failing=await _failing(client, raw),
        trying=tuple(_trying(pending) for pending in raw.pending_activities if pending.paused or pending.attempt > 1),
    )


async def _failing(client: Client, raw: DescribeWorkflowExecutionResponse) -> Failing | None:
    """A worker says once that a task failed, and lets it time out from then on; that stands in the history, behind the
    messages the task has to take.
    """
    # The attempt under way is not a failure yet.
    failures = raw.pending_workflow_task.attempt - 1
    if failures < 1:
        return None
    cause, waiting = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNSPECIFIED, list[Sent]()
    async for event in _backwards(client, raw.workflow_execution_info.execution):
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            break
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED and not cause:
            cause = event.workflow_task_failed_event_attributes.cause
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
            name = event.workflow_execution_signaled_event_attributes.signal_name
            waiting.insert(0, Sent(event=event.event_id, name=name))
    if cause not in _BY_THE_PROGRAM and failures < FAILED_TASKS:
        return None
    said = WorkflowTaskFailedCause.Name(cause).removeprefix(_PREFIX).lower()
    return Failing(attempt=failures, cause=said, diverges=cause == _DIVERGED, waiting=tuple(waiting))


async def _backwards(client: Client, execution: WorkflowExecution) -> AsyncIterator[HistoryEvent]:
    request = GetWorkflowExecutionHistoryReverseRequest(namespace=client.namespace, execution=execution)
    while True:
        page = await client.workflow_service.get_workflow_execution_history_reverse(request, timeout=RPC_TIMEOUT)
        for event in page.history.events:
            yield event
        if not page.next_page_token:
            return
        request.next_page_token = page.next_page_token


def _trying(pending: PendingActivityInfo) -> Trying:
    """The kind of the failure alone: what it says may quote what it could not digest."""
    failure = pending.last_failure
    return Trying(
        id=pending.activity_id,
        activity=pending.activity_type.name,
        attempt=pending.attempt - 1,
        failure=failure.application_failure_info.type or failure.WhichOneof("failure_info") or "",
        paused=pending.paused,
    )
