"""PostgreSQL and Temporal over mutual TLS, with the certificates that `deploy/make-certificates.sh` makes."""

import asyncio
import ssl
import struct
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from db import once
from runtime.embedded.postgres import EmbeddedPostgres
from runtime.embedded.temporal_server import TemporalServer
from runtime.settings import Settings, SettingsError, load_settings
from runtime.temporal import TemporalUnavailable, connect
from tests.chaos.proxy import Proxy

SCRIPT = Path(__file__).parents[2] / "deploy" / "make-certificates.sh"
SSL_REQUEST = struct.pack("!ii", 8, 80877103)
SHORTLY = timedelta(seconds=3)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made twice: the second time, everything but the authority is new."""
    folder = tmp_path_factory.mktemp("tls")
    for _ in range(2):
        subprocess.run((str(SCRIPT), str(folder)), check=True, capture_output=True)
    return folder


def context_of(made: Path, service: str) -> ssl.SSLContext:
    """Of a service that lets nobody in without a certificate of the same authority."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(made / "ca.pem"))
    context.load_cert_chain(made / f"{service}.pem", made / f"{service}.key")
    context.verify_mode = ssl.CERT_REQUIRED
    return context


@asynccontextmanager
async def before(port: int, context: ssl.SSLContext, *, asks_first: bool = False) -> AsyncIterator[int]:
    """The servers of the wheels know no TLS: somebody who does stands before one of them, at the port given.

    `asks_first`: a client asks for TLS in the clear, as PostgreSQL's do.
    """
    proxy = Proxy(port)
    proxy.open.set()

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if asks_first:
            assert await reader.readexactly(len(SSL_REQUEST)) == SSL_REQUEST
            writer.write(b"S")
            try:
                await writer.start_tls(context)
            except (ssl.SSLError, OSError):
                # Who has no certificate is not let in.
                writer.transport.abort()
                return
        await proxy.join(reader, writer)

    front = await asyncio.start_server(join, "127.0.0.1", 0, ssl=None if asks_first else context)
    yield int(front.sockets[0].getsockname()[1])
    proxy.drop()
    front.close()
    await front.wait_closed()


async def is_answered(url: str) -> bool:
    async with once.opened(url) as sessions, sessions() as session:
        return bool(await session.scalar(text("SELECT true")))


async def test_postgresql_is_reached_with_a_certificate_and_not_without(
    postgres: EmbeddedPostgres, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with before(postgres.port, context_of(made, "postgres"), asks_first=True) as port:
        url = postgres.url.replace(f"127.0.0.1:{postgres.port}", f"localhost:{port}")
        monkeypatch.setenv("PGSSLMODE", "verify-full")
        monkeypatch.setenv("PGSSLROOTCERT", str(made / "ca.pem"))
        with pytest.raises((OSError, DBAPIError)):
            await is_answered(url)
        monkeypatch.setenv("PGSSLCERT", str(made / "huiying.pem"))
        monkeypatch.setenv("PGSSLKEY", str(made / "huiying.key"))
        assert await is_answered(url)
        # Somebody else's authority vouches for nobody.
        monkeypatch.setenv("PGSSLROOTCERT", str(made / "huiying.pem"))
        with pytest.raises((OSError, DBAPIError)):
            await is_answered(url)


async def test_temporal_is_reached_with_a_certificate_and_not_without(made: Path, tmp_path: Path) -> None:
    server = TemporalServer(tmp_path).start()
    try:
        context = context_of(made, "temporal")
        context.set_alpn_protocols(["h2"])
        async with before(server.port, context) as port:
            plain = {
                "database_url": "postgresql+asyncpg://nobody@127.0.0.1/none",
                "seal_key": SecretStr("5f0c7e21b9d84a63a1e6d30f52c9874b"),
                "temporal_address": f"127.0.0.1:{port}",
            }
            trusting = plain | {"temporal_ca": (made / "ca.pem").read_text(), "temporal_server_name": "temporal"}
            known = trusting | {
                "temporal_cert": (made / "huiying.pem").read_text(),
                "temporal_key": SecretStr((made / "huiying.key").read_text()),
            }
            for stranger in (plain, trusting):
                with pytest.raises(TemporalUnavailable):
                    await connect(Settings.model_validate(stranger), within=SHORTLY)
            client = await connect(Settings.model_validate(known), within=SHORTLY)
            assert await client.service_client.check_health()
    finally:
        server.stop()


def test_a_certificate_comes_with_its_key() -> None:
    given = {"database_url": "postgresql+asyncpg://h@127.0.0.1/h", "seal_key": "5f0c7e21b9d84a63a1e6d30f52c9874b"}
    with pytest.raises(SettingsError, match="HUIYING_TEMPORAL_CERT and HUIYING_TEMPORAL_KEY come together"):
        load_settings(**given, temporal_cert="-----BEGIN CERTIFICATE-----")
