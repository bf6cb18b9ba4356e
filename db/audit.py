"""Proves that a ledger is whole, or names what is wrong with it."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncSession

from db import anchors, ledger, projections, texts
from db.chain import Link, read
from db.projections import stored_state
from db.tables import IncidentRow
from domain.anchoring import Anchor, Head, anchor_problems
from domain.folding import fold
from domain.hashing import GENESIS
from domain.vocabulary import IncidentId

# A state that an older version stored is folded anew when it is read, so it may differ.
_BY_STATE = frozenset({"state", "state_version"})


async def verify(session: AsyncSession, incident: IncidentId) -> list[str]:
    """What is wrong: entries rewritten, removed, moved or added, a head, state or words that do not fit.

    Empty: nothing.
    """
    query = select(*IncidentRow.__table__.columns).where(IncidentRow.id == incident)
    row = (await session.execute(query)).mappings().one_or_none()
    links = await ledger.links(session, incident)
    anchored = list(anchored_problems(links, await anchors.anchored(session, incident)))
    words = [f"the words of {digest} were changed" for digest in await texts.altered(session, incident)]
    if row is None:
        missing = "the incident has no row" if links or anchored else "there is no such incident"
        return [*chain_problems(links), *anchored, missing, *words]
    found = [*chain_problems(links), *head_problems(links, (row["head_seq"], row["head_hash"])), *anchored]
    return [*(found or _row_problems(incident, links, row)), *words]


async def verify_anchors(session: AsyncSession) -> list[str]:
    """What is wrong with the anchors themselves: rewritten, removed, moved, not signed, over other heads."""
    found: list[str] = []
    before: Anchor | None = None
    missing = await anchors.numbers(session)
    async for played in anchors.play(session):
        found += anchor_problems(before, played.tree, played.anchor)
        before = played.anchor
        missing.discard(before.number)
    return found + [f"anchor {number} is missing or cannot be read" for number in sorted(missing)]


def _row_problems(incident: IncidentId, links: Sequence[Link], row: RowMapping) -> Iterator[str]:
    """What does not fit in the row of a ledger that is whole."""
    try:
        folded = fold(map(read, links), incident)
    except (ValueError, LookupError, TypeError, AttributeError):
        # Each can be read, and no process would have written them one after the other.
        yield "the entries cannot be folded: what they say does not go together"
        return
    try:
        kept = stored_state(row["state"], row["state_version"], row["head_seq"])
        fits = kept is None or kept == folded
    except ValueError:
        fits = False
    if not fits:
        yield "the stored state is not what the entries fold to"
    expected = projections.row(folded, row["head_hash"], row["updated_at"]) if folded else {}
    # Another version's state, and what it counted of it, is folded anew where it is read.
    anew = _BY_STATE if row["state_version"] == projections.STATE_VERSION else _BY_STATE | {"course"}
    wrong = sorted(name for name in expected if name not in anew and row[name] != expected[name])
    if wrong:
        yield f"the row says something else than the entries: {', '.join(wrong)}"


def chain_problems(links: Sequence[Link]) -> Iterator[str]:
    """What the entries themselves show, in the order of their sequence."""
    before: Link | None = None
    for link in links:
        expected = before.seq + 1 if before else 1
        if link.seq < expected:
            yield f"entry {link.seq} has no place in the chain: added from outside"
            continue
        if link.seq > expected:
            yield _range(expected, link.seq - 1, "missing")
        elif link.prev != (before.hash if before else GENESIS):
            yield f"entry {link.seq} does not follow the entry before it"
        if link.hash != link.expected_hash():
            yield f"entry {link.seq} does not have its hash: it was rewritten"
        elif not _readable(link):
            yield f"entry {link.seq} cannot be read"
        before = link


def head_problems(links: Sequence[Link], head: tuple[int, str]) -> Iterator[str]:
    """What shows beside the row that names the last entry."""
    last = links[-1].seq if links else 0
    if last < head[0]:
        yield _range(last + 1, head[0], "missing")
    elif last > head[0]:
        yield _range(head[0] + 1, last, "not known to the incident's row: added from outside")
    elif links[-1].hash != head[1]:
        yield f"entry {last} is not the one the incident's row names"


def anchored_problems(links: Sequence[Link], anchored: Mapping[int, Head]) -> Iterator[str]:
    """What shows beside the heads in anchors, by the anchors' numbers: a past rewritten so that the chain fits.

    Names the entries that no earlier anchor vouches for, up to the one that was anchored.
    """
    hashes, whole = {link.seq: link.hash for link in links}, 0
    for number, head in anchored.items():
        if hashes.get(head.seq) == head.hash:
            whole = max(whole, head.seq)
        elif head.seq not in hashes:
            yield _range(min(len(links), head.seq - 1) + 1, head.seq, f"missing, but anchor {number} was made over it")
        else:
            yield _range(min(whole, head.seq - 1) + 1, head.seq, f"not what anchor {number} was made over: rewritten")


def _range(first: int, last: int, what: str) -> str:
    return f"entry {first} is {what}" if first == last else f"entries {first} to {last} are {what}"


def _readable(link: Link) -> bool:
    try:
        read(link)
    except ValueError:
        return False
    return True
