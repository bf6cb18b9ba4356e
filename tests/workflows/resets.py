"""Resetting runs on the dev server."""

from uuid import uuid4

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client


async def points(client: Client, workflow_id: str, run_id: str) -> list[int]:
    """Every workflow task of a run to which it can be reset."""
    history = await client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()
    completed = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    return [event.event_id for event in history.events if event.event_type == completed]


async def reset(client: Client, workflow_id: str, run_id: str, point: int) -> str:
    """Reset to a workflow task; the new run's id."""
    request = ResetWorkflowExecutionRequest(
        namespace=client.namespace,
        workflow_execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id),
        reason="a test",
        workflow_task_finish_event_id=point,
        request_id=uuid4().hex,
    )
    return (await client.workflow_service.reset_workflow_execution(request)).run_id
