"""Registers that units keep: spokespersons (Art. 7), who leads and who is on duty, and posts handed to another.

A register is a list of filings that only grows: the latest says how things stand, all of them how they came to.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from domain.commands import OfficerRef, UnitRef
from domain.county import Actor, County, Delegation, DutyPeriod
from domain.instants import Instant
from domain.labels import SHANGHAI
from domain.refusals import Code, Refusal
from domain.submission import check_past
from domain.vocabulary import OfficerId, Role, UnitId, UnitKind

LONGEST_DUTY = timedelta(days=31)
LONGEST_DELEGATION = timedelta(days=90)
Remark = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S")]


class _Filing(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: UnitRef

    def officers(self) -> tuple[OfficerId, ...]:
        """All of them must hold a post in the unit."""
        raise NotImplementedError


class _Period(_Filing):
    starts_at: Instant
    ends_at: Instant

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise ValueError("a period ends after it starts")
        return self

    def covers(self, now: datetime) -> bool:
        return self.starts_at <= now < self.ends_at


class SpokespersonFiling(_Filing):
    """新闻发言人备案: who speaks for the unit since `changed_on`, and who in their place (Art. 7)."""

    kind: Literal["spokesperson"] = "spokesperson"
    spokesperson: OfficerRef
    deputy: OfficerRef | None = None
    changed_on: date

    def officers(self) -> tuple[OfficerId, ...]:
        return (self.spokesperson, *((self.deputy,) if self.deputy else ()))


class DutyFiling(_Period):
    """值班表: who leads, and who is on duty in the order they are called."""

    kind: Literal["duty"] = "duty"
    leader: OfficerRef
    on_duty: Annotated[tuple[OfficerRef, ...], Field(min_length=1, max_length=20)]

    def officers(self) -> tuple[OfficerId, ...]:
        return (*self.on_duty, self.leader)


class DelegationFiling(_Period):
    """A/B 角: `principal` hands the posts held in `unit` to `delegate`; both may act meanwhile."""

    kind: Literal["delegation"] = "delegation"
    principal: OfficerRef
    delegate: OfficerRef
    reason: Remark | None = None

    def officers(self) -> tuple[OfficerId, ...]:
        return (self.principal, self.delegate)


class DelegationEnd(_Filing):
    """The delegation `delegation` is over before its time."""

    kind: Literal["delegation_end"] = "delegation_end"
    delegation: int


Filing = Annotated[SpokespersonFiling | DutyFiling | DelegationFiling | DelegationEnd, Field(discriminator="kind")]


class Filed(BaseModel):
    """A filing with its place in the register."""

    model_config = ConfigDict(frozen=True)

    id: int
    filed_by: OfficerId
    filed_at: Instant
    filing: Filing


def check_filing(
    filing: SpokespersonFiling | DutyFiling | DelegationFiling, actor: Actor, county: County, now: datetime
) -> None:
    """Who may file what about whom.

    Raises UNKNOWN_UNIT, NOT_PERMITTED, UNKNOWN_OFFICER, WRONG_OFFICER, SAME_OFFICER, PERIOD_TOO_LONG, REASON_NEEDED,
    IN_THE_FUTURE.
    """
    if all(unit.id != filing.unit for unit in county.units):
        raise Refusal(Code.UNKNOWN_UNIT, units=filing.unit)
    if not _may_file(filing, actor):
        raise Refusal(Code.NOT_PERMITTED, actor=actor.officer, command=f"file_{filing.kind}")
    for officer in filing.officers():
        found = county.officer(officer)
        if found is None:
            raise Refusal(Code.UNKNOWN_OFFICER, officers=officer)
        if all(post.unit != filing.unit or post.on_behalf_of for post in found.posts):
            raise Refusal(Code.WRONG_OFFICER, officer=officer, unit=filing.unit)
    if len(set(filing.officers())) == 1 and len(filing.officers()) > 1 and not isinstance(filing, DutyFiling):
        raise Refusal(Code.SAME_OFFICER)
    longest = {DutyFiling: LONGEST_DUTY, DelegationFiling: LONGEST_DELEGATION}.get(type(filing))
    if isinstance(filing, _Period) and longest and filing.ends_at - filing.starts_at > longest:
        raise Refusal(Code.PERIOD_TOO_LONG, days=longest.days)
    if isinstance(filing, DelegationFiling) and actor.officer != filing.principal and filing.reason is None:
        raise Refusal(Code.REASON_NEEDED)
    if isinstance(filing, SpokespersonFiling):
        # The latest filing counts from when it is filed: a change to come would take effect before its day.
        check_past("changed_on", datetime.combine(filing.changed_on, time(), SHANGHAI), now)


def _may_file(filing: SpokespersonFiling | DutyFiling | DelegationFiling, actor: Actor) -> bool:
    """A unit files its own registers, the county office and the press office any; a post is its holder's to hand on."""
    if isinstance(filing, DelegationFiling):
        return actor.officer == filing.principal or actor.has(Role.COUNTY_OFFICE)
    return keeps(actor, filing.unit)


def keeps(actor: Actor, unit: UnitId) -> bool:
    """Whether the actor files who speaks for the unit, and who is on duty there."""
    own = any(p.unit == unit and {Role.EDITOR, Role.UNIT_HEAD} & set(p.roles) for p in actor.posts)
    return own or actor.has(Role.COUNTY_OFFICE) or actor.has(Role.PRESS_OFFICE)


def check_end(delegation: Delegation, actor: Actor) -> None:
    """Either of the two, or the county office, ends a delegation early."""
    if actor.officer not in (delegation.principal, delegation.delegate) and not actor.has(Role.COUNTY_OFFICE):
        raise Refusal(Code.NOT_PERMITTED, actor=actor.officer, command="end_delegation")


def late(filed: Filed, days: int) -> bool:
    """Whether a change of spokesperson was reported later than the policy's days (Art. 7)."""
    filing = filed.filing
    if not isinstance(filing, SpokespersonFiling):
        return False
    return filed.filed_at.astimezone(SHANGHAI).date() - filing.changed_on > timedelta(days=days)


class Register(BaseModel):
    """The registers as they stand: the latest of each kind that matters."""

    model_config = ConfigDict(frozen=True)

    spokespersons: dict[UnitId, Filed] = {}
    duties: tuple[DutyPeriod, ...] = ()
    """The latest filing first."""
    delegations: tuple[Delegation, ...] = ()

    @classmethod
    def of(cls, filed: Iterable[Filed]) -> Self:
        """From all filings in order. The latest spokesperson counts; of duties that overlap, the later filed."""
        spokespersons: dict[UnitId, Filed] = {}
        duties: list[DutyPeriod] = []
        delegations: dict[int, Delegation] = {}
        for one in filed:
            match one.filing:
                case SpokespersonFiling():
                    spokespersons[one.filing.unit] = one
                case DutyFiling():
                    duties.insert(0, _period(one.filing))
                case DelegationFiling():
                    names = ("unit", "principal", "delegate", "starts_at", "ends_at")
                    given = {name: getattr(one.filing, name) for name in names}
                    delegations[one.id] = Delegation(id=one.id, **given)
                case DelegationEnd():
                    ended = delegations[one.filing.delegation]
                    at = max(min(one.filed_at, ended.ends_at), ended.starts_at)
                    delegations[ended.id] = ended.model_copy(update={"ends_at": at})
        return cls(spokespersons=spokespersons, duties=tuple(duties), delegations=tuple(delegations.values()))


def _period(filing: DutyFiling) -> DutyPeriod:
    officers = tuple(dict.fromkeys(filing.officers()))
    return DutyPeriod(unit=filing.unit, officers=officers, starts_at=filing.starts_at, ends_at=filing.ends_at)


class OwedFiling(NamedTuple):
    """A unit whose spokesperson is not on file, or is no longer one of its officers (Art. 7)."""

    unit: UnitId
    left: tuple[OfficerId, ...]


def owed_filings(county: County, register: Register) -> Sequence[OwedFiling]:
    """Every township and department has a spokesperson on file who is still there.

    A county file that gives somebody the role is a filing of its own.
    """
    owed: list[OwedFiling] = []
    for unit in county.units:
        if unit.kind not in (UnitKind.TOWNSHIP, UnitKind.DEPARTMENT):
            continue
        filed = register.spokespersons.get(unit.id)
        if filed is None:
            if not county.with_role(Role.SPOKESPERSON, unit.id):
                owed.append(OwedFiling(unit.id, ()))
        elif isinstance(filed.filing, SpokespersonFiling):
            left = [officer for officer in filed.filing.officers() if not _serves(county, officer, unit.id)]
            if left:
                owed.append(OwedFiling(unit.id, tuple(left)))
    return owed


def _serves(county: County, officer: OfficerId, unit: UnitId) -> bool:
    found = county.officer(officer)
    return found is not None and any(post.unit == unit for post in found.posts)
