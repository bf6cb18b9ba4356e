"""How far the calls on a channel have come. A row outlives whoever made the call."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from db.publications import Place
from db.session import Sessions
from db.tables import CallRow


@dataclass
class StoredCall:
    """One attempt to publish at a place. Every change is committed before anything else happens."""

    sessions: Sessions
    place: Place
    attempt: int
    begun_at: datetime | None = None
    handle: str | None = None

    @classmethod
    async def of(cls, sessions: Sessions, place: Place, attempt: int) -> Self:
        """The call as last left."""
        one = cls(sessions, place, attempt)
        columns = select(CallRow.begun_at, CallRow.handle)
        async with sessions() as session:
            found = (await session.execute(columns.filter_by(**one._key))).one_or_none()
        if found is not None:
            one.begun_at, one.handle = found
        return one

    @property
    def _key(self) -> dict[str, object]:
        return {
            "incident": self.place.incident,
            "release": self.place.release,
            "version": self.place.version,
            "channel": self.place.channel,
            "attempt": self.attempt,
        }

    async def begin(self, now: datetime, handle: str | None = None) -> None:
        await self._save(self.begun_at or now, handle or self.handle)

    async def keep(self, handle: str) -> None:
        await self._save(self.begun_at, handle)

    async def undo(self, handle: str | None = None) -> None:
        await self._save(None, handle)

    async def _save(self, begun_at: datetime | None, handle: str | None) -> None:
        values = {"begun_at": begun_at, "handle": handle}
        row = insert(CallRow).values(**self._key, **values)
        async with self.sessions.begin() as session:
            await session.execute(row.on_conflict_do_update(index_elements=list(self._key), set_=values))
        self.begun_at, self.handle = begun_at, handle
