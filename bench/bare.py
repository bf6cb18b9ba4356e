"""The same messages without a process behind them. A module of its own, because the sandbox loads it whole."""

from temporalio import workflow


@workflow.defn
class Bare:
    """Takes updates and does nothing: what the same message costs without a process behind it."""

    def __init__(self) -> None:
        self._over = False

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: self._over)

    @workflow.update
    async def take(self, message: dict[str, str]) -> dict[str, str]:
        return message
