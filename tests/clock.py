"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)


class FixedClock:
    def __init__(self, at: datetime = START) -> None:
        self.at = at

    async def now(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> datetime:
        self.at += by
        return self.at
