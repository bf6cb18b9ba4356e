"""How often somebody did something in the last minute. In memory: each process counts for itself."""

import math
import time

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter


class RateLimits:
    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def take(self, what: str, whose: str, per_minute: int) -> int:
        """Count it if it is within the limit, and say 0; else the seconds until it may be tried again."""
        item = RateLimitItemPerMinute(per_minute)
        if await self._limiter.hit(item, what, whose):
            return 0
        window = await self._limiter.get_window_stats(item, what, whose)
        return max(1, math.ceil(window.reset_time - time.time()))
