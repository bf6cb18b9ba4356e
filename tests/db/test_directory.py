"""The county in the database, and the tokens of its officers."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db import directory
from db.county import load_county_file, read_county
from db.session import Sessions
from db.tables import CountyRow, OfficerRow, PostRow, TokenRow, UnitRow
from domain.county import County
from domain.vocabulary import OfficerId
from tests.clock import START

HEAD = OfficerId("baishi.head")


async def test_the_county_comes_back_exactly_as_it_was_saved(sessions: Sessions, county: County) -> None:
    async with sessions() as session:
        assert await directory.county(session) == county


async def test_saving_the_same_county_again_changes_nothing(
    sessions: Sessions, county: County, database_url: str
) -> None:
    await load_county_file(database_url, "sample")
    async with sessions() as session:
        assert await directory.county(session) == county


async def test_two_loads_at_once_leave_one_county(database_url: str, sessions: Sessions, county: County) -> None:
    await asyncio.gather(*(load_county_file(database_url, "sample") for _ in range(4)))
    async with sessions() as session:
        assert await directory.county(session) == county


async def test_who_is_no_longer_in_the_file_becomes_inactive_and_keeps_their_name(
    sessions: Sessions, county: County
) -> None:
    left = [officer for officer in county.officers if officer.id != HEAD]
    smaller = county.model_copy(update={"officers": tuple(left)})
    async with sessions.begin() as session:
        await directory.save_county(session, smaller)
    async with sessions() as session:
        assert await directory.county(session) == smaller
        assert (await directory.names(session))[HEAD]
        assert await session.scalar(select(OfficerRow.active).where(OfficerRow.id == HEAD)) is False
    async with sessions.begin() as session:
        await directory.save_county(session, county)
    async with sessions() as session:
        assert await directory.county(session) == county


async def test_a_database_without_a_county_says_so(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await session.execute(delete(CountyRow))
        with pytest.raises(directory.NoCounty, match="load-county"):
            await directory.county(session)
        with pytest.raises(directory.NoCounty, match="load-county"):
            await directory.Counties().current(session)


@pytest.mark.parametrize(
    "change",
    [
        update(OfficerRow).where(OfficerRow.id == HEAD).values(active=False),
        update(UnitRow).where(UnitRow.id == "baishi").values(name="白石新镇"),
        update(PostRow).where(PostRow.officer == HEAD).values(title="镇长"),
        delete(PostRow).where(PostRow.officer == HEAD),
        update(CountyRow).values(policy="national-2016"),
    ],
    ids=["officer", "unit", "post", "post gone", "county"],
)
async def test_a_kept_county_is_read_anew_after_any_change(sessions: Sessions, change: object) -> None:
    counties = directory.Counties()
    async with sessions() as session:
        before = await counties.current(session)
        assert await counties.current(session) is before
    async with sessions.begin() as session:
        await session.execute(change)  # type: ignore[call-overload]  # One statement of several kinds.
    async with sessions() as session:
        after = await counties.current(session)
        assert after == await directory.county(session)
        assert after != before


async def officer_of(session: AsyncSession, token_hash: str, now: datetime) -> str | None:
    found = await directory.living_token(session, token_hash, now)
    return found.officer if found else None


async def test_a_token_is_its_officers_until_it_expires_or_is_revoked(sessions: Sessions) -> None:
    expires = START + timedelta(days=30)
    async with sessions.begin() as session:
        for_ever = await directory.issue_token(session, HEAD, START, "drill")
        for_a_month = await directory.issue_token(session, HEAD, START, "drill", expires)
    hashes = [directory.hash_token(token) for token in (for_ever, for_a_month)]
    async with sessions() as session:
        kept = set(await session.scalars(select(TokenRow.hash)))
        assert kept == set(hashes)
        assert [await officer_of(session, h, START) for h in hashes] == [HEAD, HEAD]
        assert [await officer_of(session, h, expires) for h in hashes] == [HEAD, None]
        assert await officer_of(session, for_ever, START) is None
        assert await officer_of(session, directory.hash_token(""), START) is None
    async with sessions.begin() as session:
        await directory.revoke_token(session, hashes[0], START)
        assert await officer_of(session, hashes[0], START) is None


async def test_the_token_of_an_officer_who_left_opens_nothing(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        token = await directory.issue_token(session, HEAD, START, "drill")
        await session.execute(update(OfficerRow).where(OfficerRow.id == HEAD).values(active=False))
        assert await officer_of(session, directory.hash_token(token), START) is None
        with pytest.raises(directory.UnknownOfficer):
            await directory.issue_token(session, HEAD, START, "drill")


async def test_nobody_unknown_gets_a_token(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        with pytest.raises(directory.UnknownOfficer):
            await directory.issue_token(session, OfficerId("who.ever"), START, "drill")


def test_the_sample_county_is_whole() -> None:
    assert read_county("sample").name == "青岫县"


@pytest.mark.parametrize(
    ("change", "because"),
    [
        ({"policy": "unknown-2020"}, "unknown-2020"),
        ({"policy": "drill"}, "is for drills"),
        ({"timezone": "Mars/Base"}, "no time zone 'Mars/Base'"),
        ({"name": ""}, "name"),
        ({"name": "青岫县\0"}, "name"),
    ],
)
def test_a_county_that_could_not_work_is_refused(
    tmp_path: Path, county: County, change: dict[str, str], because: str
) -> None:
    file = tmp_path / "county.json"
    file.write_text(county.model_copy(update=change).model_dump_json())
    with pytest.raises(ValueError, match=because):
        read_county(file)


def test_a_county_file_may_begin_as_some_editors_have_it(tmp_path: Path, county: County) -> None:
    file = tmp_path / "county.json"
    file.write_text(county.model_dump_json(), "utf-8-sig")
    assert read_county(file) == county
