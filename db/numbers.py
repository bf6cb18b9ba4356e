"""The numbers incidents are known by: 青岫舆〔2026〕1号, drills apart: 演练〔2026〕1号."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import NumberRow
from domain.county import County

_KINDS_OF_COUNTY = "县市区"


async def take_number(session: AsyncSession, county: County, now: datetime, *, drill: bool) -> str:
    """The next number of the year at the county. A number taken for nothing stays a gap."""
    year = now.astimezone(ZoneInfo(county.timezone)).year
    row = insert(NumberRow).values(year=year, drill=drill, last=1)
    counted = row.on_conflict_do_update(index_elements=["year", "drill"], set_={"last": NumberRow.last + 1})
    last = await session.scalar(counted.returning(NumberRow.last))
    series = "演练" if drill else f"{_short(county.name)}舆"
    return f"{series}〔{year}〕{last}号"


def _short(name: str) -> str:
    return name.rstrip(_KINDS_OF_COUNTY) or name
