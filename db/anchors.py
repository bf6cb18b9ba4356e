"""Anchors as they are kept: made, listed, and played again from the first."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import AnchorHeadRow, AnchorRow
from domain.anchoring import Anchor, Head, Tree
from domain.hashing import Algorithm
from domain.vocabulary import IncidentId

_LOCK = text("SELECT pg_advisory_xact_lock(:lock)")
_LOCK_NUMBER = 0x616E_6368
_COLUMNS = tuple(getattr(AnchorRow, name) for name in Anchor.model_fields)

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


class Placed(NamedTuple):
    """A head with its leaf's position."""

    position: int
    head: Head


@dataclass(frozen=True)
class Standing:
    """All heads as they are now, in the order of their leaves, and those of them that no anchor is over yet."""

    heads: Sequence[Head]
    moved: Sequence[Placed]


@dataclass(frozen=True)
class Played:
    """An anchor with what moved before it. `tree` is over all heads then, and changes when the next is played."""

    anchor: Anchor
    moved: Sequence[Placed]
    tree: Tree


class KeyUse(NamedTuple):
    """A public key and the first and last anchor that it signed."""

    key: str
    first: int
    last: int


async def lock(session: AsyncSession) -> None:
    """Let one process at a time make an anchor, until its transaction ends."""
    await session.execute(_LOCK, {"lock": _LOCK_NUMBER})


async def standing(session: AsyncSession) -> Standing:
    heads: list[Head] = []
    moved: list[Placed] = []
    for incident, seq, digest, _, has_moved in await session.execute(_HEADS):
        head = Head(IncidentId(incident), seq, digest)
        if has_moved:
            moved.append(Placed(len(heads), head))
        heads.append(head)
    return Standing(heads, moved)


async def add(session: AsyncSession, anchor: Anchor, moved: Sequence[Placed]) -> None:
    await session.execute(insert(AnchorRow).values(**anchor.model_dump()))
    rows = [{"number": anchor.number, "position": position, **head._asdict()} for position, head in moved]
    await session.execute(insert(AnchorHeadRow), rows)


async def page(session: AsyncSession, before: int | None = None, limit: int | None = None) -> list[Anchor]:
    """Anchors numbered below `before` (None: all), the newest first."""
    query = select(*_COLUMNS).order_by(AnchorRow.number.desc()).limit(limit)
    if before is not None:
        query = query.where(AnchorRow.number < before)
    return [Anchor.model_validate(row._asdict()) for row in await session.execute(query)]


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


async def play(session: AsyncSession) -> AsyncIterator[Played]:
    """Every anchor, the oldest first, with the tree it should be over."""
    rows = await session.execute(select(AnchorHeadRow).order_by(AnchorHeadRow.number, AnchorHeadRow.position))
    moved = {
        number: [Placed(row.position, Head(IncidentId(row.incident), row.seq, row.hash)) for row in group]
        for number, group in groupby(rows.scalars(), key=attrgetter("number"))
    }
    tree = Tree(Algorithm.SHA256)
    for anchor in reversed(await page(session)):
        placed = moved.get(anchor.number, [])
        if anchor.algorithm is not tree.algorithm:
            tree = Tree(anchor.algorithm, tree.heads)
        for position, head in placed:
            # Where a row was removed there is a gap, and then the root does not fit.
            if position <= tree.size:
                tree.put(position, head)
        yield Played(anchor, placed, tree)
