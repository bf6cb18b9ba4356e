"""Tests reach nothing beyond loopback."""

import asyncio
import socket

import pytest

from tests.network import ReachedOutside, is_local

# Reserved for documentation (RFC 5737, RFC 3849): nothing answers there even if the guard failed.
OUTSIDE = ("192.0.2.1", "2001:db8::1")


@pytest.mark.parametrize("address", OUTSIDE)
def test_a_socket_to_the_outside_is_refused(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as tcp:
        tcp.setblocking(False)
        with pytest.raises(ReachedOutside):
            tcp.connect((address, 443))
        with pytest.raises(ReachedOutside):
            tcp.connect_ex((address, 443))
    with socket.socket(family, socket.SOCK_DGRAM) as udp, pytest.raises(ReachedOutside):
        udp.sendto(b"", (address, 53))


async def test_asyncio_is_refused_as_well() -> None:
    with pytest.raises(ReachedOutside):
        await asyncio.open_connection(OUTSIDE[0], 443)
    with pytest.raises(ReachedOutside):
        await asyncio.open_connection("example.invalid", 443)


def test_names_are_not_looked_up_outside() -> None:
    with pytest.raises(ReachedOutside):
        socket.getaddrinfo("example.invalid", 443)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.8.8", "", None, b"127.0.0.2"])
def test_loopback_is_allowed(host: object) -> None:
    assert is_local(host)


async def test_a_server_on_loopback_is_reached() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()

    server = await asyncio.start_server(greet, "localhost", 0)
    async with server:
        reader, writer = await asyncio.open_connection("localhost", server.sockets[0].getsockname()[1])
        assert await reader.read() == b"hello"
        writer.close()
        await writer.wait_closed()
