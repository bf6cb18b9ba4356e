"""How workflows are run: apart from the world, and modules that need no copy shared."""

from typing import Any

from temporalio.converter import StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import Info


class _Instance(WorkflowInstance):
    """A process in its sandbox, which is not entered to be asked in which context a payload is encoded: no converter of
    ours looks at it, and the SDK asks for each payload several times.
    """

    def __init__(self, inside: WorkflowInstance) -> None:
        self._inside = inside

    def activate(self, act: Any) -> Any:  # noqa: ANN401  # The SDK's own messages.
        return self._inside.activate(act)

    def get_serialization_context(self, _command_info: object) -> None:
        return None

    def get_external_store_context(self, _command_info: object) -> StorageDriverStoreContext:
        return StorageDriverStoreContext(target=None)

    def get_info(self) -> Info:
        return self._inside.get_info()

    def get_thread_id(self) -> int | None:
        return self._inside.get_thread_id()


class _Runner(SandboxedWorkflowRunner):
    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return _Instance(super().create_instance(det))


# Pure modules need no copy for each workflow: that is most of the sandbox's cost, and of what an open incident holds
# in memory.
_SHARED = ("activities", "domain", "rfc8785")
SANDBOX = _Runner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*_SHARED, "workflows"))
STRICT = _Runner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules(
        *_SHARED, "workflows.effects", "workflows.intake", "workflows.lane", "workflows.visibility"
    )
)
"""With the processes themselves inside: what they must not ask of the world fails there, which tests look for."""
