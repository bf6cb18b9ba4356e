"""A county's units and officers, and the part of them a decision needs."""

import re
from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.vocabulary import OfficerId, Rank, Role, UnitId, UnitKind

_DEPUTY = re.compile(r"^(常务)?副|^分管")
_LEADING = frozenset({Role.UNIT_HEAD, Role.LEADING_GROUP})
_SINGLE = (UnitKind.COUNTY_OFFICE, UnitKind.PUBLICITY, UnitKind.PRESS_OFFICE, UnitKind.LEADING_GROUP)


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Unit(_Record):
    id: UnitId = Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")
    name: str = Field(min_length=1, max_length=80)
    kind: UnitKind


class Post(_Record):
    """A person's place in a unit. `rank` is read from the title when the file does not give it."""

    unit: UnitId
    title: str
    roles: tuple[Role, ...]
    rank: Rank = Rank.MEMBER

    @model_validator(mode="before")
    @classmethod
    def _rank_from_title(cls, data: object) -> object:
        if isinstance(data, dict) and "rank" not in data and _LEADING & set(data.get("roles", ())):
            deputy = _DEPUTY.match(str(data.get("title", "")))
            return data | {"rank": Rank.DEPUTY if deputy else Rank.HEAD}
        return data


class Officer(_Record):
    id: OfficerId = Field(pattern=r"^[a-z][a-z0-9.-]{1,60}$")
    name: str = Field(min_length=1, max_length=40)
    posts: tuple[Post, ...]


class ActingPost(_Record):
    """A post without its title: what a decision needs to know of it."""

    unit: UnitId
    roles: tuple[Role, ...]
    rank: Rank


class Actor(_Record):
    """Who issues a command: an officer with the posts held at that moment, without a name."""

    officer: OfficerId
    posts: tuple[ActingPost, ...]

    @classmethod
    def of(cls, officer: Officer) -> Self:
        posts = tuple(ActingPost(unit=p.unit, roles=p.roles, rank=p.rank) for p in officer.posts)
        return cls(officer=officer.id, posts=posts)

    def has(self, role: Role) -> bool:
        return any(role in post.roles for post in self.posts)


class Roster(_Record):
    """The county as a decision sees it: ids only, and only of the units that matter to it."""

    office: UnitId
    publicity: UnitId
    press: UnitId
    kinds: dict[UnitId, UnitKind]
    heads: dict[UnitId, tuple[OfficerId, ...]]
    reviewers: dict[UnitId, tuple[OfficerId, ...]]
    spokespersons: dict[UnitId, tuple[OfficerId, ...]]
    county_office: tuple[OfficerId, ...]
    leading_group: tuple[OfficerId, ...]


class County(_Record):
    """All units and officers. Raises ValueError for a county that could not work."""

    name: str
    timezone: str = "Asia/Shanghai"
    policy: str
    units: tuple[Unit, ...]
    officers: tuple[Officer, ...]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for what, ids in (
            ("unit", [str(u.id) for u in self.units]),
            ("officer", [str(o.id) for o in self.officers]),
        ):
            if twice := {i for i in ids if ids.count(i) > 1}:
                raise ValueError(f"{what} ids occur twice: {sorted(twice)}")
        for kind in _SINGLE:
            if sum(u.kind == kind for u in self.units) != 1:
                raise ValueError(f"a county has exactly one unit of kind {kind}")
        known = {u.id for u in self.units}
        if lost := {p.unit for o in self.officers for p in o.posts} - known:
            raise ValueError(f"posts name unknown units: {sorted(lost)}")
        return self

    def unit_of_kind(self, kind: UnitKind) -> UnitId:
        return next(u.id for u in self.units if u.kind == kind)

    def officer(self, officer: OfficerId) -> Officer | None:
        return next((o for o in self.officers if o.id == officer), None)

    def with_role(self, role: Role, unit: UnitId | None = None) -> tuple[OfficerId, ...]:
        """Officers who hold `role` (in `unit`, if given), heads before deputies before members."""
        order = list(Rank)
        found = [
            (order.index(post.rank), officer.id)
            for officer in self.officers
            for post in officer.posts
            if role in post.roles and unit in (None, post.unit)
        ]
        return tuple(dict.fromkeys(officer for _, officer in sorted(found, key=lambda pair: pair[0])))

    def roster(self, units: Iterable[UnitId] | None = None) -> Roster:
        """The roster of `units` (all when None) and of the units that take part in every incident."""
        office, publicity, press = (
            self.unit_of_kind(k) for k in (UnitKind.COUNTY_OFFICE, UnitKind.PUBLICITY, UnitKind.PRESS_OFFICE)
        )
        wanted = {u.id for u in self.units} if units is None else {*units, office, publicity, press}
        chosen = [u for u in self.units if u.id in wanted]

        def holding(role: Role) -> dict[UnitId, tuple[OfficerId, ...]]:
            return {u.id: self.with_role(role, u.id) for u in chosen}

        return Roster(
            office=office,
            publicity=publicity,
            press=press,
            kinds={u.id: u.kind for u in chosen},
            heads=holding(Role.UNIT_HEAD),
            reviewers=holding(Role.CONFIDENTIALITY_REVIEWER),
            spokespersons=holding(Role.SPOKESPERSON),
            county_office=self.with_role(Role.COUNTY_OFFICE),
            leading_group=self.with_role(Role.LEADING_GROUP),
        )
