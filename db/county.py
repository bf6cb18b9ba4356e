"""Loads a county from its file."""

from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import policies
from db import directory
from db.once import opened
from domain.county import County

SAMPLE = "sample"


def read_county(source: str | Path) -> County:
    """The county in the file `source`, or the invented one for "sample".

    Raises OSError, and ValueError for a county that could not work or follows a policy that no county can.
    """
    sample = resources.files("runtime").joinpath("sample/county.json")
    county = County.model_validate_json((sample if source == SAMPLE else Path(source)).read_text("utf-8-sig"))
    policies.load_for_county(county.policy)
    return county


async def load_county_file(database_url: str, source: str | Path) -> County:
    """Make the database's county the one in `source`. Repeating it changes nothing."""
    county = read_county(source)
    async with opened(database_url) as sessions, sessions.begin() as session:
        await directory.save_county(session, county)
        await directory.end_access_of_inactive(session, datetime.now(UTC))
    return county
