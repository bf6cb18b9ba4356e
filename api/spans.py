"""A span for every request. Needs the extra `traces`."""

from fastapi import FastAPI
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.metrics import NoOpMeterProvider

from runtime.spans import Tracing

UNTRACED = "healthz,readyz,/api/v1/events"
"""Asked all the time, or open all day."""


def trace_requests(app: FastAPI, tracing: Tracing) -> None:
    FastAPIInstrumentor.instrument_app(
        app,
        tracer_provider=tracing.provider,
        meter_provider=NoOpMeterProvider(),
        excluded_urls=UNTRACED,
        exclude_spans=["receive", "send"],
    )
