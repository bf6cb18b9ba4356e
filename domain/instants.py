"""Instants: aware, in UTC, of this century."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

_FIRST, _END = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def _to_utc(value: datetime) -> datetime:
    # The bound keeps every later sum representable in Python, PostgreSQL and Temporal alike. It is
    # drawn in UTC, so that an instant accepted once is accepted again when it is read back.
    if not _FIRST <= value < _END:
        raise ValueError("an instant must lie between the years 2000 and 2099")
    return value.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_to_utc)]

FASTEST_HOUR, NATURAL_HOUR = 0.05, 3600.0
HourSeconds = Annotated[float, Field(ge=FASTEST_HOUR, le=NATURAL_HOUR)]
"""Seconds that an hour of a policy lasts; fewer than the natural ones in drills only."""
