"""Temporal's own runtime in this process: its log lines go where ours go, and its metrics to a port on loopback."""

import logging
from dataclasses import replace

from temporalio import activity, workflow
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
)

from runtime.embedded.ports import LOOPBACK, free_port

LATENESS = "huiying_timer_lateness_seconds"
"""What processes record when a timer fires: `workflows.incident`."""
_LATE = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200)


def make_runtime(metrics_port: int | None) -> Runtime:
    """A runtime that logs through the logger `temporalio.core`, without what its messages hold."""
    default = LoggingConfig.default
    forwarding = LogForwardingConfig(logging.getLogger("temporalio.core"), append_log_fields_to_message=False)
    metrics = (
        PrometheusConfig(
            bind_address=f"{LOOPBACK}:{metrics_port}",
            durations_as_seconds=True,
            histogram_bucket_overrides={LATENESS: _LATE},
        )
        if metrics_port
        else None
    )
    return Runtime(telemetry=TelemetryConfig(logging=replace(default, forwarding=forwarding), metrics=metrics))


def start_runtime(*, metrics: bool) -> str | None:
    """Set it as that of the whole process; where its metrics are, if they are wanted."""
    # What these add to a message stands beside it already.
    workflow.logger.workflow_info_on_message = False
    activity.logger.activity_info_on_message = False
    port = free_port() if metrics else None
    Runtime.set_default(make_runtime(port))
    return f"http://{LOOPBACK}:{port}/metrics" if port else None
