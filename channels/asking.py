"""Asking a platform over HTTP: what was certainly not sent, what may have arrived, and not too often."""

import json
import time
from collections.abc import Callable
from typing import Any

import httpx2

from channels import Throttled

TIMEOUT = httpx2.Timeout(10, connect=5)
LOOK_AGAIN_SECONDS = 5.0
TOO_MANY = 429
_BROKEN = 500
LARGEST_ANSWER = 1024 * 1024
"""Bytes, unpacked. No platform has so much to say."""


class NotSent(Exception):
    """Nobody was reached: asking again is safe."""


class LostAnswer(Exception):
    """The request may have arrived and been acted on; its answer did not."""


class Allowance:
    """At most `per_minute` requests a minute from this process, in bursts of a few."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._every = 60 / per_minute
        self._burst = max(1, per_minute // 6)
        self._clock = clock
        self._used_up_to = clock()

    def take(self) -> None:
        """Raises Throttled with how long to wait."""
        now = self._clock()
        earliest = max(self._used_up_to, now - self._burst * self._every)
        if earliest > now:
            raise Throttled(earliest - now)
        self._used_up_to = earliest + self._every


Answer = dict[str, Any]


async def ask(http: httpx2.AsyncClient, method: str, url: str, **given: Any) -> tuple[int, Answer]:  # noqa: ANN401  # What httpx2 takes.
    """The status and the JSON object of an answer. Raises NotSent, LostAnswer, Throttled.

    A gateway's error says nothing of what happened behind it, and neither does an answer that is no JSON. Nobody is
    sent on to another address: what is asked holds secrets of the one that stands in the settings.
    """
    try:
        async with http.stream(method, url, timeout=TIMEOUT, follow_redirects=False, **given) as response:
            content = await _read(response)
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
        raise NotSent(type(error).__name__) from None
    except httpx2.TransportError as error:
        # Its text may quote the request; the kind of failure is all that is told.
        raise LostAnswer(type(error).__name__) from None
    if response.status_code == TOO_MANY:
        raise Throttled(_retry_after(response))
    if response.status_code >= _BROKEN:
        raise LostAnswer(f"HTTP {response.status_code}")
    try:
        answer = json.loads(content)
    except ValueError:
        raise LostAnswer(f"HTTP {response.status_code} without JSON") from None
    if not isinstance(answer, dict):
        raise LostAnswer(f"HTTP {response.status_code} without an object")
    return response.status_code, answer


async def _read(response: httpx2.Response) -> bytes:
    """The answer, as far as it is read at all. Raises LostAnswer."""
    content = bytearray()
    async for piece in response.aiter_bytes():
        content += piece
        if len(content) > LARGEST_ANSWER:
            raise LostAnswer(f"HTTP {response.status_code} without end")
    return bytes(content)


def _retry_after(response: httpx2.Response) -> float:
    """Seconds, from the header all use or from Feishu's own; a minute where neither says."""
    told = response.headers.get("retry-after", "") or response.headers.get("x-ogw-ratelimit-reset", "")
    return float(told) if told.isdecimal() else 60.0
