"""The API as officers use it, without a network: a token each, a fresh key for each POST."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
from fastapi import FastAPI
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import SecretStr
from starlette.routing import BaseRoute
from temporalio.client import Client

from api.app import create_app
from db import directory
from db.session import Sessions
from domain.vocabulary import OfficerId
from runtime.clock import Clock
from runtime.passwords import Passwords
from runtime.settings import Settings
from runtime.temporal import TemporalUnavailable

SEAL_KEY = "a key of tests, long enough for anybody"


def settings_for(database_url: str, **changes: object) -> Settings:
    given = {"database_url": database_url, "seal_key": SecretStr(SEAL_KEY), "show_drills": True}
    # Tests report what takes a county a month.
    given |= {"submissions_per_minute": 100_000, "logins_per_minute": 1000}
    given |= {"uploads_per_minute": 100_000, "documents_per_minute": 100_000} | changes
    return Settings.model_validate(given)


CHEAP_PASSWORDS = Passwords(Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1))
"""Tests sign in often, and guess more often."""
# In ASCII, so that a test can send what is no text at all.
_JSON = {"Content-Type": "application/json"}


async def unreachable() -> Client:
    raise TemporalUnavailable("not in this test")


class Office:
    """Requests answer as they would over the network; what goes wrong inside is a 500, not an exception."""

    def __init__(self, app: FastAPI, sessions: Sessions, clock: Clock) -> None:
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080")
        self.app = app
        self.sessions = sessions
        self._clock = clock
        self._tokens: dict[str, str] = {}

    async def token(self, officer: str, expires_at: datetime | None = None) -> str:
        async with self.sessions.begin() as session:
            now = await self._clock.now()
            return await directory.issue_token(session, OfficerId(officer), now, "test", expires_at)

    async def headers(self, officer: str) -> dict[str, str]:
        if officer not in self._tokens:
            self._tokens[officer] = await self.token(officer)
        return {"Authorization": f"Bearer {self._tokens[officer]}"}

    async def get(self, officer: str, path: str, **params: str | int) -> httpx2.Response:
        return await self.http.get(f"/api/v1{path}", params=params or None, headers=await self.headers(officer))

    async def post(
        self, officer: str, path: str, body: Mapping[str, Any], key: str | None = None, **headers: str
    ) -> httpx2.Response:
        sent = await self.headers(officer) | {"Idempotency-Key": key or uuid4().hex, **_JSON} | headers
        return await self.http.post(f"/api/v1{path}", content=json.dumps(body), headers=sent)

    async def upload(
        self, officer: str, incident: str, content: bytes | AsyncIterator[bytes], key: str | None = None, **headers: str
    ) -> httpx2.Response:
        sent = await self.headers(officer) | {"Idempotency-Key": key or uuid4().hex} | headers
        return await self.http.post(f"/api/v1/incidents/{incident}/attachments", content=content, headers=sent)

    async def put(self, officer: str, path: str, body: Mapping[str, Any], **headers: str) -> httpx2.Response:
        return await self.http.put(f"/api/v1{path}", json=body, headers=await self.headers(officer) | headers)

    async def done(self, officer: str, path: str, body: Mapping[str, Any], key: str | None = None) -> dict[str, Any]:
        """The answer to a POST that has to succeed."""
        answer = await self.post(officer, path, body, key)
        assert answer.is_success, answer.text
        answered: dict[str, Any] = answer.json()
        return answered

    async def command(self, officer: str, incident: str, name: str, **fields: object) -> dict[str, Any]:
        return await self.done(officer, f"/incidents/{incident}/commands/{name}", fields)

    async def submission(self, **changes: object) -> dict[str, Any]:
        """A general incident of 白石镇."""
        detected_at = await self._clock.now() - timedelta(minutes=20)
        return {
            "title": "白石镇集镇停水",
            "summary": "集镇主供水管爆裂,约两千户停水。",
            "category": "livelihood",
            "level": "general",
            "townships": ["baishi"],
            "detected_at": detected_at.isoformat(),
            "source": "hotline",
        } | changes

    async def submitted(self, officer: str = "baishi.editor", **changes: object) -> str:
        """A new incident's id."""
        return str((await self.done(officer, "/incidents", await self.submission(**changes)))["id"])


def draft(kind: str = "first", **changes: object) -> dict[str, Any]:
    return {
        "kind": kind,
        "title": "关于白石镇集镇停水的情况说明",
        "body": "供水抢修正在进行。\n\n预计今晚恢复。",
        "channels": ["bulletin"],
    } | changes


@asynccontextmanager
async def serving(app: FastAPI, sessions: Sessions, clock: Clock) -> AsyncIterator[Office]:
    """The app between its start and its end, as a server would run it."""
    async with app.router.lifespan_context(app):
        office = Office(app, sessions, clock)
        async with office.http:
            yield office


_routes: list[BaseRoute] = []
"""Of the first app: what a route asks for is worked out at its first request, which takes longer than most tests."""


def app_for(settings: Settings, clock: Clock, client: Client | None = None) -> FastAPI:
    """An API process; without a client, Temporal is down for it."""

    async def connect() -> Client:
        return client if client is not None else await unreachable()

    app = create_app(settings, clock, connect, CHEAP_PASSWORDS)
    if _routes:
        app.router.routes[:] = _routes
    else:
        _routes.extend(app.router.routes)
    return app
