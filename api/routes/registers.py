"""Registers that units keep: spokespersons, who is on duty, posts handed to another."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from api import documentation, examples, filing
from api.auth import Asking
from api.bodies import body_of, documented
from api.keys import IdempotencyKey
from api.parts import AppParts, Reading
from api.problems import Trouble
from api.views.register import (
    Delegations,
    DelegationShown,
    Duties,
    DutyShown,
    OwedShown,
    Spokespersons,
    SpokespersonShown,
)
from db import registers
from domain.commands import UnitRef
from domain.instants import Instant
from domain.registers import DelegationFiling, DutyFiling, SpokespersonFiling, owed_filings

router = APIRouter(prefix="/api/v1", tags=["registers"])


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


@router.get(
    "/spokespersons",
    summary="List the spokespersons on file, and the units that owe a filing",
    responses=documentation.read(Trouble.INVALID) | {200: documentation.answers(examples.SPOKESPERSONS)},
)
async def list_spokespersons(caller: Asking, session: Reading, asked: Annotated[OfUnit, Query()]) -> Spokespersons:
    register = await registers.register(session)
    return Spokespersons(
        items=filing.spokespersons_shown(
            caller, [f for u, f in register.spokespersons.items() if asked.unit in (None, u)]
        ),
        owed=tuple(OwedShown.of(o) for o in owed_filings(caller.county, register) if asked.unit in (None, o.unit)),
    )


@router.get(
    "/spokespersons/{unit}/history",
    summary="Read all that a unit ever filed, the oldest first",
    responses=documentation.read(Trouble.INVALID) | {200: documentation.answers([examples.SPOKESPERSON])},
)
async def read_history(caller: Asking, session: Reading, unit: UnitRef) -> list[SpokespersonShown]:
    return list(filing.spokespersons_shown(caller, await registers.history(session, "spokesperson", unit)))


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
    given: Annotated[SpokespersonFiling, Depends(body_of(SpokespersonFiling))],
) -> SpokespersonShown:
    filed, _ = await filing.file(parts, caller, key, given)
    return SpokespersonShown.of(filed, given, filing.days_to_report(caller))


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
    given: Annotated[DutyFiling, Depends(body_of(DutyFiling))],
) -> DutyShown:
    filed, _ = await filing.file(parts, caller, key, given)
    return DutyShown.of(filed, given)


@router.get(
    "/delegations",
    summary="List posts that were handed to another",
    responses=documentation.read(Trouble.INVALID) | {200: documentation.answers({"items": [examples.DELEGATION]})},
)
async def list_delegations(
    parts: AppParts, _caller: Asking, session: Reading, asked: Annotated[OfUnitAt, Query()]
) -> Delegations:
    now = await parts.clock.now()
    shown = await filing.delegations_shown(session, now)
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
    given: Annotated[DelegationFiling, Depends(body_of(DelegationFiling))],
) -> DelegationShown:
    filed, now = await filing.file(parts, caller, key, given)
    return await filing.delegation_shown(parts, filed.id, now)


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
    return await filing.end(parts, caller, key, delegation)
