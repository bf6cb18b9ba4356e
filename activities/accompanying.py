"""What every activity has in common: its log lines name the incident, and how a call on a channel ended is counted."""

from typing import Any

from structlog.contextvars import bound_contextvars
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities import signatures as s
from runtime.log import incident_of
from runtime.metrics import CALLS


class Accompanying(Interceptor):
    """For workers."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002  # Theirs.
        return _Accompanied(next)


class _Accompanied(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002, ANN401  # As it is there.
        info = activity.info()
        request = input.args[0] if input.args else None
        with bound_contextvars(**incident_of(info.workflow_id), activity=info.activity_type):
            try:
                result = await super().execute_activity(input)
            except Exception as error:
                _count(request, "waiting" if isinstance(error, ApplicationError) else "failed")
                raise
            _count(request, _outcome(result))
        return result


def _count(request: object, outcome: str) -> None:
    if isinstance(request, s.PublishRequest | s.RetractRequest):
        CALLS.labels(request.channel, outcome).inc()


def _outcome(result: object) -> str:
    if isinstance(result, s.PublishResult | s.RetractResult) and result.parked:
        return "parked"
    return "lapsed" if isinstance(result, s.PublishResult) and result.lapsed else "done"
