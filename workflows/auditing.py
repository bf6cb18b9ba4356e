"""The auditor of the clocks: a Schedule that has them audited every few minutes, whatever else goes on."""

from datetime import timedelta

from temporalio import workflow
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities import signatures as s

RPC_TIMEOUT = timedelta(seconds=10)
# An audit that does not come to an end is given up: the next one is never far.
TIMEOUT = timedelta(minutes=2)
FEW = RetryPolicy(initial_interval=timedelta(seconds=2), maximum_attempts=3)
# After an outage one audit says as much as all that were missed.
CATCH_UP = timedelta(minutes=1)


@workflow.defn
class AuditWorkflow:
    """时钟核查 — compares ledger, processes and the wall clock, then tells the watchman outside that it did."""

    @workflow.run
    async def run(self) -> s.AuditReport:
        report: s.AuditReport = await workflow.execute_activity(
            s.AUDIT_CLOCKS, result_type=s.AuditReport, start_to_close_timeout=TIMEOUT, retry_policy=FEW
        )
        await workflow.execute_activity(s.BEAT, start_to_close_timeout=TIMEOUT, retry_policy=FEW)
        return report


def auditor_id(task_queue: str) -> str:
    """One auditor for each task queue."""
    return f"auditor-{task_queue}"


async def keep_auditor(client: Client, task_queue: str, every: timedelta) -> None:
    """Make the Schedule, or make it what it should be. Whether ops paused it is theirs. Raises RPCError."""
    wanted = _schedule(task_queue, every)
    try:
        await client.create_schedule(auditor_id(task_queue), wanted, trigger_immediately=True, rpc_timeout=RPC_TIMEOUT)
    except ScheduleAlreadyRunningError:
        handle = client.get_schedule_handle(auditor_id(task_queue))

        async def adapt(known: ScheduleUpdateInput) -> ScheduleUpdate | None:
            now = known.description.schedule
            if now.spec.intervals == wanted.spec.intervals:
                return None
            wanted.state = now.state
            return ScheduleUpdate(wanted)

        await handle.update(adapt, rpc_timeout=RPC_TIMEOUT)


def _schedule(task_queue: str, every: timedelta) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            AuditWorkflow.run,
            id=auditor_id(task_queue),
            task_queue=task_queue,
            execution_timeout=every + TIMEOUT,
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCH_UP),
    )
