"""Proves that a ledger is whole, or names what is wrong with it."""

from collections.abc import Iterator, Sequence

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncSession

from db import ledger, projections
from db.chain import GENESIS, Link, read
from db.projections import stored_state
from db.tables import IncidentRow
from domain.folding import fold
from domain.vocabulary import IncidentId

Head = tuple[int, str]

# A state that an older version stored is folded anew when it is read, so it may differ.
_BY_STATE = frozenset({"state", "state_version"})


async def verify(session: AsyncSession, incident: IncidentId) -> list[str]:
    """What is wrong: entries rewritten, removed, moved or added, a head or state that does not fit. Empty: nothing."""
    query = select(*IncidentRow.__table__.columns).where(IncidentRow.id == incident)
    row = (await session.execute(query)).mappings().one_or_none()
    links = await ledger.links(session, incident)
    if row is None:
        return [*chain_problems(links), "the incident has no row" if links else "there is no such incident"]
    found = [*chain_problems(links), *head_problems(links, (row["head_seq"], row["head_hash"]))]
    return found or list(_row_problems(incident, links, row))


def _row_problems(incident: IncidentId, links: Sequence[Link], row: RowMapping) -> Iterator[str]:
    """What does not fit in the row of a ledger that is whole."""
    folded = fold(map(read, links), incident)
    kept = stored_state(row["state"], row["state_version"], row["head_seq"])
    if kept is not None and kept != folded:
        yield "the stored state is not what the entries fold to"
    expected = projections.row(folded, row["head_hash"], row["updated_at"]) if folded else {}
    wrong = sorted(name for name in expected if name not in _BY_STATE and row[name] != expected[name])
    if wrong:
        yield f"the row says something else than the entries: {', '.join(wrong)}"


def chain_problems(links: Sequence[Link]) -> Iterator[str]:
    """What the entries themselves show, in the order of their sequence."""
    before: Link | None = None
    for link in links:
        expected = before.seq + 1 if before else 1
        if link.seq != expected:
            yield _range(expected, link.seq - 1, "missing")
        elif link.prev != (before.hash if before else GENESIS):
            yield f"entry {link.seq} does not follow the entry before it"
        if link.hash != link.expected_hash():
            yield f"entry {link.seq} does not have its hash: it was rewritten"
        elif not _readable(link):
            yield f"entry {link.seq} cannot be read"
        before = link


def head_problems(links: Sequence[Link], head: Head) -> Iterator[str]:
    """What shows beside the row that names the last entry."""
    last = links[-1].seq if links else 0
    if last < head[0]:
        yield _range(last + 1, head[0], "missing")
    elif last > head[0]:
        yield _range(head[0] + 1, last, "not known to the incident's row: added from outside")
    elif links[-1].hash != head[1]:
        yield f"entry {last} is not the one the incident's row names"


def _range(first: int, last: int, what: str) -> str:
    return f"entry {first} is {what}" if first == last else f"entries {first} to {last} are {what}"


def _readable(link: Link) -> bool:
    try:
        read(link)
    except ValueError:
        return False
    return True
