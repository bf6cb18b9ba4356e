"""Connecting to Temporal, and giving its namespace what Huiying relies on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType, TaskQueueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    DescribeTaskQueueRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import Client, Interceptor
from temporalio.contrib.pydantic import PydanticPayloadConverter, pydantic_data_converter
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes
from temporalio.service import RPCError, RPCStatusCode, TLSConfig

from runtime.codec import Codec
from runtime.settings import Settings

CONNECT_WITHIN = timedelta(seconds=30)
"""Enough for a server that is starting on a busy machine."""
RETRY_SECONDS = 0.2
RPC_TIMEOUT = timedelta(seconds=5)

RETENTION = timedelta(days=90)
"""How long a closed run can be looked at in Temporal. The ledger keeps everything."""

SEARCH_ATTRIBUTES: Mapping[str, IndexedValueType.ValueType] = {
    "IncidentLevel": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "IncidentPhase": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "LeadUnit": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "NextDueAt": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
    "Overdue": IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
    "WaitingFor": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
    "NeedsAttention": IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
    "Drill": IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
}


_KINDS = {
    "workflow": TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    "activity": TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
}


class SharedConverter(PydanticPayloadConverter):
    """The one of its process. The SDK asks for a new one at every turn of a workflow, and each would have to learn
    anew how to read what it is sent.
    """

    _made: SharedConverter | None = None

    def __new__(cls) -> SharedConverter:  # noqa: PYI034  # Of this class there is but one.
        """The one there is; made when first asked for."""
        if cls._made is None:
            cls._made = super().__new__(cls)
        return cls._made

    def __init__(self) -> None:
        if not hasattr(self, "converters"):
            super().__init__()


class TemporalUnavailable(Exception):
    """The server did not answer within the bound."""


class SearchAttributeConflict(Exception):
    """A search attribute exists with another type, which the server cannot change."""


async def connect(
    settings: Settings, *, within: timedelta = CONNECT_WITHIN, interceptors: Sequence[Interceptor] = ()
) -> Client:
    """A client that has spoken to the server of `settings`; see `connect_to`."""
    key = settings.temporal_api_key.get_secret_value()
    return await connect_to(
        settings.temporal_address,
        settings.temporal_namespace,
        converter_of(settings.codec_ring),
        within=within,
        interceptors=interceptors,
        tls=tls_of(settings),
        api_key=key or None,
    )


def tls_of(settings: Settings) -> TLSConfig | None:
    """How the connection is protected; None: not at all, which is for one machine or a network of its own."""
    ca, cert, key = (
        text.encode() or None
        for text in (settings.temporal_ca, settings.temporal_cert, settings.temporal_key.get_secret_value())
    )
    name, api_key = settings.temporal_server_name or None, settings.temporal_api_key.get_secret_value()
    if not (settings.temporal_tls or ca or cert or name or api_key):
        return None
    return TLSConfig(server_root_ca_cert=ca, client_cert=cert, client_private_key=key, domain=name)


def converter_of(codec_ring: Mapping[str, bytes]) -> DataConverter:
    """How values become payloads: encrypted, what failures say included, if there are keys."""
    shared = replace(pydantic_data_converter, payload_converter_class=SharedConverter)
    if not codec_ring:
        return shared
    return replace(
        shared,
        payload_codec=Codec(codec_ring),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


async def connect_to(
    address: str,
    namespace: str,
    converter: DataConverter,
    *,
    within: timedelta = CONNECT_WITHIN,
    interceptors: Sequence[Interceptor] = (),
    tls: TLSConfig | None = None,
    api_key: str | None = None,
) -> Client:
    """A client that has spoken to the server, retrying while it starts.

    Raises `TemporalUnavailable` when there is no answer `within` that time.
    """
    deadline = time.monotonic() + within.total_seconds()
    while True:
        try:
            return await Client.connect(
                address,
                namespace=namespace,
                data_converter=converter,
                interceptors=interceptors,
                tls=tls or False,
                api_key=api_key,
            )
        except RuntimeError as e:
            # The SDK raises a bare RuntimeError when it cannot reach the server.
            if time.monotonic() >= deadline:
                raise TemporalUnavailable(f"Temporal does not answer at {address}") from e
        await asyncio.sleep(RETRY_SECONDS)


async def prepare_namespace(client: Client, *, within: timedelta = CONNECT_WITHIN) -> None:
    """Give the client's namespace our search attributes and retention, retrying while it starts.

    Raises `SearchAttributeConflict`, or `TemporalUnavailable` when the server does not manage.
    """
    deadline = time.monotonic() + within.total_seconds()
    while True:
        try:
            await ensure_search_attributes(client, client.namespace)
            await ensure_retention(client, client.namespace)
        except RPCError as e:
            # A server that has just started may not know its own namespace yet.
            transient = (RPCStatusCode.UNAVAILABLE, RPCStatusCode.NOT_FOUND, RPCStatusCode.DEADLINE_EXCEEDED)
            if e.status not in transient or time.monotonic() >= deadline:
                raise TemporalUnavailable(f"Temporal refused to prepare its namespace ({e.status.name})") from e
        else:
            return
        await asyncio.sleep(RETRY_SECONDS)


async def ensure_search_attributes(client: Client, namespace: str) -> None:
    """Add what is missing of our search attributes, in a new or an existing database.

    Raises `SearchAttributeConflict` if one exists with another type, and `RPCError`.
    """
    listing = ListSearchAttributesRequest(namespace=namespace)
    known = (await client.operator_service.list_search_attributes(listing, timeout=RPC_TIMEOUT)).custom_attributes
    for name, kind in SEARCH_ATTRIBUTES.items():
        if name in known and known[name] != kind:
            raise SearchAttributeConflict(f"the search attribute {name} exists with another type")
    missing = {name: kind for name, kind in SEARCH_ATTRIBUTES.items() if name not in known}
    if missing:
        addition = AddSearchAttributesRequest(namespace=namespace, search_attributes=missing)
        await client.operator_service.add_search_attributes(addition, timeout=RPC_TIMEOUT)


async def ensure_retention(client: Client, namespace: str) -> None:
    """Raise the namespace's retention to ours; leave a longer one alone. Raises `RPCError`."""
    service = client.workflow_service
    description = await service.describe_namespace(DescribeNamespaceRequest(namespace=namespace), timeout=RPC_TIMEOUT)
    if description.config.workflow_execution_retention_ttl.ToTimedelta() >= RETENTION:
        return
    retention = Duration()
    retention.FromTimedelta(RETENTION)
    config = NamespaceConfig(workflow_execution_retention_ttl=retention)
    await service.update_namespace(UpdateNamespaceRequest(namespace=namespace, config=config), timeout=RPC_TIMEOUT)


class Backlog(NamedTuple):
    """What waits in a task queue, roughly: how many tasks, since how long the oldest, and who asks for them."""

    tasks: int
    age: timedelta
    pollers: int


async def backlogs(client: Client, task_queue: str) -> dict[str, Backlog]:
    """Of `workflow` and `activity` tasks. Raises `RPCError`."""
    found: dict[str, Backlog] = {}
    for name, kind in _KINDS.items():
        request = DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=task_queue),
            task_queue_type=kind,
            report_stats=True,
        )
        answer = await client.workflow_service.describe_task_queue(request, timeout=RPC_TIMEOUT)
        stats = answer.stats
        age = stats.approximate_backlog_age.ToTimedelta()
        found[name] = Backlog(stats.approximate_backlog_count, age, len(answer.pollers))
    return found
