"""POSTs that were accepted once, so that sending one again does nothing new."""

from datetime import datetime
from typing import Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from domain.vocabulary import CommandId, IncidentId

Claim = Literal["inserted", "same", "different"]
"""Whether the key is new, was used for the same request, or for another one."""

BodyHash = tuple[str, ...]
"""A body hashed with each key of the ring, the one in use first: a row may be older than that one."""

# An update that changes nothing makes the statement return the row that was there.
_CLAIM = text(
    """
    INSERT INTO idempotency (scope, key, route, body_hash, incident, command_id, created_at)
    VALUES (:scope, :key, :route, :body_hash, :incident, :command_id, :now)
    ON CONFLICT (scope, key) DO UPDATE SET key = excluded.key
    RETURNING xmax = 0, route, body_hash, incident
    """
)


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
    asked = {
        "scope": scope,
        "key": key,
        "route": route,
        "body_hash": body_hash[0],
        "incident": incident,
        "command_id": command_id,
        "now": now,
    }
    is_new, known_route, known_hash, known_incident = (await session.execute(_CLAIM, asked)).one()
    if is_new:
        return "inserted"
    same = (known_route, known_incident) == (route, incident) and known_hash in body_hash
    return "same" if same else "different"
