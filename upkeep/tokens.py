"""Tokens for officers, issued where the database is at hand."""

from datetime import UTC, datetime, timedelta

from db import directory, once
from db.readiness import OUTAGES, is_outage
from domain.access import EVERYTHING, Grantable
from domain.vocabulary import OfficerId
from runtime.drill.client import Tokens, TokenUnavailable

DRILLING = timedelta(hours=12)
"""Longer than any drill, a resumed one included; shorter than anybody remembers it."""


async def issue(
    database_url: str, officer: str, label: str, lifetime: timedelta, scopes: frozenset[Grantable] = EVERYTHING
) -> str:
    """A new token, to be shown once. Raises UnknownOfficer, and OUTAGES while the database is away."""
    now = datetime.now(UTC)
    async with once.opened(database_url) as sessions, sessions.begin() as session:
        return await directory.issue_token(session, OfficerId(officer), now, label, now + lifetime, scopes)


def for_drills(database_url: str) -> Tokens:
    """Issues a token for whoever plays a part."""

    async def issue_one(officer: str) -> str:
        try:
            return await issue(database_url, officer, "huiying drill", DRILLING)
        except OUTAGES as error:
            if not is_outage(error):
                raise
            raise TokenUnavailable(f"database: {type(error).__name__}") from error

    return issue_one
