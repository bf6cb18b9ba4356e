"""Brings a database's schema to the newest step."""

import asyncio

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, pool, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

_LOCK = 0x6875_6979
_WAIT = "3s"
"""How long a step may wait for a table. Whoever asks for it meanwhile stands behind it."""
_ATTEMPTS = 10
_LOCK_NOT_AVAILABLE = "55P03"


def upgrade(database_url: str) -> None:
    """Run every step that is missing, in one transaction. Safe to run twice, also at the same time, and beside the
    version before this one: tests/db/test_widening.py says what a step may do.

    Not for use inside an event loop: give it a thread there.
    """
    asyncio.run(_upgrade(database_url))


async def _upgrade(database_url: str) -> None:
    # An engine of its own: a migration may take longer than any statement of the process.
    engine = create_async_engine(database_url, poolclass=pool.NullPool, hide_parameters=True)
    try:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                async with engine.begin() as connection:
                    await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                    await connection.execute(text(f"SET LOCAL lock_timeout = '{_WAIT}'"))
                    await connection.run_sync(_run)
            except DBAPIError as error:
                # A long transaction has the table: let others through, then try again.
                if attempt == _ATTEMPTS or getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                    raise
            else:
                return
    finally:
        await engine.dispose()


def _run(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", "db:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
