"""Whether the database has what this version of the program needs, and whether an error means it is away."""

import errno
import socket
from functools import cache

import asyncpg
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from db.directory import NoCounty

OUTAGES = (DBAPIError, PoolTimeout, OSError, asyncpg.PostgresError, asyncpg.InterfaceError, NoCounty)
"""What may be raised while the database is away; `is_outage` says whether it really means that."""

# Connection trouble, no room left, and a server that is shutting down or starting.
_AWAY_CLASSES = ("08", "53", "57")
_NO_TABLE = "42P01"


def is_outage(error: Exception) -> bool:
    """Whether the same request may succeed later without anybody changing it."""
    if isinstance(error, DBAPIError):
        state = str(getattr(error.orig, "sqlstate", None) or "")
        unusable = isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
        return unusable or state.startswith(_AWAY_CLASSES)
    # SQLAlchemy passes on as they are the errors of a connection that never came about.
    return isinstance(error, OUTAGES)


def mended_by_a_person(error: Exception) -> str | None:
    """What is wrong with the database, in a few words; None where the program is."""
    if isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == _NO_TABLE:
        return "the database lacks tables: run `huiying migrate` first"
    if isinstance(error, NoCounty):
        return str(error)
    if isinstance(error, OSError) and not _is_of_a_connection(error):
        return None
    if isinstance(error, OUTAGES) and is_outage(error):
        return f"the database cannot be used: {getattr(error, 'orig', None) or error}"
    return None


def _is_of_a_connection(error: OSError) -> bool:
    """And not of a file or a full disk. Several attempts that failed come as one error without a number."""
    kinds = (ConnectionError, TimeoutError, socket.gaierror)
    return isinstance(error, kinds) or error.errno in (None, errno.ENETUNREACH, errno.EHOSTUNREACH)


@cache
def _steps() -> tuple[str, frozenset[str]]:
    """The newest migration, and all of them."""
    config = Config()
    config.set_main_option("script_location", "db:migrations")
    scripts = ScriptDirectory.from_config(config)
    return str(scripts.get_current_head()), frozenset(step.revision for step in scripts.walk_revisions())


async def is_migrated(session: AsyncSession) -> bool:
    """Whether no migration is missing. A database ahead of this version is fine: it is being rolled out."""
    try:
        current = await session.scalar(text("SELECT version_num FROM alembic_version"))
    except ProgrammingError:
        # The table of migrations does not exist yet.
        return False
    head, known = _steps()
    return current is not None and (current == head or current not in known)
