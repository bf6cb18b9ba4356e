"""Writes a batch: its entries and, in the same statement, everything that is computed from them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from db import projections
from db.chain import Link, link
from db.tables import IncidentRow
from domain import events as e
from domain.commands import is_reference
from domain.county import County
from domain.folding import evolve
from domain.hashing import Algorithm
from domain.incident import Incident
from domain.notices import Notice, notices
from domain.vocabulary import IncidentId

_WRITE = text(
    """
    WITH written AS (
        INSERT INTO ledger (
            incident, seq, v, key, type, issued_at, decided_at, actor, seat_unit, seat_role, on_behalf_of,
            origin, command_id, data, prev, hash
        )
        SELECT * FROM unnest(
            CAST(:incident AS text[]), CAST(:seq AS integer[]), CAST(:v AS integer[]), CAST(:key AS text[]),
            CAST(:type AS text[]), CAST(:issued_at AS timestamptz[]), CAST(:decided_at AS timestamptz[]),
            CAST(:actor AS text[]), CAST(:seat_unit AS text[]), CAST(:seat_role AS text[]),
            CAST(:on_behalf_of AS text[]), CAST(:origin AS text[]), CAST(:command_id AS text[]),
            CAST(:data AS text[]), CAST(:prev AS text[]), CAST(:hash AS text[])
        )
    ), told AS (
        INSERT INTO notices (officer, incident, seq, kind, subject, data, created_at)
        SELECT officer, CAST(:id AS text), seq, kind, subject, CAST(data AS jsonb), CAST(:updated_at AS timestamptz)
        FROM unnest(
            CAST(:told_officer AS text[]), CAST(:told_seq AS integer[]), CAST(:told_kind AS text[]),
            CAST(:told_subject AS text[]), CAST(:told_data AS text[])
        ) AS told (officer, seq, kind, subject, data)
        ON CONFLICT (incident, seq, officer, kind, subject) DO NOTHING
    ), adopted AS (
        UPDATE texts SET adopted = true
        WHERE incident = :id AND digest = ANY (CAST(:digests AS text[])) AND NOT adopted
    ), attached AS (
        UPDATE attachments SET adopted = true
        WHERE incident = :id AND digest = ANY (CAST(:attachments AS text[])) AND NOT adopted
    )
    UPDATE incidents SET
        number = :number, drill = :drill, reporter = :reporter, level = :level, category = :category,
        phase = :phase, lead = :lead, units = :units, title = :title, detected_at = :detected_at,
        submitted_at = :submitted_at, next_due_at = :next_due_at, needs_attention = :needs_attention,
        head_seq = :head_seq, head_hash = :head_hash, state = :state, state_version = :state_version,
        updated_at = :updated_at, restricted = :restricted, course = :course,
        changed_in = CAST(CAST(pg_current_xact_id() AS text) AS bigint)
    WHERE id = :id
    """
).bindparams(bindparam("course", type_=JSONB))


_COLUMNS = [column.name for column in IncidentRow.__table__.columns if column.name != "changed_in"]
_FOUND = text(
    f"INSERT INTO incidents ({', '.join(_COLUMNS)}) VALUES ({', '.join(f':{name}' for name in _COLUMNS)}) "  # noqa: S608  # Of our own columns.
    "ON CONFLICT DO NOTHING RETURNING id"
).bindparams(bindparam("course", type_=JSONB))


@dataclass(frozen=True)
class Writing:
    """A batch ready to be written."""

    before: Incident | None
    after: Incident
    entries: Sequence[e.RecordedEntry]
    links: Sequence[Link]

    @cached_property
    def _row(self) -> dict[str, Any]:
        return projections.row(self.after, self.links[-1].hash, self.entries[-1].at)

    async def found(self, session: AsyncSession) -> bool:
        """Make the incident's row, as a lock on its ledger; False when another has made it."""
        return await session.scalar(_FOUND, self._row) is not None

    async def write(self, session: AsyncSession, county: County) -> None:
        """Entries, inbox, adopted texts and files, and the incident's row, in one statement."""
        columns = {name: [getattr(link, name) for link in self.links] for name in Link._fields}
        told = _told_columns(notices(self.before, self.after, self.entries, county))
        named = {"digests": digests(self.entries), "attachments": attachments(self.entries)}
        await session.execute(_WRITE, columns | told | named | self._row)


def prepare(
    incident: IncidentId, before: Incident | None, prev: str, batch: e.Batch, algorithm: Algorithm = Algorithm.SHA256
) -> Writing:
    """Number and chain the batch's entries after the head `before`, whose hash is `prev`."""
    first = before.seq + 1 if before else 1
    entries = [
        e.RecordedEntry(seq=seq, key=entry.key, by=entry.by, fact=entry.fact)
        for seq, entry in enumerate(batch.entries(), start=first)
    ]
    links: list[Link] = []
    for entry in entries:
        links.append(link(incident, entry, links[-1].hash if links else prev, algorithm))
    after = reduce(lambda state, entry: evolve(state, entry, incident), entries, before)
    if after is None:
        raise ValueError("an empty batch has nothing to append")
    return Writing(before, after, entries, links)


def inbox_rows(notice: Notice) -> list[dict[str, Any]]:
    """A row for each officer told, without the incident and the instant."""
    row = {"seq": notice.seq, "kind": notice.kind, "subject": notice.subject, "data": notice.data}
    return [row | {"officer": officer} for officer in notice.officers]


def _told_columns(told: Sequence[Notice]) -> dict[str, list[Any]]:
    rows = [row | {"data": json.dumps(row["data"])} for notice in told for row in inbox_rows(notice)]
    return {f"told_{name}": [row[name] for row in rows] for name in ("officer", "seq", "kind", "subject", "data")}


def digests(entries: Sequence[e.RecordedEntry]) -> list[str]:
    """The keys of all texts that the entries refer to."""
    found: list[str] = []
    for entry in entries:
        if isinstance(entry.fact, e.VersionDrafted):
            found.append(entry.fact.digest)
        found.extend(_references(entry.fact))
    return found


def attachments(entries: Sequence[e.RecordedEntry]) -> list[str]:
    """The digests of all files that the entries name."""
    return [
        digest for entry in entries if isinstance(entry.fact, e.VersionDrafted) for digest in entry.fact.attachments
    ]


def _references(fact: e.Fact) -> Iterator[str]:
    for value in dict(fact).values():
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, str) and is_reference(part):
                yield part
