"""The block of ports one stack uses: fixed offsets, so that one number says them all."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass

from runtime.embedded.failure import StackFailed

LOOPBACK = "127.0.0.1"
POLL_SECONDS = 0.05


class PortTaken(StackFailed):
    """Another process listens where this stack would; says which port and how to choose others."""


@dataclass(frozen=True)
class PortBlock:
    """Eight ports from `api` on."""

    api: int

    @property
    def temporal(self) -> int:
        return self.api + 1

    @property
    def temporal_ui(self) -> int:
        return self.api + 2

    @property
    def postgres(self) -> int:
        return self.api + 3

    @property
    def temporal_http(self) -> int:
        return self.api + 4

    @property
    def temporal_metrics(self) -> int:
        return self.api + 5

    @property
    def api_metrics(self) -> int:
        return self.api + 6

    @property
    def worker_metrics(self) -> int:
        return self.api + 7

    def require_free(self, patience: float = 0.0) -> None:
        """Raise `PortTaken` for the first port that somebody else still listens on after `patience` seconds."""
        deadline = time.monotonic() + patience
        uses = {
            self.api: "the API and the bulletin",
            self.temporal: "Temporal",
            self.temporal_ui: "Temporal's UI",
            self.postgres: "PostgreSQL",
            self.temporal_http: "Temporal's HTTP API",
            self.temporal_metrics: "Temporal's metrics",
            self.api_metrics: "the API's metrics",
            self.worker_metrics: "the worker's metrics",
        }
        for port, use in uses.items():
            while not is_free(port) and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
            if not is_free(port):
                raise PortTaken(
                    f"port {port}, needed for {use}, is taken; choose another block with --port P "
                    f"(the stack uses P to P+{len(uses) - 1})"
                )


def is_free(port: int) -> bool:
    """Whether nobody listens on the port; connections that are still closing do not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def is_answering(port: int) -> bool:
    """Whether somebody accepts connections on the port. On loopback the answer is immediate."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=1.0).close()
    except OSError:
        return False
    return True
