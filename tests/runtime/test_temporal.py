from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from temporalio import workflow
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from runtime.embedded.ports import free_port
from runtime.embedded.temporal_server import TemporalServer
from runtime.settings import Settings
from runtime.temporal import (
    RETENTION,
    SearchAttributeConflict,
    TemporalUnavailable,
    connect,
    prepare_namespace,
)

LEVEL = SearchAttributeKey.for_keyword("IncidentLevel")


@workflow.defn(sandboxed=False)
class Nap:
    @workflow.run
    async def run(self) -> str:
        return "rested"


def settings_of(server: TemporalServer) -> Settings:
    return Settings(
        database_url="postgresql+asyncpg://nobody@127.0.0.1/none",
        seal_key=SecretStr("5f0c7e21b9d84a63a1e6d30f52c9874b"),
        temporal_address=server.address,
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TemporalServer]:
    running = TemporalServer(tmp_path_factory.mktemp("temporal")).start()
    yield running
    running.stop()


async def start_nap(client: Client, id_: str) -> None:
    attributes = TypedSearchAttributes([SearchAttributePair(LEVEL, "major")])
    await client.start_workflow(Nap.run, id=id_, task_queue="naps", search_attributes=attributes)


async def test_the_namespace_gets_what_we_rely_on_and_keeps_it(server: TemporalServer) -> None:
    client = await connect(settings_of(server))
    await prepare_namespace(client)
    await prepare_namespace(client)

    await start_nap(client, "indexed")

    description = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace="default"))
    assert description.config.workflow_execution_retention_ttl.ToTimedelta() == RETENTION


async def test_what_was_acknowledged_survives_kill_9(server: TemporalServer) -> None:
    client = await connect(settings_of(server))
    await prepare_namespace(client)
    await start_nap(client, "survivor")
    assert server._process is not None
    server._process.kill()
    server._process.wait()

    server.start()

    description = await (await connect(settings_of(server))).get_workflow_handle("survivor").describe()
    assert description.status == WorkflowExecutionStatus.RUNNING
    assert description.typed_search_attributes[LEVEL] == "major"


async def test_an_attribute_of_another_type_is_named(tmp_path: Path) -> None:
    running = TemporalServer(tmp_path).start()
    try:
        client = await connect(settings_of(running))
        other = {"Overdue": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD}
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace="default", search_attributes=other)
        )
        with pytest.raises(SearchAttributeConflict, match="Overdue"):
            await prepare_namespace(client)
    finally:
        running.stop()


async def test_a_server_that_is_not_there_is_given_up_on(tmp_path: Path) -> None:
    with pytest.raises(TemporalUnavailable, match="does not answer"):
        await connect(settings_of(TemporalServer(tmp_path, port=free_port())), within=timedelta(seconds=0.3))
