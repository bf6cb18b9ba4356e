"""docker-compose.yml without containers: what of its services can run here, runs as it says, on servers of their own.

PostgreSQL and Temporal are those of the wheels; Temporal's schema, its configuration and its UI need their images.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from runtime.embedded.binaries import temporal_binary
from runtime.embedded.ports import free_port
from runtime.embedded.postgres import EmbeddedPostgres
from runtime.embedded.temporal_server import TemporalServer
from runtime.keys import new_codec_ring
from tests.whole.stack import wait_until

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
REQUIRED = ("POSTGRES_PASSWORD", "HUIYING_DB_PASSWORD", "TEMPORAL_DB_PASSWORD")
RUN_HERE = {"create-databases", "migrate", "temporal-namespace", "worker", "api"}
NEED_THEIR_IMAGES = {"postgres", "temporal-schema", "temporal", "temporal-ui"}


def services(settings: Mapping[str, str], *files: str) -> dict[str, Any]:
    """The services as Compose understands them, with nothing but these settings."""
    chosen = [part for file in files for part in ("--file", file)]
    command = (str(BIN / "docker-compose"), *chosen, "config", "--format", "json")
    told = subprocess.run(command, cwd=ROOT, env=dict(settings), capture_output=True, text=True, check=True).stdout
    found: dict[str, Any] = json.loads(told)["services"]
    return found


@dataclass
class Host:
    """This machine in place of the containers' network: their addresses and folders are others here."""

    services: dict[str, Any]
    elsewhere: dict[str, str]
    path: str

    def run(self, name: str) -> None:
        """A service that ends by itself, to its end."""
        done = subprocess.run(
            self.command(name), env=self.environment(name), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (name, done.stdout[-2000:], done.stderr[-2000:])

    @contextmanager
    def running(self, name: str, log: Path) -> Iterator[None]:
        """A service that goes on, for as long as the block does; it ends in the time it is given, when told to."""
        with log.open("wb") as out:
            process = subprocess.Popen(self.command(name), env=self.environment(name), cwd=ROOT, stdout=out, stderr=out)
        try:
            wait_until(lambda: self.is_healthy(name) or process.poll() is not None, f"{name} is healthy")
            assert process.poll() is None, log.read_text()
            yield
            process.send_signal(signal.SIGTERM)
            code = process.wait(int(self.services[name]["stop_grace_period"].removesuffix("s")))
            # uvicorn, its work done, ends as whoever told it to stop expects of a program that it does not know.
            assert code in (0, -signal.SIGTERM), log.read_text()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()

    def is_healthy(self, name: str) -> bool:
        how, *command = self.services[name]["healthcheck"]["test"]
        assert how == "CMD"
        probe = [self._here(part) for part in command]
        return subprocess.run(probe, env={"PATH": self.path}, capture_output=True, check=False).returncode == 0

    def command(self, name: str) -> list[str]:
        service = self.services[name]
        return [self._here(part) for part in (*(service.get("entrypoint") or ()), *(service.get("command") or ()))]

    def environment(self, name: str) -> dict[str, str]:
        given = {
            key: self._here(value) for key, value in self.services[name]["environment"].items() if value is not None
        }
        return {"PATH": self.path, **given}

    def _here(self, value: str) -> str:
        for there, here in self.elsewhere.items():
            value = value.replace(there, here)
        return value


@pytest.fixture
def settings(folder: Path) -> dict[str, str]:
    """What deploy/compose.env.example asks for, and nothing else."""
    kept = folder / "secrets"
    kept.mkdir()
    (kept / "seal_keys").write_text(f"k1:{secrets.token_hex(32)}")
    (kept / "codec_keys").write_text(new_codec_ring("k1"))
    anchor = subprocess.run(("openssl", "rand", "-base64", "32"), capture_output=True, text=True, check=True).stdout  # noqa: S607  # Whichever there is.
    return {
        **{name: secrets.token_hex(16) for name in REQUIRED},
        "HUIYING_SECRETS": str(kept),
        "HUIYING_ANCHOR_KEY": anchor.strip(),
        "HUIYING_PUBLIC_URL": "https://county.example",
    }


@pytest.fixture
def host(folder: Path, settings: dict[str, str]) -> Iterator[Host]:
    postgres = EmbeddedPostgres(folder / "postgres", user="postgres", database="spare", durable=False)
    temporal = TemporalServer(folder / "temporal")
    api, metrics = str(free_port()), {name: str(free_port()) for name in ("api", "worker")}
    postgres.start()
    temporal.start()
    described = services(settings)
    for name, port in metrics.items():
        # Containers each have a port 9464 of their own.
        described[name] = json.loads(json.dumps(described[name]).replace("9464", port))
    described["create-databases"]["environment"] |= {"PGPORT": str(postgres.port), "PGPASSWORD": postgres.password}
    elsewhere = {
        "postgres:5432": f"127.0.0.1:{postgres.port}",
        "temporal:7233": temporal.address,
        "/run/secrets": settings["HUIYING_SECRETS"],
        "file:///attachments": (folder / "attachments").as_uri(),
        "/deploy/create-databases": str(ROOT / "deploy/postgres/create-databases"),
        "/deploy/create-namespace": str(ROOT / "deploy/temporal/create-namespace"),
        "8080": api,
        "0.0.0.0": "127.0.0.1",  # noqa: S104  # What is served to the other containers is served to nobody here.
    }
    described["create-databases"]["environment"]["PGHOST"] = "127.0.0.1"
    path = os.pathsep.join((str(BIN), str(postgres.bin), str(temporal_binary().parent), os.environ["PATH"]))
    yield Host(described, elsewhere, path)
    temporal.stop()
    postgres.stop()


@pytest.mark.long
def test_the_services_work_as_the_file_describes_them(host: Host, folder: Path) -> None:
    host.run("create-databases")
    host.run("migrate")
    host.run("temporal-namespace")
    # Each may run again, as it does whenever everything is started.
    host.run("create-databases")
    host.run("migrate")
    county = subprocess.run(
        (str(BIN / "huiying"), "load-county", "sample"), env=host.environment("api"), capture_output=True, check=False
    )
    assert county.returncode == 0, county.stderr
    with host.running("worker", folder / "worker.log"), host.running("api", folder / "api.log"):
        token = subprocess.run(
            (str(BIN / "huiying"), "token", "qixia.editor"),
            env=host.environment("api"),
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        report = {
            "title": "桥头路面塌陷",
            "summary": "无人员伤亡。",
            "category": "livelihood",
            "level": "general",
            "townships": ["qixia"],
            "detected_at": datetime.now(UTC).isoformat(),
            "source": "social",
        }
        url = f"http://127.0.0.1:{host.elsewhere['8080']}/api/v1/incidents"
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "1"}
        answer = httpx2.post(url, json=report, headers=headers, timeout=30)
        assert answer.status_code == 201, answer.text
        assert answer.json()["stale"] is False


def test_every_service_is_run_here_or_needs_its_image(settings: dict[str, str]) -> None:
    described = services(settings)
    assert set(described) == RUN_HERE | NEED_THEIR_IMAGES
    for name, service in described.items():
        goes_on = service.get("restart") == "unless-stopped"
        assert service["deploy"]["resources"]["limits"].keys() >= {"cpus", "memory"}, name
        assert ("healthcheck" in service) == goes_on, name
        assert service["cap_drop"] == ["ALL"], name
        # A tag that moves is another program tomorrow.
        assert ":" in service["image"], name
        assert not service["image"].endswith(":latest"), name


def test_with_tls_whoever_reaches_postgresql_or_temporal_shows_a_certificate(settings: dict[str, str]) -> None:
    described = services(settings | {"HUIYING_TLS": "/srv/tls"}, "docker-compose.yml", "deploy/compose.tls.yml")
    for name, service in described.items():
        held = {secret["source"] for secret in service["secrets"]}
        assert "ca.pem" in held, name
        assert any(one.endswith(".key") for one in held), name
        # What is told of a file is there.
        told = {value.removeprefix("/run/secrets/") for value in _words(service) if value.startswith("/run/secrets/")}
        assert told <= held, name


def _words(service: Mapping[str, Any]) -> Iterator[str]:
    yield from (value for value in service.get("environment", {}).values() if value)
    yield from (part.rpartition("=")[2] for part in service.get("command") or ())
