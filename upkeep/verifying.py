"""Proves that ledgers are whole and that what is computed from them fits."""

from collections.abc import Callable

from db import audit, once, reads
from domain.vocabulary import IncidentId


async def verify(database_url: str, incident: str | None, say: Callable[[str], None]) -> bool:
    """Say what is wrong with the ledger of one incident, or of all; whether everything is right."""
    right = True
    async with once.opened(database_url) as sessions, sessions() as session:
        chosen = [IncidentId(incident)] if incident else sorted(await reads.all_incidents(session))
        for one in chosen:
            for problem in await audit.verify(session, one):
                say(f"{one}: {problem}")
                right = False
    say(f"{len(chosen)} verified: {'nothing is wrong' if right else 'see above'}")
    return right
