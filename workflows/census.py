"""Which incidents have a process, in lists of Temporal's visibility: never one question for each."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta

from temporalio.client import Client, WorkflowExecutionStatus

from domain.vocabulary import IncidentId, process_id
from workflows.incident import IncidentWorkflow

RPC_TIMEOUT = timedelta(seconds=10)
PAGE = 1000
AT_ONCE = 50
"""Ids that one list is asked for."""
_PREFIX = process_id(IncidentId(""))


class Census:
    """Raises RPCError where Temporal does not answer. Lists lag behind what happens, by seconds at most."""

    def __init__(self, client: Client, task_queue: str) -> None:
        self._client = client
        self._ours = f"WorkflowType = '{IncidentWorkflow.__name__}' AND TaskQueue = '{task_queue}'"

    async def running(self) -> Mapping[IncidentId, datetime]:
        """Every process that runs, with when its run began."""
        query = f"{self._ours} AND ExecutionStatus = 'Running'"
        listed = self._client.list_workflows(query, page_size=PAGE, rpc_timeout=RPC_TIMEOUT)
        return {_incident(one.id): one.start_time async for one in listed}

    async def look_up(self, among: Collection[IncidentId]) -> tuple[Mapping[IncidentId, datetime], set[IncidentId]]:
        """Of these, those that run after all, and those of which only ended runs are known."""
        running: dict[IncidentId, datetime] = {}
        ended: set[IncidentId] = set()
        for some in _parts(sorted(among)):
            ids = ", ".join(f"'{process_id(one)}'" for one in some)
            query = f"{self._ours} AND WorkflowId IN ({ids})"
            async for one in self._client.list_workflows(query, page_size=PAGE, rpc_timeout=RPC_TIMEOUT):
                if one.status is WorkflowExecutionStatus.RUNNING:
                    running[_incident(one.id)] = one.start_time
                else:
                    ended.add(_incident(one.id))
        return running, ended - running.keys()


def _incident(process: str) -> IncidentId:
    return IncidentId(process.removeprefix(_PREFIX))


def _parts(ids: list[IncidentId]) -> Iterator[list[IncidentId]]:
    for first in range(0, len(ids), AT_ONCE):
        yield ids[first : first + AT_ONCE]
