"""Access tokens that the office services hand out, kept until shortly before they end."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from channels import NotYet, Throttled
from channels.messengers import Rejected

_T = TypeVar("_T")
_MARGIN = timedelta(minutes=5)
_BUSY = -1
"""WeCom and DingTalk alike: the service itself is in trouble, whoever asks."""


class StaleToken(Exception):
    """The service no longer takes the token it was sent."""


class Tokens:
    """`fetch` asks the service for a token and for how many seconds it lasts."""

    def __init__(self, fetch: Callable[[], Awaitable[tuple[str, int]]]) -> None:
        self._fetch = fetch
        self._held: tuple[str, datetime] | None = None

    async def used(self, call: Callable[[str], Awaitable[_T]], now: datetime) -> _T:
        """What `call` answers with a token that holds; one that does not is renewed once. Raises Rejected."""
        try:
            return await call(await self._token(now))
        except StaleToken:
            self._held = None
        try:
            return await call(await self._token(now))
        except StaleToken:
            raise Rejected("token_refused") from None

    async def _token(self, now: datetime) -> str:
        if self._held is None or self._held[1] <= now:
            token, seconds = await self._fetch()
            lifetime = timedelta(seconds=seconds)
            self._held = (token, now + max(lifetime - _MARGIN, lifetime / 2))
        return self._held[0]


def told(service: str, code: object, limits: frozenset[int]) -> NotYet | Rejected:
    """What an error code inside an answer means: too often, come back later, or never."""
    if code in limits:
        return Throttled(60)
    if code == _BUSY:
        return NotYet(f"{service}_busy", 60)
    return Rejected(f"{service}_{code}")
