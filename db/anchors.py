"""Anchors as they are kept: made, listed, and played again from the first."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from pydantic import ValidationError
from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.ledger import within_reach
from db.tables import AnchorHeadRow, AnchorRow, LedgerRow
from domain.anchoring import Anchor, Head, Move, Tree
from domain.hashing import Algorithm
from domain.vocabulary import Digest, IncidentId

_LOCK = text("SELECT pg_advisory_xact_lock(:lock)")
_LOCK_NUMBER = 0x616E_6368
_COLUMNS = tuple(within_reach(getattr(AnchorRow, name)) for name in Anchor.model_fields)

# An incident whose row is gone stays where it was last seen: its head is no less anchored.
_HEADS = text(
    """
    WITH anchored AS (
        SELECT DISTINCT ON (incident) incident, position, seq, hash FROM anchor_heads ORDER BY incident, number DESC
    )
    SELECT coalesce(i.id, a.incident), coalesce(i.head_seq, a.seq), coalesce(i.head_hash, a.hash), a.position,
        (i.head_seq, i.head_hash) IS DISTINCT FROM (a.seq, a.hash) AND i.id IS NOT NULL
    FROM incidents i FULL JOIN anchored a ON a.incident = i.id
    ORDER BY a.position NULLS LAST, i.submitted_at, i.id
    """
)


@dataclass(frozen=True)
class Standing:
    """All heads as they are now, in the order of their leaves, and those of them that no anchor is over yet."""

    heads: Sequence[Head]
    moved: Sequence[Move]


@dataclass(frozen=True)
class Played:
    """An anchor with the tree over all heads then, which changes when the next is played."""

    anchor: Anchor
    tree: Tree


class KeyUse(NamedTuple):
    """A public key and the first and last anchor that it signed."""

    key: str
    first: int
    last: int


async def lock(session: AsyncSession) -> None:
    """Let one process at a time make an anchor, until its transaction ends."""
    await session.execute(_LOCK, {"lock": _LOCK_NUMBER})


async def standing(session: AsyncSession, number: int) -> Standing:
    """As anchor `number` will find it."""
    heads: list[Head] = []
    moved: list[Move] = []
    for incident, seq, digest, _, has_moved in await session.execute(_HEADS):
        head = Head(IncidentId(incident), seq, digest)
        if has_moved:
            moved.append(Move(number, len(heads), head))
        heads.append(head)
    return Standing(heads, moved)


async def add(session: AsyncSession, anchor: Anchor, moved: Sequence[Move]) -> None:
    await session.execute(insert(AnchorRow).values(**anchor.model_dump()))
    rows = [{"number": number, "position": position, **head._asdict()} for number, position, head in moved]
    await session.execute(insert(AnchorHeadRow), rows)


async def page(session: AsyncSession, before: int | None = None, limit: int | None = None) -> list[Anchor]:
    """Anchors numbered below `before` (None: all), the newest first, but for rows that are none any more."""
    query = select(*_COLUMNS).order_by(AnchorRow.number.desc()).limit(limit)
    if before is not None:
        query = query.where(AnchorRow.number < before)
    return [anchor for row in await session.execute(query) if (anchor := _read(row._asdict()))]


def _read(row: dict[str, Any]) -> Anchor | None:
    """None where somebody changed the row: the anchor is missed where it stood."""
    try:
        return Anchor.model_validate(row)
    except ValidationError:
        return None


async def newest(session: AsyncSession) -> Anchor | None:
    return next(iter(await page(session, limit=1)), None)


async def keys(session: AsyncSession) -> list[KeyUse]:
    """Every key that ever signed, in the order in which they came."""
    first = func.min(AnchorRow.number)
    query = select(AnchorRow.key, first, func.max(AnchorRow.number)).group_by(AnchorRow.key).order_by(first)
    return [KeyUse(*row) for row in await session.execute(query)]


async def anchored(session: AsyncSession, incident: IncidentId) -> dict[int, Head]:
    """The incident's heads by the numbers of the anchors before which they had moved, in order."""
    query = select(AnchorHeadRow.number, AnchorHeadRow.seq, AnchorHeadRow.hash)
    found = await session.execute(query.where(AnchorHeadRow.incident == incident).order_by(AnchorHeadRow.number))
    return {number: Head(incident, seq, digest) for number, seq, digest in found}


async def incidents(session: AsyncSession) -> set[IncidentId]:
    """All incidents that an anchor was ever made over."""
    return {IncidentId(id_) for id_ in await session.scalars(select(AnchorHeadRow.incident).distinct())}


async def numbers(session: AsyncSession) -> set[int]:
    """Of all anchors that heads are kept for."""
    return set(await session.scalars(select(AnchorHeadRow.number).distinct()))


async def moves(session: AsyncSession) -> list[Move]:
    """All there ever were, in order."""
    columns = (AnchorHeadRow.number, AnchorHeadRow.position, AnchorHeadRow.incident, AnchorHeadRow.seq)
    query = select(*columns, AnchorHeadRow.hash).order_by(AnchorHeadRow.number, AnchorHeadRow.position)
    return [
        Move(number, position, Head(IncidentId(incident), seq, digest))
        for number, position, incident, seq, digest in await session.execute(query)
    ]


async def play(session: AsyncSession) -> AsyncIterator[Played]:
    """Every anchor, the oldest first, with the tree it should be over."""
    moved = {number: list(group) for number, group in groupby(await moves(session), key=attrgetter("number"))}
    tree = Tree(Algorithm.SHA256)
    for anchor in reversed(await page(session)):
        if anchor.algorithm is not tree.algorithm:
            tree = Tree(anchor.algorithm, tree.heads)
        for move in moved.get(anchor.number, ()):
            # Where a row was removed or moved there is a gap, and then the root does not fit.
            if 0 <= move.position <= tree.size:
                tree.put(move.position, move.head)
        yield Played(anchor, tree)


async def of_release(session: AsyncSession, incident: IncidentId, digest: Digest) -> Anchor | None:
    """The first anchor over the entry by which the release with this digest became public."""
    told = LedgerRow.data.contains(f'"digest":"{digest}"', autoescape=True)
    seq = select(func.min(LedgerRow.seq)).where(LedgerRow.incident == incident, LedgerRow.type == "published", told)
    after = AnchorHeadRow.seq >= seq.scalar_subquery()
    first = select(func.min(AnchorHeadRow.number)).where(AnchorHeadRow.incident == incident, after)
    found = await session.execute(select(*_COLUMNS).where(AnchorRow.number == first.scalar_subquery()))
    return next((_read(row._asdict()) for row in found), None)
