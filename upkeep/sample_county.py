"""The invented county with logins for its officers, on one machine, for whoever wants to see it."""

from datetime import UTC, datetime
from pathlib import Path

from db import accounts, county, directory, once
from runtime.embedded.files import write_atomically
from runtime.passwords import Passwords, one_time_password


async def load_sample_county(database_url: str) -> None:
    """Where no county is loaded yet."""
    try:
        async with once.opened(database_url) as sessions, sessions() as session:
            await directory.county_version(session)
    except directory.NoCounty:
        await county.load_county_file(database_url, county.SAMPLE)


async def give_logins(database_url: str, file: Path) -> bool:
    """One password for all of them, kept in `file`; only where the county is the invented one and nobody can sign in
    yet. Whether it was so. Cut short, it begins anew.
    """
    sample = county.read_county(county.SAMPLE)
    async with once.opened(database_url) as sessions, sessions.begin() as session:
        known = await directory.county(session)
        invented = known.name == sample.name and {o.id for o in known.officers} <= {o.id for o in sample.officers}
        if not invented or await accounts.any_account(session):
            return False
        password = one_time_password()
        hashed, now = await Passwords().hash(password), datetime.now(UTC)
        for officer in known.officers:
            await accounts.set_password(session, officer.id, hashed, now, must_change=False)
        write_atomically(file, password)
        return True
