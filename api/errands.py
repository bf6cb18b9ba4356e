"""Carries a command to its process: remember the key, store the words, seal, send, read the outcome.

Nothing is held while the process thinks: each transaction here is short and over before the next wait.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import Caller
from api.parts import Parts
from api.problems import Problem, Refused, Trouble
from api.process import ProcessAway
from db import directory, idempotency, ledger, texts
from db.idempotency import BodyHash, Claim
from domain import commands as c
from domain.privacy import check_referral
from domain.refusals import Refusal, RefusalRecord
from domain.sealing import SealedCommand
from domain.vocabulary import CommandId, CommandName, IncidentId
from runtime.log import get_logger

log = get_logger(__name__)

SEALED_FOR = timedelta(minutes=10)

Store = Callable[[AsyncSession, datetime], Awaitable[c.Command]]
"""Stores the words of a command and gives the command with references in their place."""


@dataclass(frozen=True)
class Key:
    """The idempotency key a POST came with, and what it stands for from then on."""

    scope: str
    key: str
    route: str
    body_hash: BodyHash


@dataclass(frozen=True)
class Errand:
    """A command on its way. `matches` tells whether the incident is as its sender believes (If-Match)."""

    incident: IncidentId
    name: CommandName
    command_id: CommandId
    store: Store
    key: Key | None = None
    matches: bool = True


def storing(incident: IncidentId, command: c.Command) -> Store:
    """Stores the texts that stand in the command itself."""

    async def store(session: AsyncSession, now: datetime) -> c.Command:
        # Who somebody is must not even be stored (Art. 5).
        check_referral(command)
        return await texts.refer(session, incident, command, now)

    return store


async def run(parts: Parts, caller: Caller, errand: Errand) -> datetime:
    """Bring about what the errand asks for; the instant at which it was issued this time.

    What was done before under this key is told again, whatever has happened since. Raises Refused,
    or Problem: the key means something else, the incident has moved on, or nobody answered and the
    same may be sent again.
    """
    now = await parts.clock.now()
    async with parts.sessions.begin() as session:
        claim = await _claim(session, errand, now)
        # What no key stood for was never sent; and should it have been, its process knows.
        known = None if claim == "inserted" else await ledger.outcome(session, errand.incident, errand.command_id)
        if known is None and not errand.matches:
            raise Problem(Trouble.PRECONDITION_FAILED)
        command = await _store(parts, errand, session, now) if known is None else None
    refusal = known.refusal if known else None
    if command is not None:
        refusal = await _send(parts, _seal(parts, caller, errand, command, now, SEALED_FOR))
    if refusal is not None:
        raise await refused(parts, refusal)
    return now


async def is_repeat(parts: Parts, errand: Errand, issued_at: datetime) -> bool:
    """Whether what was done had been issued by another request under the same key.

    Of two at once, and of one that had to be sent again, exactly one has done it.
    """
    async with parts.reading() as session:
        done_at = await ledger.issued_at(session, errand.incident, errand.command_id)
    return done_at is not None and done_at != issued_at


async def seal_errand(parts: Parts, caller: Caller, errand: Errand, lifetime: timedelta) -> SealedCommand:
    """The errand's command, its words stored and itself sealed, for somebody else to send. Raises Problem."""
    now = await parts.clock.now()
    async with parts.sessions.begin() as session:
        await _claim(session, errand, now)
        command = await _store(parts, errand, session, now)
    return _seal(parts, caller, errand, command, now, lifetime)


async def _store(parts: Parts, errand: Errand, session: AsyncSession, now: datetime) -> c.Command:
    """The errand's command with its words stored. Raises Refused for words that may not be: then nothing is kept."""
    try:
        return await errand.store(session, now)
    except Refusal as refusal:
        raise await refused(parts, refusal.record) from None


async def _claim(session: AsyncSession, errand: Errand, now: datetime) -> Claim | None:
    """Take the errand's key, if it has one. Raises Problem when it was used for something else."""
    key = errand.key
    if key is None:
        return None
    claim = await idempotency.claim(
        session,
        scope=key.scope,
        key=key.key,
        route=key.route,
        body_hash=key.body_hash,
        incident=errand.incident,
        command_id=errand.command_id,
        now=now,
    )
    if claim == "different":
        raise Problem(Trouble.KEY_REUSED)
    return claim


def _seal(
    parts: Parts, caller: Caller, errand: Errand, command: c.Command, now: datetime, lifetime: timedelta
) -> SealedCommand:
    body: dict[str, Any] = command.model_dump(mode="json", exclude_unset=True)
    message = SealedCommand(
        command_id=errand.command_id,
        incident=errand.incident,
        name=errand.name,
        actor=caller.officer.id,
        body=body,
        issued_at=now,
        expires_at=now + lifetime,
    )
    return message.sealed(parts.keys)


async def _send(parts: Parts, message: SealedCommand) -> RefusalRecord | None:
    """The refusal, if it came to one. Raises Problem when nobody answers and the ledger does not know either."""
    try:
        outcome = await parts.process.send(message)
    except ProcessAway:
        async with parts.reading() as session:
            recorded = await ledger.outcome(session, message.incident, message.command_id)
        if recorded is None:
            log.warning("process_away", incident=message.incident, command=message.name)
            raise Problem(Trouble.PROCESS_AWAY) from None
        return recorded.refusal
    return outcome.refusal


async def refused(parts: Parts, refusal: RefusalRecord) -> Refused:
    """The refusal to raise, with the names its sentence needs."""
    async with parts.reading() as session:
        return Refused(refusal, await directory.names(session))
