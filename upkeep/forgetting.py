"""Retention: the words of incidents whose period is over go, from the tables, the store and the database's files."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

import policies
from db import forgetting, once
from db.forgetting import Due, Erased
from db.session import Sessions
from runtime.attachments.store import AttachmentStore
from runtime.clock import Clock, SystemClock
from runtime.log import get_logger
from runtime.settings import Settings

log = get_logger(__name__)


def periods() -> dict[str, int]:
    """Days by the ids of the installed policies: for incidents that froze one from before there was a period."""
    known = (policies.load(name) for name in policies.names())
    return {policy.id: policy.retention_days for policy in known if policy.retention_days is not None}


@dataclass(frozen=True)
class Forgetting:
    """`by` is what is written down as having erased."""

    sessions: Sessions
    store: AttachmentStore
    clock: Clock
    database_url: str = field(repr=False)
    by: str

    async def due(self) -> list[Due]:
        now = await self.clock.now()
        async with self.sessions() as session:
            return await forgetting.due(session, periods(), now)

    async def erase(self, one: Due) -> Erased | None:
        """Erase one incident; None when it has moved on. Any number of processes may do it at once.

        Raises StoreAway: then its rows are still there, and the next time finds them.
        """
        now = await self.clock.now()
        async with self.sessions.begin() as session:
            if not await forgetting.lock(session, one):
                return None
            files = await forgetting.files_to_erase(session, one.incident)
            for digest in files:
                # First the bytes: a row without them is found again, and they without a row would not be.
                await self.store.delete(one.incident, digest)
            erased = await forgetting.erase(session, one, files, self.by, now)
        log.info("words_erased", incident=one.incident, **erased._asdict())
        return erased

    async def run(self) -> int:
        """Erase all that is due, then make sure that the database's files hold none of it; how many incidents."""
        erased = [await self.erase(one) for one in await self.due()]
        async with self.sessions() as session:
            unscrubbed = await forgetting.is_unscrubbed(session)
        if unscrubbed:
            await self._scrub()
        return len(erased) - erased.count(None)

    async def _scrub(self) -> None:
        engine = create_async_engine(self.database_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        try:
            async with engine.connect() as connection:
                if not await forgetting.scrub(connection, await self.clock.now()):
                    log.warning("log_keeps_erased_words_for_now")
        except forgetting.TablesBusy:
            # What is to be scrubbed is written down; the next time does it.
            log.warning("tables_busy")
        finally:
            await engine.dispose()


async def forget(settings: Settings, say: Callable[[str], None], *, dry_run: bool) -> None:
    """Erase all that is due, or only say what it is. Raises StoreAway."""
    async with once.opened(settings.database_url) as sessions:
        store = AttachmentStore(settings.attachments_url)
        one = Forgetting(sessions, store, SystemClock(), settings.database_url, "huiying forget")
        for due in await one.due():
            say(f"{due.incident}: {due.number}, idle since {due.idle_since:%Y-%m-%d}, kept for {due.days} days")
        say("nothing was erased" if dry_run else f"{await one.run()} erased")
