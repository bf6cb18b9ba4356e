"""Serves the metrics of a process on a port of their own, to Prometheus and to nobody who has no business there."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress

import httpx2
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, Metric, generate_latest
from prometheus_client.registry import Collector

from runtime.log import get_logger
from runtime.metrics import REGISTRY
from runtime.settings import Settings

log = get_logger(__name__)

LONGEST_HEAD = 8 * 1024
PATIENCE_SECONDS = 10.0
"""For a whole request, answer included."""

Gather = Callable[[], Awaitable[Iterable[Metric]]]
"""What is measured at the moment somebody asks."""


class _Gathered(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


async def nothing() -> Iterable[Metric]:
    return ()


class MetricsListener:
    """`sdk_url` is where Temporal's runtime of this process serves its own, on loopback."""

    def __init__(self, token: str, gather: Gather, sdk_url: str | None) -> None:
        self._token = token
        self._gather = gather
        self._sdk_url = sdk_url

    async def page(self) -> bytes:
        """Everything there is, in the text format of Prometheus."""
        return generate_latest(REGISTRY) + generate_latest(_Gathered(await self._gather())) + await self._sdk()

    async def _sdk(self) -> bytes:
        if self._sdk_url is None:
            return b""
        async with httpx2.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS / 2) as http:
            try:
                return (await http.get(self._sdk_url)).content
            except httpx2.TransportError:
                return b""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection."""
        with suppress(TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                status, body = await self._respond(await reader.readuntil(b"\r\n\r\n"))
                head = (
                    f"HTTP/1.1 {status}\r\nContent-Type: {CONTENT_TYPE_PLAIN_0_0_4}\r\n"
                    f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
                )
                writer.write(head.encode() + body)
                await writer.drain()
        writer.close()

    async def _respond(self, head: bytes) -> tuple[str, bytes]:
        first, *lines = head.decode("latin-1").split("\r\n")
        if first.split(" ")[:2] != ["GET", "/metrics"]:
            return "404 Not Found", b""
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        wanted, given = f"Bearer {self._token}".encode(), fields.get("authorization", "").encode()
        if self._token and not hmac.compare_digest(wanted, given):
            return "401 Unauthorized", b""
        return "200 OK", await self.page()


@asynccontextmanager
async def serving_metrics(
    settings: Settings, sdk_url: str | None = None, gather: Gather = nothing
) -> AsyncIterator[None]:
    """Serve them meanwhile, where the settings say. A port that is taken stops no process: it is said in the log."""
    if not settings.metrics_port:
        yield
        return
    listener = MetricsListener(settings.metrics_token.get_secret_value(), gather, sdk_url)
    try:
        server = await asyncio.start_server(
            listener.answer, settings.metrics_host, settings.metrics_port, limit=LONGEST_HEAD
        )
    except OSError:
        log.exception("metrics_not_served", port=settings.metrics_port)
        yield
        return
    async with server:
        yield
