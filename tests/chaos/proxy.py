"""A way through to a port of this machine that can become slow, break, or swallow what goes over it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

PIECE = 64 * 1024


@dataclass
class Proxy:
    """From `port` to `target`. While `open` is clear nothing passes in either direction, and nobody is told."""

    target: int
    port: int = 0
    delay: float = 0.0
    """Seconds each piece takes."""
    open: asyncio.Event = field(default_factory=asyncio.Event)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def drop(self) -> None:
        """Break every connection there is, as a router does that forgets them all."""
        for writer in self._writers:
            writer.transport.abort()

    async def join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            onward = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        self._writers |= {writer, onward[1]}
        try:
            await asyncio.gather(self._carry(reader, onward[1]), self._carry(onward[0], writer))
        finally:
            self._writers -= {writer, onward[1]}

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(PIECE):
                await asyncio.sleep(self.delay)
                await self.open.wait()
                writer.write(piece)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def through(target: int) -> AsyncIterator[Proxy]:
    """A proxy to the port, on a port of its own, that lets everything through at first."""
    proxy = Proxy(target)
    proxy.open.set()
    server = await asyncio.start_server(proxy.join, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        proxy.open.set()
        proxy.drop()
        server.close()
        await server.wait_closed()
