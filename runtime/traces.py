"""Whether this process traces what it does: only where it is told where to, and the extra `traces` is installed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from runtime.log import get_logger

if TYPE_CHECKING:
    from runtime.spans import Tracing

log = get_logger(__name__)

WHERE = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
"""OpenTelemetry's own variables; the others of that name count as well."""


def start_tracing(service: str) -> Tracing | None:
    """Tracing under the name `huiying-<service>`; None where it is not wanted, or cannot be had."""
    if not any(os.environ.get(name) for name in WHERE):
        return None
    try:
        from runtime.spans import Tracing, exporter  # noqa: PLC0415  # An extra, slow to load.
    except ImportError:
        log.warning("traces_not_installed")
        return None
    return Tracing(service, exporter())
