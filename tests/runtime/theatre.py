"""Drills played in tests: against the real API and process, with the network in between made worse at will."""

import asyncio
import io
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import httpx2
from rich.console import Console
from sqlalchemy import select

from db import ledger
from db.tables import BulletinRow
from domain import events as e
from domain.incident import Incident as State
from domain.refusals import Language
from domain.vocabulary import IncidentId, Origin
from runtime.drill.run import Run
from runtime.drill.script import load
from runtime.drill.stage import Surroundings, play
from runtime.drill.views import Incident
from tests.api.conftest import Running

WIDTH = 100


class Forgetful(httpx2.AsyncBaseTransport):
    """Every POST and PUT arrives and is carried out, and its first answer is lost on the way back."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner
        self._lost: set[str] = set()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self._inner.handle_async_request(request)
        key = request.headers.get("idempotency-key")
        if key is not None and key not in self._lost:
            self._lost.add(key)
            raise httpx2.ReadError("the answer was lost")
        return answer


class Slow(httpx2.AsyncBaseTransport):
    """Requests whose path ends in one of `until` arrive only once what it names there has come true."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, until: Mapping[str, Callable[[], Awaitable[bool]]]) -> None:
        self._inner = inner
        self._until = until

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        for ending, come_true in self._until.items():
            # What is waited for happens in a database, which tells nobody.
            while request.url.path.endswith(ending) and not await come_true():  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        return await self._inner.handle_async_request(request)


class Over(Exception):
    """The test has seen what it wanted to see."""


class Away(httpx2.AsyncBaseTransport):
    """Nobody answers until `back` attempts have been made; then `inner` does, until `over` raises Over."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, back: float, over: float = math.inf) -> None:
        self._inner = inner
        self._back = back
        self._over = over
        self.attempts = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.attempts += 1
        if self.attempts <= self._back:
            raise httpx2.ConnectError("connection refused")
        if self.attempts > self._over:
            raise Over
        return await self._inner.handle_async_request(request)


@dataclass
class Theatre:
    """One place to play drills at; `told` is all that the narrators said so far."""

    running: Running
    told: io.StringIO = field(default_factory=io.StringIO)

    @property
    def transport(self) -> httpx2.AsyncBaseTransport:
        return self.running.office.http._transport

    async def play(
        self,
        run: Run,
        transport: httpx2.AsyncBaseTransport | None = None,
        language: Language = Language.ZH,
        patience: float = 60,
    ) -> Incident:
        around = Surroundings(
            api="http://127.0.0.1:8080",
            tokens=self.running.office.token,
            console=Console(file=self.told, width=WIDTH, highlight=False),
            language=language,
            addresses={"bulletin": "http://127.0.0.1:8080/public", "temporal": "http://127.0.0.1:8082/{incident}"},
            patience=patience,
            transport=transport or self.transport,
        )
        return await play(load(run.name), lambda: run, around)

    async def facts(self, incident: str) -> list[tuple[str | None, e.Fact]]:
        """What commands brought into the ledger, with their actors."""
        async with self.running.sessions() as session:
            entries = await ledger.entries(session, IncidentId(incident))
        return [(entry.by.actor, entry.fact) for entry in entries if entry.by.origin is Origin.UPDATE]

    async def state(self, incident: str) -> State:
        """The incident as the ledger has it."""
        async with self.running.sessions() as session:
            found = await ledger.load(session, IncidentId(incident))
        assert found is not None
        return found

    async def on_bulletin(self, incident: str) -> list[str]:
        """Kinds of the releases that were put on the bulletin."""
        async with self.running.sessions() as session:
            kinds = select(BulletinRow.kind).where(BulletinRow.incident == incident)
            return list(await session.scalars(kinds.order_by(BulletinRow.published_at)))

    async def on_bulletin_of_all(self) -> set[str]:
        """The same of every incident there is."""
        async with self.running.sessions() as session:
            return set(await session.scalars(select(BulletinRow.kind)))
