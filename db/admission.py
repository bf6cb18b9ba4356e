"""What has to be looked up before a command is admitted, in one query."""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db import ledger
from db.ledger import Recorded, recorded
from db.texts import read_document
from domain.incident import Incident
from domain.releases import Document
from domain.vocabulary import Digest, IncidentId


class Known(NamedTuple):
    """`head` is the ledger's last sequence (0: empty), `county` the county's version, None before one is loaded."""

    head: int
    county: int | None
    command: Recorded | None
    missing: frozenset[str]
    document: Document | None
    missing_attachments: tuple[Digest, ...]


class Locked(NamedTuple):
    """The same, with the incident as of its head, whose hash is `hash`; nobody else writes its ledger meanwhile."""

    known: Known
    incident: Incident
    hash: str


_FOUND = """
    command.seq, command.type, command.data,
    (SELECT version FROM county),
    ARRAY (
        SELECT wanted FROM unnest(CAST(:references AS text[])) AS wanted
        WHERE NOT EXISTS (SELECT FROM texts WHERE incident = :incident AND digest = wanted)
    ),
    (SELECT text FROM texts WHERE incident = :incident AND digest = CAST(:document AS text)),
    ARRAY (
        SELECT wanted FROM unnest(CAST(:attachments AS text[])) WITH ORDINALITY AS named (wanted, place)
        WHERE NOT EXISTS (
            SELECT FROM attachments WHERE incident = :incident AND digest = wanted AND stored_at IS NOT NULL
        )
        ORDER BY place
    )
"""
_LOOK_UP = text(
    "SELECT (SELECT max(seq) FROM ledger WHERE incident = :incident), "  # noqa: S608  # Of constants.
    + _FOUND
    + "FROM (SELECT) AS one LEFT JOIN ledger AS command ON command.incident = :incident AND command.key = :key"
)
_LOCK = text(
    "SELECT i.state, i.state_version, i.head_hash, i.head_seq, "
    + _FOUND
    + "FROM incidents AS i LEFT JOIN ledger AS command ON command.incident = i.id AND command.key = :key "
    "WHERE i.id = :incident FOR UPDATE OF i"
)


class Named(NamedTuple):
    """What a message names: the key it is recorded under, texts, a document and files."""

    key: str
    references: Collection[str] = ()
    document: Digest | None = None
    attachments: Collection[Digest] = ()


async def look_up(session: AsyncSession, incident: IncidentId, named: Named) -> Known:
    """The ledger's head, what it holds of the command, and which of the texts and files it names are stored."""
    found = (await session.execute(_LOOK_UP, _parameters(incident, named))).one()
    return _known(*found)


async def lock(session: AsyncSession, incident: IncidentId, named: Named, expected_head: int) -> Locked | None:
    """The same under the lock on the incident's row; None while it has none, and nothing to lock.

    A statement that waited for the lock has seen all but the row as it was before: where the head is not the one
    expected, it is asked once more.
    """
    asked = _parameters(incident, named)
    found = (await session.execute(_LOCK, asked)).one_or_none()
    if found is not None and found.head_seq != expected_head:
        found = (await session.execute(_LOCK, asked)).one()
    if found is None:
        return None
    state, state_version, hash_, *rest = found
    known = _known(*rest)
    folded = await ledger.stored(session, incident, state, state_version, known.head)
    if folded is None:
        raise LookupError(f"incident {incident} has a row and no entries")
    return Locked(known, folded, hash_)


def _parameters(incident: IncidentId, named: Named) -> dict[str, Any]:
    lists = {"references": list(named.references), "attachments": list(named.attachments)}
    return {"incident": incident, "key": named.key, "document": named.document} | lists


def _known(*found: Any) -> Known:  # noqa: ANN401  # The columns of a row.
    head, seq, type_, data, county, missing, words, gone = found
    return Known(
        head=head or 0,
        county=county,
        command=recorded(seq, type_, data) if seq else None,
        missing=frozenset(missing),
        document=read_document(words),
        missing_attachments=tuple(gone),
    )
