"""Instants: aware, in UTC, of this century."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime


def _to_utc(value: datetime) -> datetime:
    # The bound keeps every later sum representable in Python, PostgreSQL and Temporal alike.
    if not 2000 <= value.year < 2100:
        raise ValueError("an instant must lie between the years 2000 and 2099")
    return value.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_to_utc)]
