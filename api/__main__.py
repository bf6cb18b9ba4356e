"""`python -m api` serves the API on the host and port of the settings."""

import uvicorn

from api.app import create_app
from runtime.log import configure_logging
from runtime.sdk import start_runtime
from runtime.settings import load_settings
from runtime.traces import start_tracing

LONGEST_HEAD = 32 * 1024
GRACE_SECONDS = 9
"""How long what was asked may take to be answered once the process is told to stop: longer than any command waits for
its process, and shorter than whoever told it to is patient.
"""


def main() -> None:
    settings = load_settings()
    configure_logging(settings.log_level)
    sdk_url = start_runtime(metrics=bool(settings.metrics_port))
    tracing = start_tracing("api")
    app = create_app(settings, sdk_url=sdk_url, tracing=tracing)
    if tracing is not None:
        from api.spans import trace_requests  # noqa: PLC0415  # An extra.

        trace_requests(app, tracing)
    uvicorn.run(
        app,
        host=settings.api_host,
        port=settings.api_port,
        # What a proxy says of where a request comes from counts for how often it may be sent.
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        log_config=None,
        # One event of our own for each request says more, and holds no query.
        access_log=False,
        server_header=False,
        # Bytes of a request's line and headers together: the longest address a page of ours has, many times over.
        http="h11",
        h11_max_incomplete_event_size=LONGEST_HEAD,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


if __name__ == "__main__":
    main()
