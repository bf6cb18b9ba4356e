"""A dev server as `huiying up` starts it, on which the clocks of single incidents can be moved."""

from collections.abc import AsyncIterator

import pytest
from temporalio.testing import WorkflowEnvironment

from runtime.embedded.binaries import temporal_binary
from runtime.embedded.temporal_server import DYNAMIC
from runtime.temporal import converter_of, prepare_namespace
from tests.workflows.world import CODEC_RING

_SKIPPING = "frontend.WorkflowTimeSkippingEnabled=true"
# Workers let a task that failed once time out from then on, ten seconds each.
_AT_ONCE = "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=1"


@pytest.fixture(scope="session")
async def server() -> AsyncIterator[WorkflowEnvironment]:
    others = [value for value in DYNAMIC if value.split("=")[0] != _AT_ONCE.split("=", maxsplit=1)[0]]
    options = [part for value in (*others, _SKIPPING, _AT_ONCE) for part in ("--dynamic-config-value", value)]
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(temporal_binary()),
        data_converter=converter_of(CODEC_RING),
        dev_server_log_level="error",
        dev_server_extra_args=options,
    ) as env:
        await prepare_namespace(env.client)
        yield env
