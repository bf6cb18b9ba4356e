"""A ledger entry as bytes, and how entries are chained. Final: what is written is never read otherwise.

`data` is the fact but its type as RFC 8785 JSON. The hash of an entry is the SHA-256 of the RFC 8785
JSON of its columns but `hash`: `data` is the string as stored, what is absent is null, and `prev` is the
hash of the entry before (64 zeros for the first). Everywhere instants are UTC strings with six digits of
a second and a Z: `2026-11-03T08:00:00.000000Z`.
"""

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import rfc8785

from domain import events as e
from domain.vocabulary import IncidentId

FORMAT = 1
GENESIS = "0" * 64


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

    def expected_hash(self) -> str:
        """The hash these columns should have."""
        fields = {name: value for name, value in self._asdict().items() if name != "hash"}
        return hashlib.sha256(canonical(fields)).hexdigest()


def canonical(value: object) -> bytes:
    """RFC 8785 JSON. Raises rfc8785.CanonicalizationError for a number that JSON does not carry exactly."""
    return rfc8785.dumps(_plain(value))


def _plain(value: Any) -> Any:  # noqa: ANN401  # Whatever a fact is made of, as what JSON is made of.
    match value:
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        case date():
            return value.isoformat()
        case dict():
            return {str(key): _plain(part) for key, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
        case _:
            return value


def link(incident: IncidentId, entry: e.RecordedEntry, prev: str) -> Link:
    """The entry with its place in the chain."""
    by, fact = entry.by, entry.fact
    unhashed = Link(
        incident=incident,
        seq=entry.seq,
        v=FORMAT,
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
    if stored.v != FORMAT:
        raise ValueError(f"entry {stored.seq} has format {stored.v}, which this version cannot read")
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
            "fact": {"type": stored.type, **json.loads(stored.data)},
        }
    )
