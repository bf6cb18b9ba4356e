"""What one API process is made of, and the dependencies by which routes ask for it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from api.directory import Directory
from api.listeners import Listeners
from api.process import Process
from db.session import Sessions, for_reading
from domain.sealing import SealKeys
from runtime.attachments.store import AttachmentStore
from runtime.clock import Clock
from runtime.identity_provider import IdentityProvider
from runtime.passwords import Passwords
from runtime.rate_limits import RateLimits
from runtime.settings import Settings


@dataclass(frozen=True)
class Parts:
    settings: Settings
    clock: Clock
    sessions: Sessions
    process: Process
    store: AttachmentStore
    passwords: Passwords
    provider: IdentityProvider | None = None
    """The county's own, where it has one."""
    directory: Directory = field(default_factory=Directory)
    limits: RateLimits = field(default_factory=RateLimits)
    listeners: Listeners = field(default_factory=Listeners)

    @cached_property
    def reading(self) -> Sessions:
        """For questions that change nothing."""
        return for_reading(self.sessions)

    @property
    def keys(self) -> SealKeys:
        return self.settings.seal_ring


# Asynchronous, as every dependency is: FastAPI would send a plain function to a thread, at each request.
async def of_request(request: Request) -> Parts:
    found: Parts = request.app.state.parts
    return found


async def _session(parts: "AppParts") -> AsyncIterator[AsyncSession]:
    async with parts.reading() as session:
        yield session


async def _stale(parts: "AppParts") -> bool:
    return not await parts.process.alive()


AppParts = Annotated[Parts, Depends(of_request)]
Reading = Annotated[AsyncSession, Depends(_session)]
"""A session for reads. Whoever waits for the process must not hold one meanwhile."""
Stale = Annotated[bool, Depends(_stale)]
"""Whether the processes do not answer. Asked before a session is in use, which must not wait for it."""
