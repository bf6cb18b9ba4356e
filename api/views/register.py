"""Registers as the API shows them."""

from typing import Self

from pydantic import BaseModel

from domain.county import Delegation
from domain.instants import Instant
from domain.registers import DelegationFiling, DutyFiling, Filed, OwedFiling, SpokespersonFiling, late
from domain.vocabulary import OfficerId, UnitId


class SpokespersonShown(BaseModel):
    """What a unit filed; `late`: its change was reported after the policy's days (Art. 7)."""

    id: int
    unit: UnitId
    spokesperson: OfficerId
    deputy: OfficerId | None
    changed_on: str
    filed_by: OfficerId
    filed_at: Instant
    late: bool

    @classmethod
    def of(cls, filed: Filed, filing: SpokespersonFiling, days: int) -> Self:
        return cls(
            id=filed.id,
            unit=filing.unit,
            spokesperson=filing.spokesperson,
            deputy=filing.deputy,
            changed_on=filing.changed_on.isoformat(),
            filed_by=filed.filed_by,
            filed_at=filed.filed_at,
            late=late(filed, days),
        )


class OwedShown(BaseModel):
    """A unit with nobody on file, or whose filed officers in `left` are there no more."""

    unit: UnitId
    left: tuple[OfficerId, ...]

    @classmethod
    def of(cls, owed: OwedFiling) -> Self:
        return cls(unit=owed.unit, left=owed.left)


class Spokespersons(BaseModel):
    items: tuple[SpokespersonShown, ...]
    owed: tuple[OwedShown, ...]


class DutyShown(BaseModel):
    id: int
    unit: UnitId
    starts_at: Instant
    ends_at: Instant
    leader: OfficerId
    on_duty: tuple[OfficerId, ...]
    filed_by: OfficerId
    filed_at: Instant

    @classmethod
    def of(cls, filed: Filed, filing: DutyFiling) -> Self:
        given = filing.model_dump(exclude={"kind"})
        return cls(id=filed.id, filed_by=filed.filed_by, filed_at=filed.filed_at, **given)


class Duties(BaseModel):
    items: tuple[DutyShown, ...]


class DelegationShown(BaseModel):
    """`in_force`: at this moment both may act."""

    id: int
    unit: UnitId
    principal: OfficerId
    delegate: OfficerId
    starts_at: Instant
    ends_at: Instant
    reason: str | None
    filed_by: OfficerId
    filed_at: Instant
    in_force: bool

    @classmethod
    def of(cls, filed: Filed, filing: DelegationFiling, as_it_stands: Delegation, now: Instant) -> Self:
        given = filing.model_dump(exclude={"kind", "ends_at"})
        return cls(
            id=filed.id,
            filed_by=filed.filed_by,
            filed_at=filed.filed_at,
            ends_at=as_it_stands.ends_at,
            in_force=as_it_stands.covers(now),
            **given,
        )


class Delegations(BaseModel):
    items: tuple[DelegationShown, ...]
