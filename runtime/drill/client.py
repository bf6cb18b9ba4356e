"""The public HTTP API as an officer uses it: a token each, a key for each request, patience with a restart."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, Protocol, Self

import httpx2

from domain.refusals import Language
from runtime.drill.failure import DrillFailed

PATIENCE_SECONDS = 180.0
"""How long a server may be away. A supervisor needs seconds, a person who restarts it by hand a minute or two."""
_PAUSE_SECONDS = 0.5
_TIMEOUT = httpx2.Timeout(30, connect=3)
_REFUSALS = (403, 404, 409, 412, 422)
_SERVER_ERROR = 500


class DrillError(DrillFailed):
    """The drill cannot go on; the message says why."""


class TokenUnavailable(Exception):
    """No token could be had right now: the place that issues them does not answer."""


class Tokens(Protocol):
    """Issues a bearer token for an officer. Raises TokenUnavailable when trying again may help."""

    def __call__(self, officer: str) -> Awaitable[str]: ...


class Answer(NamedTuple):
    """What a request came to. A refusal is an answer, too: `code` and `detail` of its problem."""

    status: int
    body: dict[str, Any]

    @property
    def refused(self) -> bool:
        return self.status in _REFUSALS

    @property
    def code(self) -> str:
        return str(self.body.get("code", ""))

    @property
    def detail(self) -> str:
        return str(self.body.get("detail") or self.body.get("title") or self.status)


class Client:
    """Sends requests and sends them again, with the same key, while the servers are away.

    `on_trouble` hears what is wrong once, and None once it is over.
    """

    def __init__(
        self,
        base: str,
        tokens: Tokens,
        language: Language,
        on_trouble: Callable[[str | None], None],
        patience: float = PATIENCE_SECONDS,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """`transport` carries the requests in place of the network."""
        # A proxy in the environment is for the outside world; a drill talks to the servers beside it.
        self._http = httpx2.AsyncClient(
            base_url=base.rstrip("/"), timeout=_TIMEOUT, trust_env=False, transport=transport
        )
        self._issue = tokens
        self._tokens: dict[str, str] = {}
        self._language = language
        self._on_trouble = on_trouble
        self._patience = patience

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def get(self, path: str, officer: str, **query: str | int) -> object:
        """The JSON at `path`. Raises DrillError for anything but 200."""
        answer = await self._persist(officer, self._http.build_request("GET", path, params=query))
        if answer.status_code != httpx2.codes.OK:
            raise DrillError(f"GET {path}: {answer.status_code} {_detail(answer)}")
        return answer.json()

    async def send(self, method: str, path: str, officer: str, key: str, body: Mapping[str, Any]) -> Answer:
        """What came of it: accepted or refused. Raises DrillError for anything else."""
        request = self._http.build_request(method, path, json=dict(body), headers={"Idempotency-Key": key})
        answer = await self._persist(officer, request)
        if answer.is_success or answer.status_code in _REFUSALS:
            # Whoever may not read the incident is answered with nothing.
            return Answer(answer.status_code, answer.json() if answer.content else {})
        raise DrillError(f"{method} {path}: {answer.status_code} {_detail(answer)}")

    async def _persist(self, officer: str, request: httpx2.Request) -> httpx2.Response:
        """The first answer that is no outage, within the patience. Repeating is harmless: the key is the same."""
        began = time.monotonic()
        troubled = False
        while True:
            try:
                answer = await self._once(officer, request)
            except (httpx2.TransportError, TokenUnavailable) as error:
                trouble = str(error) or type(error).__name__
            else:
                if answer.status_code < _SERVER_ERROR:
                    if troubled:
                        self._on_trouble(None)
                    return answer
                trouble = f"{answer.status_code} {_problem(answer).get('title') or answer.reason_phrase}"
            if time.monotonic() - began > self._patience:
                raise DrillError(f"{request.method} {request.url.path}: {trouble}")
            if not troubled:
                self._on_trouble(trouble)
                troubled = True
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _once(self, officer: str, request: httpx2.Request) -> httpx2.Response:
        if officer not in self._tokens:
            self._tokens[officer] = await self._issue(officer)
        request.headers["Authorization"] = f"Bearer {self._tokens[officer]}"
        request.headers["Accept-Language"] = self._language.value
        return await self._http.send(request)


def _problem(answer: httpx2.Response) -> dict[str, Any]:
    """The problem an answer describes; empty when it describes none."""
    body = answer.json() if "json" in answer.headers.get("content-type", "") else None
    return body if isinstance(body, dict) else {}


def _detail(answer: httpx2.Response) -> str:
    problem = _problem(answer)
    said = [str(problem[name]) for name in ("detail", "errors") if problem.get(name)]
    return "; ".join(said) or answer.reason_phrase
