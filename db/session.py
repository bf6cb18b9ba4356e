"""Engines and sessions. Whoever opens a session commits it; no query does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import AdaptedConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

Sessions = async_sessionmaker[AsyncSession]

_SERVER_SETTINGS = {
    "application_name": "huiying",
    "timezone": "UTC",
    # Statements here are short; compiling one costs more than running it.
    "jit": "off",
    # A statement or a transaction that hangs must not hold an incident's row for ever.
    "statement_timeout": "15s",
    "idle_in_transaction_session_timeout": "60s",
}


def make_engine(url: str, *, pool_size: int = 10, pool_timeout: float = 30) -> AsyncEngine:
    """An engine for `postgresql+asyncpg://…`, whose sessions wait `pool_timeout` seconds for a connection.

    Errors name no parameters, since these can be words of a text. Connections are tried before use: a restarted
    server is noticed here and not in the middle of a request. That the socket is still open says too little: what
    the server said at its end may not have been read yet.
    """
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=pool_timeout,
        hide_parameters=True,
        connect_args={"server_settings": _SERVER_SETTINGS},
    )
    event.listen(engine.sync_engine, "checkout", _try_out)
    return engine


def _try_out(connection: AdaptedConnection, *_: object) -> None:
    """In one round trip: SQLAlchemy's own ping puts a transaction around it, which makes three."""
    try:
        connection.run_async(lambda driver: driver.execute("SELECT 1"))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        raise InvalidatePoolError from None


def make_sessions(engine: AsyncEngine) -> Sessions:
    return async_sessionmaker(engine, expire_on_commit=False)


def for_reading(sessions: Sessions) -> Sessions:
    """Sessions on the same connections whose statements stand each alone, as READ COMMITTED has it anyway: two round
    trips less, for BEGIN and ROLLBACK. What they write is committed at once.
    """
    engine: AsyncEngine = sessions.kw["bind"]
    return async_sessionmaker(engine.execution_options(isolation_level="AUTOCOMMIT"), expire_on_commit=False)


@asynccontextmanager
async def snapshot(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """A session for reads that all see the database as the first of them does."""
    async with sessions() as session:
        _ = await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session
