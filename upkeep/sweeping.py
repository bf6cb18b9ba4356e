"""Deletes what was stored for commands that never came, and what is over of signing in."""

from typing import NamedTuple

from db import accounts, attachments, console_sessions, provider_logins, texts
from db.session import Sessions
from runtime.attachments.store import AttachmentStore
from runtime.clock import Clock


class Swept(NamedTuple):
    texts: int
    attachments: int


async def sweep_orphans(sessions: Sessions, store: AttachmentStore, clock: Clock) -> Swept:
    """Texts and files that no entry has named for a week. Any number of processes may do it at once.

    Raises StoreAway; what was deleted until then is gone, and the rest waits for the next time.
    """
    now = await clock.now()
    async with sessions.begin() as session:
        swept = await texts.sweep(session, now)
        for over in (accounts, console_sessions, provider_logins):
            await over.sweep(session, now)
    files = 0
    while True:
        async with sessions.begin() as session:
            orphans = await attachments.orphans(session, now)
            for incident, digest in orphans:
                # First the bytes: a row without them is found again, and they without a row would not be.
                await store.delete(incident, digest)
                await attachments.forget(session, incident, digest)
        files += len(orphans)
        if len(orphans) < attachments.SWEPT_AT_ONCE:
            return Swept(swept, files)
