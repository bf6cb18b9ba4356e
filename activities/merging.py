"""Asks the survivor of a merge to absorb the incident that ends."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio import activity

from activities import signatures as s
from domain.commands import Absorb
from domain.sealing import SealedCommand, SealKeys
from domain.vocabulary import CommandId
from runtime.clock import Clock

SEALED_FOR = timedelta(minutes=10)

Send = Callable[[SealedCommand], Awaitable[s.Outcome]]
"""Carries a command to its process, starting it where it has ended. What it raises is tried again."""


class Merging:
    def __init__(self, clock: Clock, seal_keys: SealKeys, send: Send) -> None:
        self._clock = clock
        self._seal_keys = seal_keys
        self._send = send

    @activity.defn(name=s.ASK_TO_ABSORB)
    async def ask_to_absorb(self, request: s.MergeRequest) -> s.Outcome:
        """The survivor's answer. Asked again, it finds the same command in its ledger and answers alike."""
        now = await self._clock.now()
        command = SealedCommand(
            command_id=CommandId(f"merge-{request.incident}-{request.seq}"),
            incident=request.survivor,
            name=Absorb.name,
            actor=request.officer,
            body={"incident": request.incident},
            issued_at=now,
            expires_at=now + SEALED_FOR,
        )
        return await self._send(command.sealed(self._seal_keys))
