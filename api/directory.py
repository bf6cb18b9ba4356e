"""The county as requests see it: read once, kept until it changes."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from db.directory import Counties
from domain.county import County, Roster


class Directory:
    """Keeps the county and what is computed from it. One short query tells whether it changed."""

    def __init__(self) -> None:
        self._counties = Counties()
        self._rostered: tuple[County, Roster] | None = None

    async def county(self, session: AsyncSession, now: datetime) -> County:
        """With the posts that are handed on at this instant. Raises NoCounty."""
        return (await self._counties.current(session)).on(now)

    async def county_at(self, session: AsyncSession, version: int | None, now: datetime) -> County:
        """The same for whoever has just read the county's version. Raises NoCounty."""
        return (await self._counties.at(session, version)).on(now)

    def roster(self, county: County) -> Roster:
        """The roster of all units."""
        if self._rostered is None or self._rostered[0] is not county:
            self._rostered = (county, county.roster())
        return self._rostered[1]
