"""The services of this machine that everybody is measured on, and the processes of each contestant."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx2
import psutil
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from bench.incident import OFFICERS
from bench.opponents import READY
from bench.opponents.dbos_worker import SYSTEM_DATABASE
from bench.opponents.polling_worker import SCHEMA
from db import directory
from db.county import SAMPLE, load_county_file
from db.migrate import upgrade
from db.once import opened
from domain.vocabulary import OfficerId
from runtime.deployment import is_at_work
from runtime.embedded.addresses import NAMESPACE, PROJECT
from runtime.embedded.launch import own_variables, plain_environment, stop_process
from runtime.embedded.ports import LOOPBACK, free_port
from runtime.embedded.postgres import EmbeddedPostgres
from runtime.embedded.temporal_server import TemporalServer
from runtime.keys import new_codec_ring
from runtime.settings import Settings, load_settings
from runtime.temporal import connect, prepare_namespace

READY_SECONDS = 60.0
STOP_SECONDS = 20.0
_POLL_SECONDS, _ASKED_SECONDS = 0.05, 0.3
OURS, DBOS, POLLING, BARE, TUNED = "huiying", "dbos", "polling", "bare", "bare tuned"
TITLES: Mapping[str, str] = {
    OURS: "Huiying",
    DBOS: "DBOS Transact",
    POLLING: "polling scheduler",
    BARE: "bare Temporal",
    TUNED: "bare Temporal, our worker's settings",
}


@dataclass
class Services:
    """PostgreSQL and Temporal as `huiying up` starts them, durable and with nothing left out."""

    root: Path
    postgres: EmbeddedPostgres
    temporal: TemporalServer
    template: str = "template_of_bench"

    def prepare(self) -> None:
        """A database with every table and the sample county, to be copied."""
        url = self.postgres.create_database(self.template)
        with ThreadPoolExecutor(1) as thread:
            # Both start an event loop of their own.
            thread.submit(upgrade, url).result()
            thread.submit(lambda: asyncio.run(load_county_file(url, SAMPLE))).result()

    def processes(self) -> list[psutil.Process]:
        return [psutil.Process(pid) for pid in (_pid_of(self.postgres), _pid_of(self.temporal))]


def _pid_of(server: EmbeddedPostgres | TemporalServer) -> int:
    process = server._process  # noqa: SLF001  # What it costs is asked of nobody else.
    assert process is not None
    return process.pid


@contextmanager
def services(root: Path) -> Iterator[Services]:
    """Both servers, until the block ends."""
    postgres, temporal = EmbeddedPostgres(root / "postgres"), TemporalServer(root / "temporal")
    temporal.root.mkdir(parents=True)
    try:
        found = Services(root, postgres.start(), temporal.start())
        found.prepare()
        yield found
    finally:
        temporal.stop()
        postgres.stop()


@dataclass
class Contestant:
    """One engine with its processes and its database. `bare` ones have neither API nor database."""

    name: str
    services: Services
    environment: dict[str, str] = field(default_factory=dict)
    api: str = ""
    tokens: dict[str, str] = field(default_factory=dict)
    id: str = field(default_factory=lambda: uuid4().hex[:8])
    """Of this start: what an earlier one left open in Temporal is not taken up."""
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def bare(self) -> bool:
        return self.name in {BARE, TUNED}

    @property
    def queue(self) -> str:
        return f"{self.name.replace(' ', '-')}-{self.id}"

    @property
    def settings(self) -> Settings:
        given = {name.removeprefix("HUIYING_").lower(): value for name, value in self.environment.items()}
        return load_settings(**{name: value for name, value in given.items() if name != SYSTEM_DATABASE.lower()})

    async def client(self) -> Client:
        """Of the Temporal server, reading what the contestant writes there."""
        if self.bare:
            return await Client.connect(self.services.temporal.address, data_converter=pydantic_data_converter)
        return await connect(self.settings)

    async def start(self) -> None:
        if not self.bare:
            await self._found()
            await self._start_api()
        await self.start_worker()

    async def start_worker(self) -> None:
        """Return when it works."""
        since = datetime.now(UTC)
        modules = {
            OURS: ("worker",),
            DBOS: ("bench.opponents.dbos_worker",),
            POLLING: ("bench.opponents.polling_worker",),
        }
        options = ("--tuned",) if self.name == TUNED else ()
        bare = ("bench.opponents.bare_worker", self.services.temporal.address, self.queue, *options)
        self._launch("worker", *modules.get(self.name, bare))
        if self.name != OURS:
            while READY not in self._log("worker").read_text():
                self._check("worker")
                await asyncio.sleep(_POLL_SECONDS)
            return
        client, settings = await self.client(), self.settings
        while not await _is_at_work(client, settings, since):
            self._check("worker")
            await asyncio.sleep(_ASKED_SECONDS)

    def kill_worker(self) -> None:
        worker = self.running.pop("worker")
        worker.kill()
        worker.wait()

    def stop(self) -> None:
        for process in reversed(self.running.values()):
            stop_process(process, signal.SIGTERM, STOP_SECONDS)
        self.running.clear()

    def processes(self) -> dict[str, psutil.Process]:
        return {name: psutil.Process(process.pid) for name, process in self.running.items()}

    async def _found(self) -> None:
        """Its database, its keys, and a token for each officer who acts."""
        postgres = self.services.postgres
        url = postgres.create_database(self.queue, template=self.services.template)
        port = free_port()
        self.api = f"http://{LOOPBACK}:{port}"
        named = {
            "database_url": url,
            "temporal_address": self.services.temporal.address,
            "temporal_namespace": NAMESPACE,
            "task_queue": self.queue,
            "deployment": self.queue,
            "api_port": str(port),
            "attachments_url": (self.services.root / f"attachments-{self.queue}").as_uri(),
            "seal_keys": f"k1:{os.urandom(32).hex()}",
            "codec_keys": new_codec_ring("k1"),
            "embedded": "true",
            # What is measured is not how often one officer may report.
            "submissions_per_minute": "1000000",
        }
        self.environment = {f"HUIYING_{name.upper()}": value for name, value in named.items()}
        if self.name == DBOS:
            system = postgres.create_database(f"{self.queue}-system").replace("+asyncpg", "")
            self.environment[SYSTEM_DATABASE] = system
        if self.name == OURS:
            await prepare_namespace(await self.client())
        async with opened(url) as sessions, sessions.begin() as session:
            now = datetime.now(UTC)
            for officer in OFFICERS:
                token = directory.issue_token(session, OfficerId(officer), now, "bench", now + timedelta(days=1))
                self.tokens[officer] = await token
        if self.name == POLLING:
            connection = await asyncpg.connect(url.replace("+asyncpg", ""))
            await connection.execute(SCHEMA)
            await connection.close()

    async def _start_api(self) -> None:
        module = ("api",) if self.name == OURS else ("bench.opponents.api", self.name)
        self._launch("api", *module)
        async with asyncio.timeout(READY_SECONDS), httpx2.AsyncClient(trust_env=False) as http:
            while True:
                self._check("api")
                try:
                    if (await http.get(f"{self.api}/healthz")).status_code == httpx2.codes.OK:
                        return
                except httpx2.TransportError:
                    await asyncio.sleep(_POLL_SECONDS)

    def _launch(self, name: str, module: str, *arguments: str) -> None:
        environment = plain_environment() | own_variables() | self.environment
        with self._log(name).open("wb") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                env=environment,
                cwd=PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _log(self, name: str) -> Path:
        return self.services.root / f"{self.queue}-{name}.log"

    def _check(self, name: str) -> None:
        if (code := self.running[name].poll()) is not None:
            raise RuntimeError(f"the {name} of {self.name} ended with {code}: see {self.services.root}")


async def _is_at_work(client: Client, settings: Settings, since: datetime) -> bool:
    """Whether the worker gets tasks. A server that does not know its version yet, or is asked too often, says so."""
    try:
        return await is_at_work(client, settings, since)
    except RPCError:
        return False
