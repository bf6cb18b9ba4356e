"""The schema as the migrations make it."""

import asyncio

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from db.migrate import upgrade
from db.once import opened
from db.readiness import is_migrated
from db.tables import Base
from runtime.embedded.postgres import EmbeddedPostgres


async def test_the_migrations_make_exactly_the_tables_declared(engine: AsyncEngine) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, Base.metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrating_an_empty_database_twice_at_once_does_it_once(postgres: EmbeddedPostgres) -> None:
    url = postgres.create_database("empty")
    async with opened(url) as sessions, sessions() as session:
        assert not await is_migrated(session)
    await asyncio.gather(*(asyncio.to_thread(upgrade, url) for _ in range(3)))
    async with opened(url) as sessions, sessions() as session:
        assert await is_migrated(session)
    postgres.drop_database("empty")
