"""What this process counts, for Prometheus. Labels are codes and ids of units and channels: no names, no titles.

They live as long as the process, as its log does, and like the log are reached by their name.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from domain.vocabulary import Channel, Means

# A series for when each of them began is one more for each of them, and nobody asks.
disable_created_metrics()  # type: ignore[no-untyped-call]  # Theirs.
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

CALLS = Counter(
    "huiying_channel_calls",
    "Publications and retractions tried, by outcome: done, parked (waits for a person), lapsed, waiting, failed",
    ["channel", "outcome"],
    registry=REGISTRY,
)
NOTICES = Counter(
    "huiying_notices_sent",
    "Notices tried outside of the inbox, by means and outcome: taken, put_off, refused, undelivered",
    ["means", "outcome"],
    registry=REGISTRY,
)
LEDGER_LAG = Histogram(
    "huiying_ledger_lag_seconds",
    "From when a command was sent until it was decided and its entries written",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
    registry=REGISTRY,
)
REQUESTS = Histogram(
    "huiying_http_request_seconds",
    "Requests answered, by method, route and class of status",
    ["method", "route", "status"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=REGISTRY,
)
AUDITS = Counter("huiying_audits", "Audits of the clocks completed by this process", registry=REGISTRY)
HEARTBEAT_FAILURES = Counter(
    "huiying_heartbeat_failures", "Calls of the watchman outside that did not reach him", registry=REGISTRY
)
HEARTBEAT_AT = Gauge(
    "huiying_heartbeat_timestamp_seconds",
    "When this process last reached the watchman outside",
    registry=REGISTRY,
)

# A counter that is not there yet hides its own first step from whoever looks for an increase.
for _channel in Channel:
    for _outcome in ("done", "parked", "lapsed", "waiting", "failed"):
        CALLS.labels(_channel, _outcome)
for _means in Means:
    for _outcome in ("taken", "put_off", "refused", "undelivered"):
        NOTICES.labels(_means, _outcome)
