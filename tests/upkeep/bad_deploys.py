"""Versions of the process that nobody should have deployed."""

from collections.abc import Sequence

from temporalio import workflow

from activities.signatures import Start
from domain.vocabulary import Origin
from workflows.incident import IncidentWorkflow

POISON = "poison"


@workflow.defn(name="IncidentWorkflow")
class Drowsy(IncidentWorkflow):
    """Sleeps before it does anything: no history of another version begins like that."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, _start: Start) -> None:
        await workflow.sleep(0.01)
        await super().run(_start)


@workflow.defn(name="IncidentWorkflow")
class Choking(IncidentWorkflow):
    """Fails on one message, however often it is delivered."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, _start: Start) -> None:
        await super().run(_start)

    def enqueue(self, name: str, origin: Origin, values: Sequence[object]) -> int:
        if name == POISON:
            raise ValueError(name)
        return super().enqueue(name, origin, values)
