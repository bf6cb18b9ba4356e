"""One trace leads from a request through the process to SQL, and holds no word of what it was about."""

import json
import sys
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from api.app import create_app
from api.spans import trace_requests
from db.session import make_engine, make_sessions
from domain.vocabulary import IncidentId
from runtime.clock import SystemClock
from runtime.spans import Tracing
from runtime.temporal import converter_of
from runtime.traces import start_tracing
from tests.api.office import CHEAP_PASSWORDS, Office, serving, settings_for
from tests.workflows.world import CODEC_RING, World, worker_of

WORDS = "桥头塌方机密文本"


@dataclass(frozen=True)
class Traced:
    """A county whose API and worker are traced."""

    office: Office
    world: World
    tracing: Tracing
    exported: InMemorySpanExporter

    def traces(self) -> list[list[ReadableSpan]]:
        self.tracing.provider.force_flush()
        found: dict[int, list[ReadableSpan]] = defaultdict(list)
        for span in self.exported.get_finished_spans():
            found[span.context.trace_id].append(span)
        return list(found.values())

    def trace_of(self, request: str) -> list[ReadableSpan]:
        [found] = [spans for spans in self.traces() if request in {span.name for span in spans}]
        return found


@pytest.fixture
async def traced(real_time: WorkflowEnvironment, database_url: str) -> AsyncIterator[Traced]:
    exported = InMemorySpanExporter()
    tracing = Tracing("tests", exported)
    client = await Client.connect(
        real_time.client.service_client.config.target_host,
        data_converter=converter_of(CODEC_RING),
        interceptors=[tracing.interceptor],
    )

    async def connect() -> Client:
        return client

    engine = make_engine(database_url)
    tracing.watch(engine)
    world = World(real_time, make_sessions(engine))
    world.client = client
    settings = settings_for(database_url, task_queue=world.task_queue)
    app = create_app(settings, SystemClock(), connect, CHEAP_PASSWORDS, tracing=tracing)
    trace_requests(app, tracing)
    async with worker_of(world, world.settings), serving(app, world.sessions, SystemClock()) as office:
        yield Traced(office, world, tracing, exported)
        await world.end()
    await engine.dispose()
    tracing.provider.shutdown()


async def test_each_command_is_one_trace_from_the_request_to_sql(traced: Traced) -> None:
    office = traced.office
    submitted = await office.done("baishi.editor", "/incidents", await office.submission(title=WORDS, summary=WORDS))
    incident = IncidentId(submitted["id"])
    traced.world.incident = incident
    await office.command("baishi.editor", incident, "note", text=WORDS)
    assert (await office.get("office.duty", "/incidents", q=WORDS)).is_success
    refused = await office.post("baishi.editor", f"/incidents/{incident}/commands/note", {"text": WORDS, WORDS: WORDS})
    assert refused.status_code == 422

    for request, message, update in (
        ("POST /api/v1/incidents", "StartUpdateWithStartWorkflow:IncidentWorkflow", "HandleUpdate:submit"),
        ("POST /api/v1/incidents/{incident}/commands/note", "StartWorkflowUpdate:note", "HandleUpdate:note"),
    ):
        [spans] = [spans for spans in traced.traces() if {request, update} <= {span.name for span in spans}]
        names = {span.name for span in spans}
        assert {message, "RunActivity:take"} <= names
        here = {span.context.span_id: span for span in spans}
        assert [span.name for span in spans if span.parent is None] == [request]
        assert all(span.parent.span_id in here for span in spans if span.parent)
        appending = next(span for span in spans if span.name == "RunActivity:take")
        written = [span for span in spans if span.parent and span.parent.span_id == appending.context.span_id]
        assert any("INSERT INTO ledger" in str((span.attributes or {}).get("db.statement")) for span in written)

    everything = json.dumps([json.loads(span.to_json()) for spans in traced.traces() for span in spans])
    assert json.dumps(WORDS)[1:-1] not in everything
    assert "baishi.editor" not in everything
    assert incident in everything


async def test_what_goes_wrong_is_told_without_its_words(traced: Traced) -> None:
    tracer = traced.tracing.provider.get_tracer("test")
    with pytest.raises(ValueError, match=WORDS), tracer.start_as_current_span("fails", attributes={"body": WORDS}):
        raise ValueError(WORDS)
    [span] = traced.trace_of("fails")
    assert span.status.status_code is StatusCode.ERROR
    assert [dict(event.attributes or {}) for event in span.events] == [{"exception.type": "ValueError"}]
    assert json.dumps(WORDS)[1:-1] not in span.to_json()


def test_nothing_is_traced_unless_it_is_said_where_to(monkeypatch: pytest.MonkeyPatch) -> None:
    assert start_tracing("worker") is None
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    tracing = start_tracing("worker")
    assert tracing is not None
    assert tracing.provider.resource.attributes["service.name"] == "huiying-worker"
    tracing.provider.shutdown()
    # Without the extra a process says so and goes on.
    monkeypatch.setitem(sys.modules, "runtime.spans", None)
    assert start_tracing("worker") is None
