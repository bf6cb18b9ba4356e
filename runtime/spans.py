"""Traces from HTTP through the process of an incident to SQL. Needs the extra `traces`.

A command is one trace, from the request that brings it to the entries it leaves. What comes about by itself belongs to
none: a process lives for weeks, and nobody reads a trace of weeks. Spans hold ids, codes and statements with
placeholders; no parameter, no text, no query of a request, no message of an exception leaves this process.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.sqlalchemy.engine import EngineTracer
from opentelemetry.metrics import NoOpMeter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.common.v1 import Payload
from temporalio.contrib.opentelemetry import TracingInterceptor, TracingWorkflowInboundInterceptor
from temporalio.worker import (
    ExecuteWorkflowInput,
    HandleSignalInput,
    HandleUpdateInput,
    WorkflowInterceptorClassInput,
)

TOLD = frozenset(
    {
        *("http.method", "http.request.method", "http.route", "http.status_code", "http.response.status_code"),
        *("db.system", "db.system.name", "db.name", "db.namespace", "db.operation", "db.operation.name"),
        *("db.statement", "db.query.text"),
        *("temporalWorkflowID", "temporalRunID", "temporalActivityID", "temporalUpdateID"),
        *("exception.type",),
    }
)
"""Attributes that leave this process. Whatever else a library may think of does not."""


class Wordless(SpanExporter):
    """Hands spans on without what may hold words: addresses with their queries, what exceptions say."""

    def __init__(self, to: SpanExporter) -> None:
        self._to = to

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._to.export([_wordless(span) for span in spans])

    def shutdown(self) -> None:
        self._to.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._to.force_flush(timeout_millis)


def _wordless(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_told(span.attributes),
        events=[Event(event.name, _told(event.attributes), event.timestamp) for event in span.events],
        links=span.links,
        kind=span.kind,
        status=trace.Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _told(attributes: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (attributes or {}).items() if name in TOLD}


class _Commands(TracingWorkflowInboundInterceptor):
    """Each message belongs to the trace of whoever sent it."""

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002, ANN401  # As it is there.
        return await self.next.execute_workflow(input)

    async def handle_signal(self, input: HandleSignalInput) -> None:  # noqa: A002  # As it is there.
        with self._in_trace_of(input.headers, f"HandleSignal:{input.signal}"):
            await self.next.handle_signal(input)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:  # noqa: A002, ANN401  # As it is there.
        with self._in_trace_of(input.headers, f"HandleUpdate:{input.update}"):
            return await self.next.handle_update_handler(input)

    @contextmanager
    def _in_trace_of(self, headers: Mapping[str, Payload], name: str) -> Iterator[None]:
        sent = headers.get(self.header_key)
        carrier = self.payload_converter.from_payloads([sent])[0] if sent else {}
        token = context.attach(self._set_on_context(self.text_map_propagator.extract(carrier, context.Context())))
        try:
            self._completed_span(name, kind=trace.SpanKind.SERVER)
            yield
        finally:
            # Not `detach`, which complains: a run that is evicted ends in a context of its own.
            with suppress(ValueError):
                token.var.reset(token)


class _Interceptor(TracingInterceptor):
    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002  # As it is there.
    ) -> type[TracingWorkflowInboundInterceptor]:
        super().workflow_interceptor_class(input)
        return _Commands


class Tracing:
    """Of one process. `interceptor` is for the client, and through it for the worker."""

    def __init__(self, service: str, exporter: SpanExporter) -> None:
        self.provider = TracerProvider(resource=Resource.create({SERVICE_NAME: f"huiying-{service}"}))
        self.provider.add_span_processor(BatchSpanProcessor(Wordless(exporter)))
        self.interceptor: TracingInterceptor = _Interceptor(self.provider.get_tracer("huiying"))

    def watch(self, engine: AsyncEngine) -> None:
        """A span for every statement of `engine`."""
        # The library patches engines as they are made, and knows no SQLAlchemy 2.1; its listener does.
        usage = NoOpMeter("huiying").create_up_down_counter("connections")
        EngineTracer(self.provider.get_tracer("huiying"), engine.sync_engine, usage)  # type: ignore[no-untyped-call]  # Theirs.


def exporter() -> SpanExporter:
    """To where OpenTelemetry's variables say."""
    return OTLPSpanExporter()
