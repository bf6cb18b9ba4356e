"""POSTs that were accepted once, so that sending one again does nothing new."""

from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, literal_column
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import IdempotencyRow
from domain.vocabulary import CommandId, IncidentId

Claim = Literal["inserted", "same", "different"]
"""Whether the key is new, was used for the same request, or for another one."""

BodyHash = tuple[str, ...]
"""A body hashed with each key of the ring, the one in use first: a row may be older than that one."""


async def claim(  # noqa: PLR0913  # A row's columns, all of them needed.
    session: AsyncSession,
    *,
    scope: str,
    key: str,
    route: str,
    body_hash: BodyHash,
    incident: IncidentId,
    command_id: CommandId,
    now: datetime,
) -> Claim:
    """Remember the key with what it stands for. Of two claims at once, one waits for the other's transaction."""
    row = insert(IdempotencyRow).values(
        scope=scope,
        key=key,
        route=route,
        body_hash=body_hash[0],
        incident=incident,
        command_id=command_id,
        created_at=now,
    )
    # An update that changes nothing makes the statement return the row that was there.
    kept = row.on_conflict_do_update(index_elements=["scope", "key"], set_={"key": row.excluded.key})
    inserted: ColumnElement[bool] = literal_column("xmax = 0")
    columns = (inserted, IdempotencyRow.route, IdempotencyRow.body_hash, IdempotencyRow.incident)
    is_new, known_route, known_hash, known_incident = (await session.execute(kept.returning(*columns))).one()
    if is_new:
        return "inserted"
    same = (known_route, known_incident) == (route, incident) and known_hash in body_hash
    return "same" if same else "different"
