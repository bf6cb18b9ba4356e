"""How workflows are run: apart from the world, and modules that need no copy shared."""

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

# Pure modules need no copy for each workflow: that is most of the sandbox's cost.
SANDBOX = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules(
        "activities",
        "domain",
        "rfc8785",
        "workflows.effects",
        "workflows.intake",
        "workflows.lane",
        "workflows.visibility",
    )
)
