"""Registers that units keep: spokespersons, who is on duty, posts handed to another."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

import policies
from api import documentation, examples
from api.auth import Asking, Caller
from api.bodies import body_of, documented
from api.errands import refused
from api.keys import IdempotencyKey, command_id, hash_body, officer_scope
from api.parts import AppParts, Parts, Reading
from api.problems import Problem, Refused, Trouble
from api.views.register import (
    Delegations,
    DelegationShown,
    Duties,
    DutyShown,
    OwedShown,
    Spokespersons,
    SpokespersonShown,
)
from db import idempotency, registers
from domain.commands import UnitRef
from domain.instants import Instant
from domain.refusals import Code, Refusal, RefusalRecord
from domain.registers import (
    DelegationEnd,
    DelegationFiling,
    DutyFiling,
    Filed,
    SpokespersonFiling,
    check_end,
    check_filing,
    owed_filings,
)
from domain.vocabulary import IncidentId, UnitId

router = APIRouter(prefix="/api/v1", tags=["registers"])

NO_INCIDENT = IncidentId("")


class OfUnit(BaseModel):
    model_config = ConfigDict(extra="forbid")

    unit: UnitRef | None = None


class OfUnitAt(OfUnit):
    """`at`: only what is in force at that instant."""

    at: Instant | None = None


class Ending(BaseModel):
    """Ending a delegation needs no words."""

    model_config = ConfigDict(extra="forbid")


BODIES = (SpokespersonFiling, DutyFiling, DelegationFiling, Ending)


async def _file(
    parts: Parts, caller: Caller, key: str, filing: SpokespersonFiling | DutyFiling | DelegationFiling
) -> tuple[Filed, datetime]:
    """File once under this key. Raises Refused, Problem."""
    try:
        check_filing(filing, caller.actor, caller.county, await parts.clock.now())
    except Refusal as refusal:
        raise await refused(parts, refusal.record) from None
    return await _write(parts, caller, key, filing)


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


@router.get(
    "/spokespersons",
    summary="List the spokespersons on file, and the units that owe a filing",
    responses=documentation.read(Trouble.INVALID) | {200: documentation.answers(examples.SPOKESPERSONS)},
)
async def list_spokespersons(caller: Asking, session: Reading, asked: Annotated[OfUnit, Query()]) -> Spokespersons:
    register = await registers.register(session)
    return Spokespersons(
        items=_spokespersons(caller, [f for u, f in register.spokespersons.items() if asked.unit in (None, u)]),
        owed=tuple(OwedShown.of(o) for o in owed_filings(caller.county, register) if asked.unit in (None, o.unit)),
    )


@router.get(
    "/spokespersons/{unit}/history",
    summary="Read all that a unit ever filed, the oldest first",
    responses=documentation.read() | {200: documentation.answers([examples.SPOKESPERSON])},
)
async def read_history(caller: Asking, session: Reading, unit: str) -> list[SpokespersonShown]:
    return list(_spokespersons(caller, await registers.history(session, "spokesperson", UnitId(unit))))


@router.post(
    "/spokespersons",
    status_code=201,
    summary="File who speaks for a unit",
    responses=documentation.filed() | {201: documentation.answers(examples.SPOKESPERSON, "On file")},
    openapi_extra=documentation.IDEMPOTENT | documented(SpokespersonFiling, examples.SPOKESPERSON_FILING),
)
async def file_spokesperson(
    parts: AppParts,
    caller: Asking,
    key: IdempotencyKey,
    filing: Annotated[SpokespersonFiling, Depends(body_of(SpokespersonFiling))],
) -> SpokespersonShown:
    filed, _ = await _file(parts, caller, key, filing)
    return SpokespersonShown.of(filed, filing, _days(caller))


@router.get(
    "/duty-rosters",
    summary="List who is on duty",
    responses=documentation.read(Trouble.INVALID) | {200: documentation.answers({"items": [examples.DUTY]})},
)
async def list_duties(_caller: Asking, session: Reading, asked: Annotated[OfUnitAt, Query()]) -> Duties:
    """The latest filed first: of two that overlap it is the one that counts."""
    filed = await registers.history(session, "duty", asked.unit)
    shown = (
        DutyShown.of(one, one.filing)
        for one in reversed(filed)
        if isinstance(one.filing, DutyFiling) and (asked.at is None or one.filing.covers(asked.at))
    )
    return Duties(items=tuple(shown))


@router.post(
    "/duty-rosters",
    status_code=201,
    summary="File who leads and who is on duty",
    responses=documentation.filed() | {201: documentation.answers(examples.DUTY, "On file")},
    openapi_extra=documentation.IDEMPOTENT | documented(DutyFiling, examples.DUTY_FILING),
)
async def file_duty(
    parts: AppParts,
    caller: Asking,
    key: IdempotencyKey,
    filing: Annotated[DutyFiling, Depends(body_of(DutyFiling))],
) -> DutyShown:
    filed, _ = await _file(parts, caller, key, filing)
    return DutyShown.of(filed, filing)


@router.get(
    "/delegations",
    summary="List posts that were handed to another",
    responses=documentation.read(Trouble.INVALID) | {200: documentation.answers({"items": [examples.DELEGATION]})},
)
async def list_delegations(
    parts: AppParts, _caller: Asking, session: Reading, asked: Annotated[OfUnitAt, Query()]
) -> Delegations:
    now = await parts.clock.now()
    shown = await _delegations(session, now)
    return Delegations(
        items=tuple(
            one
            for one in shown
            if asked.unit in (None, one.unit) and (asked.at is None or one.starts_at <= asked.at < one.ends_at)
        )
    )


@router.post(
    "/delegations",
    status_code=201,
    summary="Hand the posts held in a unit to another officer of it, for a while",
    responses=documentation.filed() | {201: documentation.answers(examples.DELEGATION, "Both may act from then on")},
    openapi_extra=documentation.IDEMPOTENT | documented(DelegationFiling, examples.DELEGATION_FILING),
)
async def file_delegation(
    parts: AppParts,
    caller: Asking,
    key: IdempotencyKey,
    filing: Annotated[DelegationFiling, Depends(body_of(DelegationFiling))],
) -> DelegationShown:
    filed, now = await _file(parts, caller, key, filing)
    return await _delegation(parts, filed.id, now)


@router.post(
    "/delegations/{delegation}/end",
    summary="End a delegation before its time",
    responses=documentation.filed() | {200: documentation.answers(examples.DELEGATION, "Over")},
    openapi_extra=documentation.IDEMPOTENT | documented(Ending, {}),
)
async def end_delegation(
    parts: AppParts,
    caller: Asking,
    delegation: int,
    key: IdempotencyKey,
    _ending: Annotated[Ending, Depends(body_of(Ending))],
) -> DelegationShown:
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
    return await _delegation(parts, found.id, now)


def _days(caller: Caller) -> int:
    return policies.load(caller.county.policy).spokesperson_days


def _spokespersons(caller: Caller, filed: list[Filed]) -> tuple[SpokespersonShown, ...]:
    days = _days(caller)
    return tuple(
        SpokespersonShown.of(one, one.filing, days) for one in filed if isinstance(one.filing, SpokespersonFiling)
    )


async def _delegations(session: Reading, now: datetime) -> list[DelegationShown]:
    standing = {one.id: one for one in (await registers.register(session)).delegations}
    filed = await registers.history(session, "delegation")
    return [
        DelegationShown.of(one, one.filing, standing[one.id], now)
        for one in filed
        if isinstance(one.filing, DelegationFiling)
    ]


async def _delegation(parts: Parts, id_: int, now: datetime) -> DelegationShown:
    async with parts.sessions() as session:
        return next(one for one in await _delegations(session, now) if one.id == id_)
