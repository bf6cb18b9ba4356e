"""Exports an incident's evidence where the database is at hand."""

from db import once
from domain.vocabulary import IncidentId
from evidence.gathering import export
from runtime.attachments.store import AttachmentStore
from runtime.settings import Settings


async def export_evidence(settings: Settings, incident: str) -> bytes:
    """The zip. Raises NoLedger, StoreAway."""
    async with once.opened(settings.database_url) as sessions:
        return await export(sessions, AttachmentStore(settings.attachments_url), IncidentId(incident))
