"""A ledger entry as bytes, and how entries are chained. Final: what is written is never read otherwise.

`data` is the fact but its type as RFC 8785 JSON. The hash of an entry is that of the RFC 8785 JSON of its
columns but `hash`: `data` is the string as stored, what is absent is null, and `prev` is the hash of the
entry before (64 zeros for the first). Everywhere instants are UTC strings with six digits of a second and
a Z: `2026-11-03T08:00:00.000000Z`. Format 1 hashes with SHA-256, format 2 with SM3, and they differ in
nothing else; a ledger may hold both, each entry hashed as its own `v` says.
"""

import json
from datetime import datetime
from typing import NamedTuple

from domain import events as e
from domain.hashing import Algorithm, canonical, hash_of
from domain.vocabulary import IncidentId

FORMATS = {1: Algorithm.SHA256, 2: Algorithm.SM3}
_FORMAT_OF = {algorithm: v for v, algorithm in FORMATS.items()}


class Link(NamedTuple):
    """An entry as the ledger stores it, column by column."""

    incident: str
    seq: int
    v: int
    key: str
    type: str
    issued_at: datetime
    decided_at: datetime
    actor: str | None
    seat_unit: str | None
    seat_role: str | None
    on_behalf_of: str | None
    origin: str
    command_id: str | None
    data: str
    prev: str
    hash: str

    def hashed(self) -> bytes:
        """The bytes that the hash is of."""
        return canonical({name: value for name, value in self._asdict().items() if name != "hash"})

    def expected_hash(self) -> str:
        """The hash these columns should have; nothing for a format that no version knows."""
        return hash_of(FORMATS[self.v], self.hashed()) if self.v in FORMATS else ""


def link(incident: IncidentId, entry: e.RecordedEntry, prev: str, algorithm: Algorithm = Algorithm.SHA256) -> Link:
    """The entry with its place in the chain, in the format that hashes with `algorithm`."""
    by, fact = entry.by, entry.fact
    unhashed = Link(
        incident=incident,
        seq=entry.seq,
        v=_FORMAT_OF[algorithm],
        key=entry.key,
        type=fact.type,
        issued_at=by.issued_at,
        decided_at=by.decided_at,
        actor=by.actor,
        seat_unit=by.seat.unit if by.seat else None,
        seat_role=by.seat.role if by.seat else None,
        on_behalf_of=by.on_behalf_of,
        origin=by.origin,
        command_id=by.command_id,
        data=canonical(fact.model_dump(exclude={"type"})).decode(),
        prev=prev,
        hash="",
    )
    return unhashed._replace(hash=unhashed.expected_hash())


def read(stored: Link) -> e.RecordedEntry:
    """The entry that a link holds. Raises ValueError for one that no version of the format describes."""
    if stored.v not in FORMATS:
        raise ValueError(f"entry {stored.seq} has format {stored.v}, which this version cannot read")
    try:
        content = json.loads(stored.data)
    except RecursionError:
        content = None
    if not isinstance(content, dict):
        raise ValueError(f"entry {stored.seq} holds no fact")
    seat = {"unit": stored.seat_unit, "role": stored.seat_role} if stored.seat_unit else None
    return e.RecordedEntry.model_validate(
        {
            "seq": stored.seq,
            "key": stored.key,
            "by": {
                "origin": stored.origin,
                "issued_at": stored.issued_at,
                "decided_at": stored.decided_at,
                "actor": stored.actor,
                "seat": seat,
                "on_behalf_of": stored.on_behalf_of,
                "command_id": stored.command_id,
            },
            "fact": {"type": stored.type, **content},
        }
    )
