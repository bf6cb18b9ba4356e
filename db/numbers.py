"""The numbers incidents are known by: 青岫舆〔2026〕1号, drills apart: 演练〔2026〕1号."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from domain.county import County

_COUNT = text(
    """
    INSERT INTO numbers AS n (year, drill, last) VALUES (:year, :drill, 1)
    ON CONFLICT (year, drill) DO UPDATE SET last = n.last + 1 RETURNING last
    """
)
_KINDS_OF_COUNTY = "县市区"


async def take_number(session: AsyncSession, county: County, now: datetime, *, drill: bool) -> str:
    """The next number of the year at the county. A number taken for nothing stays a gap."""
    year = now.astimezone(ZoneInfo(county.timezone)).year
    last = await session.scalar(_COUNT, {"year": year, "drill": drill})
    series = "演练" if drill else f"{_short(county.name)}舆"
    return f"{series}〔{year}〕{last}号"


def _short(name: str) -> str:
    return name.rstrip(_KINDS_OF_COUNTY) or name
