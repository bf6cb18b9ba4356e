"""The replay gate against a running server: what this code would do with the incidents that are open.

Replaying finds a history that the code would not have written. It looks at neither what activities were asked nor how
long timers ran, so the state that the process ends up with is compared with its ledger as well.
"""

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    Replayer,
    UnsandboxedWorkflowRunner,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from db import ledger, once
from db.session import Sessions
from domain.folding import fold
from domain.incident import Incident
from domain.vocabulary import incident_of
from runtime.settings import Settings
from runtime.temporal import connect
from workflows.incident import IncidentWorkflow

OPEN = "WorkflowType = 'IncidentWorkflow' AND ExecutionStatus = 'Running'"


@dataclass(frozen=True)
class Replayed:
    """`why` it does not replay, or None; and the state that the process believes in at the end, if it got that far."""

    process: str
    why: str | None
    state: Incident | None


@dataclass
class _Witness(Interceptor):
    """Keeps the process that was replayed last, to be asked for its state."""

    seen: list[IncidentWorkflow] = field(default_factory=list)

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002, ARG002  # The SDK passes it by this name.
    ) -> type[WorkflowInboundInterceptor]:
        seen = self.seen

        class Watching(WorkflowInboundInterceptor):
            async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002, ANN401  # As above.
                seen[:] = [workflow.instance()]
                return await super().execute_workflow(input)

        return Watching


async def replay(
    histories: AsyncIterator[WorkflowHistory],
    converter: DataConverter,
    process: type[IncidentWorkflow] = IncidentWorkflow,
) -> AsyncIterator[Replayed]:
    """Each history, replayed by `process`. Outside the sandbox, which the tests keep to."""
    witness = _Witness()
    replayer = Replayer(
        workflows=[process],
        data_converter=converter,
        interceptors=[witness],
        workflow_runner=UnsandboxedWorkflowRunner(),
        # Without a name, one is made from every module that is loaded, which takes seconds.
        build_id="replay",
    )
    async with replayer.workflow_replay_iterator(histories) as results:
        async for result in results:
            failure = result.replay_failure
            why = f"{type(failure).__name__}: {str(failure).splitlines()[0]}" if failure else None
            state = witness.seen[0].state() if witness.seen else None
            witness.seen.clear()
            yield Replayed(result.history.workflow_id, why, state)


async def last_good_task(
    history: WorkflowHistory, converter: DataConverter, process: type[IncidentWorkflow] = IncidentWorkflow
) -> int | None:
    """The event of the last completed workflow task up to which this code replays: where to reset to. None: nowhere."""
    completed = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    tasks = [event.event_id for event in history.events if event.event_type == completed]

    async def replays_up_to(task: int) -> bool:
        before = WorkflowHistory(history.workflow_id, history.events[: task - 1])
        return all([one.why is None async for one in replay(_each([before]), converter, process)])

    good, bad = -1, len(tasks)
    # What a history cannot follow from, no longer one can: look where most are good, then halve.
    at = len(tasks) - 1
    while bad - good > 1:
        if await replays_up_to(tasks[at]):
            good = at
        else:
            bad = at
        at = (good + bad) // 2
    return tasks[good] if good >= 0 else None


async def _each(histories: Iterable[WorkflowHistory]) -> AsyncIterator[WorkflowHistory]:
    for history in histories:
        yield history


async def _open_histories(client: Client) -> AsyncIterator[WorkflowHistory]:
    async for execution in client.list_workflows(OPEN):
        try:
            yield await client.get_workflow_handle(execution.id, run_id=execution.run_id).fetch_history()
        except RPCError as error:
            # It has ended and been deleted since it was listed.
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise


async def replay_open(
    sessions: Sessions,
    client: Client,
    say: Callable[[str], None],
    process: type[IncidentWorkflow] = IncidentWorkflow,
) -> bool:
    """Whether this code goes on with every incident that has a process; says which it does not. Raises RPCError."""
    count = failed = 0
    async for replayed in replay(_open_histories(client), client.data_converter, process):
        count += 1
        why = replayed.why or await _differs(sessions, replayed)
        if why is not None:
            failed += 1
            say(f"{incident_of(replayed.process)}: {why}")
    say(f"{count} histories: {f'{failed} do not replay' if failed else 'all replay'}")
    return not failed


async def _differs(sessions: Sessions, replayed: Replayed) -> str | None:
    """How the state differs from that of the ledger at the same entry."""
    believed = replayed.state
    if believed is None:
        return None
    async with sessions() as session:
        entries = await ledger.entries(session, believed.id, limit=believed.seq)
    recorded = fold(entries, believed.id)
    if recorded == believed:
        return None
    if recorded is None:
        return f"replays to a state at entry {believed.seq}, of which the ledger holds nothing"
    differing = [name for name in Incident.model_fields if getattr(recorded, name) != getattr(believed, name)]
    return f"replays to another state than the ledger's at entry {believed.seq}: {', '.join(differing)}"


async def replay_all(settings: Settings, say: Callable[[str], None]) -> bool:
    """The same by settings. Raises TemporalUnavailable, RPCError."""
    async with once.opened(settings.database_url) as sessions:
        return await replay_open(sessions, await connect(settings), say)
