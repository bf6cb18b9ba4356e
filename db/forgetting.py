"""Undoes what the API stored for a submission that came to nothing."""

from sqlalchemy import delete, exists
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables import IdempotencyRow, LedgerRow, TextRow
from domain.vocabulary import IncidentId


async def forget_submission(session: AsyncSession, scope: str, key: str, incident: IncidentId) -> None:
    """Delete a refused submission's key and texts. Changes nothing once the ledger knows the incident."""
    known = exists().where(LedgerRow.incident == incident)
    await session.execute(delete(TextRow).where(TextRow.incident == incident, ~known))
    await session.execute(
        delete(IdempotencyRow).where(IdempotencyRow.scope == scope, IdempotencyRow.key == key, ~known)
    )
