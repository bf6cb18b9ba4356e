"""Workflow servers: one that skips time for the clocks, a real one for resets and messages."""

from collections.abc import AsyncIterator

import pytest
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from db.session import Sessions
from runtime.embedded.binaries import temporal_binary, test_server_binary
from runtime.temporal import SEARCH_ATTRIBUTES, converter_of, prepare_namespace
from tests.workflows.world import CODEC_RING, World, working


@pytest.fixture(scope="session")
async def skipping() -> AsyncIterator[WorkflowEnvironment]:
    """A server whose hours pass in milliseconds."""
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(test_server_binary()), data_converter=pydantic_data_converter
    ) as env:
        request = AddSearchAttributesRequest(namespace="default", search_attributes=SEARCH_ATTRIBUTES)
        await env.client.operator_service.add_search_attributes(request)
        yield env


@pytest.fixture(scope="session")
async def real_time() -> AsyncIterator[WorkflowEnvironment]:
    """The dev server: everything Temporal does, in real time, on encrypted payloads."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(temporal_binary()),
        data_converter=converter_of(CODEC_RING),
        dev_server_log_level="error",
    ) as env:
        await prepare_namespace(env.client)
        yield env


@pytest.fixture
async def hours(skipping: WorkflowEnvironment, sessions: Sessions) -> AsyncIterator[World]:
    """A world whose hours pass at once."""
    async with working(skipping, sessions) as world:
        yield world


@pytest.fixture
async def world(real_time: WorkflowEnvironment, sessions: Sessions) -> AsyncIterator[World]:
    """A world in real time."""
    async with working(real_time, sessions) as world:
        yield world
