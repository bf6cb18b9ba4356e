"""Files of an incident, as they lie after an upload."""

import hashlib
from io import BytesIO

from db import attachments
from db.attachments import Upload
from domain.attachments import Attachment
from domain.vocabulary import Digest, OfficerId
from runtime.attachments.store import AttachmentStore
from tests.scene import Scene


async def attach(
    scene: Scene, content: bytes = b"a picture", store: AttachmentStore | None = None, media_type: str = "image/png"
) -> Digest:
    """A file that the scene's incident has; its bytes lie in `store`, if there is one."""
    digest = Digest(hashlib.sha256(content).hexdigest())
    attachment = Attachment(digest=digest, media_type=media_type, bytes=len(content))
    upload = Upload(OfficerId("baishi.editor"), "现场.png", scene.clock.at)
    async with scene.sessions.begin() as session:
        await attachments.expect(session, scene.id, attachment, upload)
        await attachments.mark_stored(session, scene.id, digest, scene.clock.at)
    if store is not None:
        await store.put(scene.id, digest, BytesIO(content))
    return digest
