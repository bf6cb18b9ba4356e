"""How long the words of an incident are kept after it ended."""

from datetime import datetime, timedelta


def erasable_at(idle_since: datetime, days: int) -> datetime:
    """Instant from which words may go: whole days, natural even in a drill, from the last entry of the ledger.

    Whatever still happens to an ended incident, reopening first of all, counts anew.
    """
    return idle_since + timedelta(days=days)
