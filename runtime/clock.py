"""The one source of "now" for everything outside workflows.

Workflows have a clock of their own (`workflow.now()`), and SQL never calls `now()`, so a
test can move all time there is by giving another `Clock`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time. Asynchronous, because a test server is asked over the network."""

    async def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The clock of this machine."""

    async def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)
