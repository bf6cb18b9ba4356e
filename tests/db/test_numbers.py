"""Numbers of incidents."""

import asyncio
from datetime import UTC, datetime

import pytest

from db.numbers import take_number
from db.session import Sessions
from domain.county import County
from tests.clock import START


async def take(sessions: Sessions, county: County, now: datetime = START, *, drill: bool = False) -> str:
    async with sessions.begin() as session:
        return await take_number(session, county, now, drill=drill)


async def test_numbers_rise_and_drills_are_counted_apart(sessions: Sessions, county: County) -> None:
    taken = [await take(sessions, county, drill=drill) for drill in (False, False, True, False)]
    assert taken == ["青岫舆〔2026〕1号", "青岫舆〔2026〕2号", "演练〔2026〕1号", "青岫舆〔2026〕3号"]


async def test_the_year_is_that_of_the_county(sessions: Sessions, county: County) -> None:
    last_minute, first_minute = datetime(2026, 12, 31, 15, 59, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert await take(sessions, county, last_minute) == "青岫舆〔2026〕1号"
    assert await take(sessions, county, first_minute) == "青岫舆〔2027〕1号"


async def test_no_number_is_given_twice(sessions: Sessions, county: County) -> None:
    taken = await asyncio.gather(*(take(sessions, county) for _ in range(10)))
    assert sorted(taken) == sorted(f"青岫舆〔2026〕{number}号" for number in range(1, 11))


@pytest.mark.parametrize(("name", "number"), [("云岭市", "云岭舆〔2026〕1号"), ("青岫", "青岫舆〔2026〕1号")])
async def test_the_series_bears_the_countys_short_name(
    sessions: Sessions, county: County, name: str, number: str
) -> None:
    assert await take(sessions, county.model_copy(update={"name": name})) == number
