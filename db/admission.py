"""What has to be looked up before a command is admitted, in one query."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.ledger import Recorded, recorded
from db.texts import read_document
from domain.case import command_key
from domain.releases import Document
from domain.vocabulary import CommandId, Digest, IncidentId


class Known(NamedTuple):
    """`head` is the ledger's last sequence (0: empty), `county` the county's version, None before one is loaded."""

    head: int
    county: int | None
    command: Recorded | None
    missing: frozenset[str]
    document: Document | None
    missing_attachments: tuple[Digest, ...]


_LOOK_UP = text(
    """
    SELECT
        (SELECT max(seq) FROM ledger WHERE incident = :incident),
        (SELECT version FROM county),
        command.seq, command.type, command.data,
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
    FROM (SELECT) AS one LEFT JOIN ledger AS command ON command.incident = :incident AND command.key = :key
    """
)


async def look_up(
    session: AsyncSession,
    incident: IncidentId,
    command_id: CommandId | None = None,
    references: Collection[str] = (),
    document: Digest | None = None,
    attachments: Collection[Digest] = (),
) -> Known:
    """The ledger's head, what it holds of the command, and which of the texts and files it names are stored."""
    names = {
        "incident": incident,
        "key": command_key(command_id) if command_id else None,
        "references": list(references),
        "document": document,
        "attachments": list(attachments),
    }
    head, county, seq, type_, data, missing, words, gone = (await session.execute(_LOOK_UP, names)).one()
    return Known(
        head=head or 0,
        county=county,
        command=recorded(seq, type_, data) if seq else None,
        missing=frozenset(missing),
        document=read_document(words),
        missing_attachments=tuple(gone),
    )
