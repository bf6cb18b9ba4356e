"""A database for a command that asks a few things and ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from db.session import Sessions, make_sessions


@asynccontextmanager
async def opened(database_url: str) -> AsyncIterator[Sessions]:
    """Sessions that each have a connection of their own: none is kept when nothing is asked."""
    engine = create_async_engine(database_url, poolclass=NullPool, hide_parameters=True)
    try:
        yield make_sessions(engine)
    finally:
        await engine.dispose()
