"""How our API reaches incidents that are polled for: a row in, the outcome by NOTIFY."""

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg

from activities.signatures import Outcome
from api.process import ANSWER_WITHIN, Process, ProcessAway
from domain.sealing import SealedCommand

_ASK = """
WITH asked AS (
    INSERT INTO jobs (incident, due_at, kind, name, message) VALUES ($1, $2, 'command', $3, $4) RETURNING id
)
SELECT id, pg_notify('jobs', '') FROM asked
"""


class PollingProcess(Process):
    def __init__(self, database_url: str, within: timedelta = ANSWER_WITHIN) -> None:
        self._url = database_url.replace("+asyncpg", "")
        self._within = within.total_seconds()
        self._waiting: dict[int, asyncio.Future[Outcome]] = {}
        # What was told before its number was known.
        self._early: dict[int, Outcome] = {}
        self._pool: asyncpg.Pool | None = None
        self._listening: asyncpg.Connection | None = None
        self._opening = asyncio.Lock()

    async def alive(self) -> bool:
        return True

    async def send(self, command: SealedCommand) -> Outcome:
        pool = await self._opened()
        asked = (command.incident, datetime.now(UTC), command.name, command.model_dump_json())
        id_ = int(await pool.fetchval(_ASK, *asked))
        if id_ in self._early:
            return self._early.pop(id_)
        self._waiting[id_] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(self._within):
                return await self._waiting[id_]
        except TimeoutError:
            raise ProcessAway from None
        finally:
            del self._waiting[id_]

    async def close(self) -> None:
        if self._pool is not None and self._listening is not None:
            await self._pool.close()
            await self._listening.close()

    async def _opened(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                self._listening = await asyncpg.connect(self._url)
                await self._listening.add_listener("outcomes", self._hear)
                self._pool = await asyncpg.create_pool(self._url, min_size=2, max_size=20)
        return self._pool

    def _hear(self, _connection: object, _pid: int, _channel: str, told: object) -> None:
        id_, _, outcome = str(told).partition(" ")
        answer = Outcome.model_validate_json(outcome)
        waiting = self._waiting.get(int(id_))
        if waiting is None:
            self._early[int(id_)] = answer
        elif not waiting.done():
            waiting.set_result(answer)
