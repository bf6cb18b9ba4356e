"""How workflows are run: apart from the world, and modules that need no copy shared."""

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

# Pure modules need no copy for each workflow: that is most of the sandbox's cost, and of what an open incident holds
# in memory.
_SHARED = ("activities", "domain", "rfc8785")
SANDBOX = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules(*_SHARED, "workflows")
)
STRICT = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules(
        *_SHARED, "workflows.effects", "workflows.intake", "workflows.lane", "workflows.visibility"
    )
)
"""With the processes themselves inside: what they must not ask of the world fails there, which tests look for."""
