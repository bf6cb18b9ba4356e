"""Temporal's development server with a database file of its own, on loopback."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

from runtime.embedded import binaries, ports
from runtime.embedded.launch import Launch, plain_environment, start_process, stop_process

STOP_SECONDS = 15.0
START_SECONDS = 30.0

PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL")
"""A write-ahead log makes the server four times as fast; a crash of a process loses nothing with it."""

DYNAMIC = (
    # By default a timer may fire a second late, and deadlines are shown to the second.
    'history.timerProcessorMaxTimeShift="10ms"',
    # Workflows whose task fails this often in a row are found by TemporalReportedProblems.
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=3",
)


class TemporalServer:
    """One server on the file `root/temporal.db`, which must not be used by another at the same time.

    For tests: `start()` and `stop()`. For a supervisor: run `launch()` and ask `is_ready(pid)`.
    Its UI asks `codec_endpoint` to decode payloads.
    Ports left out: a free one for the server, no UI, and whatever it takes for the other two.
    """

    def __init__(
        self,
        root: Path,
        *,
        port: int | None = None,
        ui_port: int | None = None,
        http_port: int | None = None,
        metrics_port: int | None = None,
        codec_endpoint: str | None = None,
    ) -> None:
        self.root = root.resolve()
        self.database = self.root / "temporal.db"
        self.log = self.root / "temporal.log"
        self.port = port if port is not None else ports.free_port()
        self.ui_port = ui_port
        self.http_port = http_port
        self.metrics_port = metrics_port
        self.codec_endpoint = codec_endpoint
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where clients connect."""
        return f"{ports.LOOPBACK}:{self.port}"

    def launch(self) -> Launch:
        """What to run, once its folder is there."""
        self.root.mkdir(parents=True, exist_ok=True)
        options = ["--ip", ports.LOOPBACK, "--port", str(self.port), "--db-filename", str(self.database)]
        options += ["--log-level", "warn", "--ui-disable-news-fetch"]
        options += ["--ui-port", str(self.ui_port)] if self.ui_port else ["--headless"]
        options += ["--http-port", str(self.http_port)] if self.http_port else []
        options += ["--metrics-port", str(self.metrics_port)] if self.metrics_port else []
        options += ["--ui-codec-endpoint", self.codec_endpoint] if self.codec_endpoint else []
        options += [part for pragma in PRAGMAS for part in ("--sqlite-pragma", pragma)]
        options += [part for value in DYNAMIC for part in ("--dynamic-config-value", value)]
        command = (str(binaries.temporal_binary()), "server", "start-dev", *options)
        return Launch(command, plain_environment(), self.root)

    def is_ready(self, _pid: int) -> bool:
        """Whether the server, and its UI if it has one, accept connections."""
        return all(ports.is_answering(port) for port in (self.port, self.ui_port) if port is not None)

    def start(self, timeout: float = START_SECONDS) -> TemporalServer:
        """Run the server as our child; return when it answers.

        Raises `StackFailed` after `timeout` seconds.
        """
        self._process = start_process(self.launch(), self.log, self.is_ready, timeout)
        return self

    def stop(self) -> None:
        """Stop what `start` started; return when it has gone."""
        process, self._process = self._process, None
        if process is not None:
            stop_process(process, signal.SIGTERM, STOP_SECONDS)
