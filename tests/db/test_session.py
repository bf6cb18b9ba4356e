"""Connections to the database."""

import asyncio

from sqlalchemy import text

from db import directory
from db.session import Sessions, for_reading, make_engine, make_sessions
from domain.county import County


async def test_connections_that_a_restarted_server_cut_are_replaced_unnoticed(
    database_url: str, sessions: Sessions, county: County
) -> None:
    cut = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    left = text("SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()")
    other = make_engine(database_url)

    async def ask() -> County:
        async with sessions() as session:
            return await directory.county(session)

    assert await asyncio.gather(*(ask() for _ in range(3))) == [county] * 3
    async with for_reading(make_sessions(other))() as session, asyncio.timeout(30):
        assert len((await session.execute(cut)).all()) == 3
        while await session.scalar(left):
            pass
    await other.dispose()
    assert await asyncio.gather(*(ask() for _ in range(3))) == [county] * 3


async def test_instants_come_back_in_utc_whatever_the_servers_zone(sessions: Sessions) -> None:
    async with sessions() as session:
        assert await session.scalar(text("SHOW timezone")) == "UTC"


async def test_each_question_of_a_reading_session_stands_alone(sessions: Sessions) -> None:
    async with for_reading(sessions)() as session:
        first = await session.scalar(text("SELECT now()"))
        assert await session.scalar(text("SELECT now()")) > first
