"""Files what units keep in their registers, once under a key; for the JSON routes and the console alike."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

import policies
from api.auth import Caller
from api.errands import refused
from api.keys import command_id, hash_body, officer_scope
from api.parts import Parts
from api.problems import Problem, Refused, Trouble
from api.views.register import DelegationShown, SpokespersonShown
from db import idempotency, registers
from domain.refusals import Code, Refusal, RefusalRecord
from domain.registers import (
    DelegationEnd,
    DelegationFiling,
    DutyFiling,
    Filed,
    SpokespersonFiling,
    check_end,
    check_filing,
)
from domain.vocabulary import IncidentId

NO_INCIDENT = IncidentId("")


async def file(
    parts: Parts, caller: Caller, key: str, filing: SpokespersonFiling | DutyFiling | DelegationFiling
) -> tuple[Filed, datetime]:
    """File once under this key. Raises Refused, Problem."""
    try:
        check_filing(filing, caller.actor, caller.county, await parts.clock.now())
    except Refusal as refusal:
        raise await refused(parts, refusal.record) from None
    return await _write(parts, caller, key, filing)


async def end(parts: Parts, caller: Caller, key: str, delegation: int) -> DelegationShown:
    """End a delegation before its time. Raises Refused, Problem."""
    async with parts.sessions() as session:
        standing = {one.id: one for one in (await registers.register(session)).delegations}
    found = standing.get(delegation)
    if found is None:
        raise Refused(RefusalRecord(code=Code.NO_DELEGATION), {})
    try:
        check_end(found, caller.actor)
    except Refusal as refusal:
        raise await refused(parts, refusal.record) from None
    _, now = await _write(parts, caller, key, DelegationEnd(unit=found.unit, delegation=found.id))
    return await delegation_shown(parts, found.id, now)


async def _write(
    parts: Parts,
    caller: Caller,
    key: str,
    filing: SpokespersonFiling | DutyFiling | DelegationFiling | DelegationEnd,
) -> tuple[Filed, datetime]:
    scope, now = officer_scope(caller.officer.id), await parts.clock.now()
    command = command_id(scope, key, NO_INCIDENT, filing.kind)
    async with parts.sessions.begin() as session:
        claim = await idempotency.claim(
            session,
            scope=scope,
            key=key,
            route=filing.kind,
            body_hash=hash_body(parts.keys, filing),
            incident=NO_INCIDENT,
            command_id=command,
            now=now,
        )
        if claim == "different":
            raise Problem(Trouble.KEY_REUSED)
        return await registers.file(session, filing, caller.officer.id, now, command), now


def days_to_report(caller: Caller) -> int:
    """Within how many days a unit reports a change of its spokesperson (Art. 7)."""
    return policies.load(caller.county.policy).spokesperson_days


def spokespersons_shown(caller: Caller, filed: Iterable[Filed]) -> tuple[SpokespersonShown, ...]:
    days = days_to_report(caller)
    return tuple(
        SpokespersonShown.of(one, one.filing, days) for one in filed if isinstance(one.filing, SpokespersonFiling)
    )


async def delegations_shown(session: AsyncSession, now: datetime) -> list[DelegationShown]:
    """All that were ever filed, the oldest first, as they stand."""
    standing = {one.id: one for one in (await registers.register(session)).delegations}
    filed = await registers.history(session, "delegation")
    return [
        DelegationShown.of(one, one.filing, standing[one.id], now)
        for one in filed
        if isinstance(one.filing, DelegationFiling)
    ]


async def delegation_shown(parts: Parts, id_: int, now: datetime) -> DelegationShown:
    async with parts.sessions() as session:
        return next(one for one in await delegations_shown(session, now) if one.id == id_)
