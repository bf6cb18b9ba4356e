"""Loads a county from its file."""

from importlib import resources
from pathlib import Path

from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from db import directory
from db.session import make_sessions
from domain.county import County

SAMPLE = "sample"


def read_county(source: str | Path) -> County:
    """The county in the file `source`, or the invented one for "sample". Raises OSError, ValueError."""
    if source == SAMPLE:
        return County.model_validate_json(resources.files("runtime").joinpath("sample/county.json").read_text("utf-8"))
    return County.model_validate_json(Path(source).read_text("utf-8"))


async def load_county_file(database_url: str, source: str | Path) -> County:
    """Make the database's county the one in `source`. Repeating it changes nothing."""
    county = read_county(source)
    engine = create_async_engine(database_url, poolclass=NullPool, hide_parameters=True)
    try:
        async with make_sessions(engine).begin() as session:
            await directory.save_county(session, county)
    finally:
        await engine.dispose()
    return county
