"""What a visitor of the console may read. What they may not is as absent as what is not there."""

from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import Caller
from api.problems import Problem, Refused, Trouble
from api.reading import may_read, read_incident
from db import texts
from domain.incident import Incident
from domain.releases import Document
from domain.vocabulary import ReadName, ReleaseId


async def readable(
    session: AsyncSession, caller: Caller, incident: str, read: ReadName = ReadName.INCIDENT, release: str | None = None
) -> Incident:
    """The incident. Raises Problem NOT_FOUND for one that is not there or not the visitor's to read."""
    try:
        return await read_incident(session, caller, incident, read, release)
    except (Problem, Refused):
        raise Problem(Trouble.NOT_FOUND) from None


async def manuscripts(session: AsyncSession, caller: Caller, incident: Incident) -> dict[ReleaseId, Document]:
    """The current words of those releases that the visitor may read, as far as they are still there."""
    open_to = [r for r in incident.releases.values() if may_read(caller, incident, ReadName.RELEASE, r.id)]
    words = await texts.read(session, incident.id, {release.version.digest for release in open_to})
    found = {release.id: texts.read_document(words.get(release.version.digest)) for release in open_to}
    return {id_: document for id_, document in found.items() if document is not None}
