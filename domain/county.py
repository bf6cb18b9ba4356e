"""A county's units and officers, and the part of them a decision needs."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.instants import Instant
from domain.vocabulary import OFFICER_ID, UNIT_ID, OfficerId, Rank, Role, UnitId, UnitKind

_DEPUTY = re.compile(r"^(常务)?副|^分管")
_LEADING = frozenset({Role.UNIT_HEAD, Role.LEADING_GROUP})
_SINGLE = (UnitKind.COUNTY_OFFICE, UnitKind.PUBLICITY, UnitKind.PRESS_OFFICE, UnitKind.LEADING_GROUP)


_LINE = r"^[^\x00-\x1f\x7f]*$"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Unit(_Record):
    id: UnitId = Field(pattern=UNIT_ID)
    name: str = Field(min_length=1, max_length=80, pattern=_LINE)
    kind: UnitKind


class Post(_Record):
    """A person's place in a unit. `rank` is read from the title when the file does not give it."""

    unit: UnitId
    title: str = Field(max_length=80, pattern=_LINE)
    roles: tuple[Role, ...]
    rank: Rank = Rank.MEMBER
    on_behalf_of: OfficerId | None = None
    """Whose post it is, where its holder has handed it on for a while."""

    @model_validator(mode="before")
    @classmethod
    def _rank_from_title(cls, data: object) -> object:
        if isinstance(data, dict) and "rank" not in data and _LEADING & set(data.get("roles", ())):
            deputy = _DEPUTY.match(str(data.get("title", "")))
            return data | {"rank": Rank.DEPUTY if deputy else Rank.HEAD}
        return data


class Officer(_Record):
    id: OfficerId = Field(pattern=OFFICER_ID)
    name: str = Field(min_length=1, max_length=40, pattern=_LINE)
    posts: tuple[Post, ...]


class ActingPost(_Record):
    """A post without its title: what a decision needs to know of it."""

    unit: UnitId
    roles: tuple[Role, ...]
    rank: Rank
    on_behalf_of: OfficerId | None = None


class Delegation(_Record):
    """A/B 角: the posts that `principal` holds in `unit` are `delegate`'s too, from one instant to another."""

    id: int
    unit: UnitId
    principal: OfficerId
    delegate: OfficerId
    starts_at: Instant
    ends_at: Instant

    def covers(self, now: datetime) -> bool:
        return self.starts_at <= now < self.ends_at


class DutyPeriod(_Record):
    """值班: whom to call in `unit`, one after the other, from one instant to another."""

    unit: UnitId
    officers: tuple[OfficerId, ...]
    starts_at: Instant
    ends_at: Instant

    def covers(self, now: datetime) -> bool:
        return self.starts_at <= now < self.ends_at


class Actor(_Record):
    """Who issues a command: an officer with the posts held at that moment, without a name."""

    officer: OfficerId
    posts: tuple[ActingPost, ...]

    @classmethod
    def of(cls, officer: Officer) -> Self:
        names = ActingPost.model_fields
        posts = (ActingPost.model_validate({name: getattr(post, name) for name in names}) for post in officer.posts)
        # Whoever could act in their own right does.
        return cls(officer=officer.id, posts=tuple(sorted(posts, key=lambda post: post.on_behalf_of is not None)))

    def has(self, role: Role) -> bool:
        return any(role in post.roles for post in self.posts)


class StandIn(_Record):
    """Somebody who has a role in a unit only because its holder handed the post on."""

    officer: OfficerId
    unit: UnitId
    role: Role
    principal: OfficerId


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
    stand_ins: tuple[StandIn, ...] = ()

    def able(self, role: Role, unit: UnitId | None, stopped: Collection[OfficerId]) -> list[OfficerId]:
        """Officers listed with `role` (in `unit`, if given) but those stopped: a post of somebody who may not decide
        gives nobody else the right to.
        """
        listed: Sequence[OfficerId] = ()
        match role:
            case Role.COUNTY_OFFICE:
                listed = self.county_office
            case Role.LEADING_GROUP:
                listed = self.leading_group
            case Role.UNIT_HEAD if unit:
                listed = self.heads.get(unit, ())
            case Role.CONFIDENTIALITY_REVIEWER if unit:
                listed = self.reviewers.get(unit, ())
            case _:
                raise ValueError(f"a roster lists nobody as {role} of {unit}")
        held = (one for one in self.stand_ins if one.role is role and unit in (None, one.unit))
        lent = {one.officer for one in held if one.principal in stopped}
        return [officer for officer in listed if officer not in stopped and officer not in lent]


class County(_Record):
    """All units and officers. Raises ValueError for a county that could not work."""

    name: str = Field(min_length=1, max_length=80, pattern=_LINE)
    timezone: str = "Asia/Shanghai"
    policy: str
    units: tuple[Unit, ...]
    officers: tuple[Officer, ...]
    delegations: tuple[Delegation, ...] = ()
    spokespersons: dict[UnitId, tuple[OfficerId, ...]] = {}
    """As filed (Art. 7); a unit that has filed nobody is spoken for by the posts with that role."""
    duties: tuple[DutyPeriod, ...] = ()
    """As filed, the latest filing first."""
    on_duty: dict[UnitId, tuple[OfficerId, ...]] = {}
    """Whom to call first, and next, where a roster covers the instant this county stands for."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        try:
            ZoneInfo(self.timezone)
        except (KeyError, ValueError):
            raise ValueError(f"there is no time zone {self.timezone!r}") from None
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

    def on(self, now: datetime) -> Self:
        """The county at an instant: who is on duty, and who holds a post for somebody else, beside their own. No post
        is handed on twice.
        """
        active = [delegation for delegation in self.delegations if delegation.covers(now)]
        on_duty = {period.unit: period.officers for period in reversed(self.duties) if period.covers(now)}
        if not active:
            return self.model_copy(update={"on_duty": on_duty}) if on_duty else self
        handed: dict[OfficerId, list[Post]] = {}
        for delegation in active:
            principal = self.officer(delegation.principal)
            own = principal.posts if principal else ()
            handed.setdefault(delegation.delegate, []).extend(
                post.model_copy(update={"on_behalf_of": delegation.principal})
                for post in own
                if post.unit == delegation.unit
            )
        officers = tuple(
            officer.model_copy(update={"posts": (*officer.posts, *handed.get(officer.id, ()))})
            for officer in self.officers
        )
        return self.model_copy(update={"officers": officers, "delegations": (), "on_duty": on_duty})

    def with_role(self, role: Role, unit: UnitId | None = None) -> tuple[OfficerId, ...]:
        """Officers who hold `role` (in `unit`, if given), heads before deputies before members, own posts first."""
        return _in_order(
            _rank(post, officer) for officer, post in self._held() if role in post.roles and unit in (None, post.unit)
        )

    def _held(self) -> Iterator[tuple[Officer, Post]]:
        return ((officer, post) for officer in self.officers for post in officer.posts)

    def roster(self, units: Iterable[UnitId] | None = None) -> Roster:
        """The roster of `units` (all when None) and of the units that take part in every incident."""
        office, publicity, press = (
            self.unit_of_kind(k) for k in (UnitKind.COUNTY_OFFICE, UnitKind.PUBLICITY, UnitKind.PRESS_OFFICE)
        )
        wanted = {u.id for u in self.units} if units is None else {*units, office, publicity, press}
        chosen = [u for u in self.units if u.id in wanted]
        # Gone through once: every command asks for a roster.
        held: dict[tuple[Role, UnitId], list[_Ranked]] = defaultdict(list)
        for officer, post in self._held():
            if post.unit in wanted:
                for role in post.roles:
                    held[role, post.unit].append(_rank(post, officer))

        def holding(role: Role) -> dict[UnitId, tuple[OfficerId, ...]]:
            return {u.id: _in_order(held[role, u.id]) for u in chosen}

        return Roster(
            office=office,
            publicity=publicity,
            press=press,
            kinds={u.id: u.kind for u in chosen},
            heads=holding(Role.UNIT_HEAD),
            reviewers=holding(Role.CONFIDENTIALITY_REVIEWER),
            spokespersons=holding(Role.SPOKESPERSON) | {u.id: filed for u in chosen if (filed := self._filed(u.id))},
            county_office=self.with_role(Role.COUNTY_OFFICE),
            leading_group=self.with_role(Role.LEADING_GROUP),
            stand_ins=tuple(one for officer in self.officers for one in _lent(officer)),
        )

    def _filed(self, unit: UnitId) -> tuple[OfficerId, ...]:
        return self.spokespersons.get(unit, ())


_RANKS = {rank: number for number, rank in enumerate(Rank)}
_Ranked = tuple[tuple[int, bool], OfficerId]


def _rank(post: Post, officer: Officer) -> _Ranked:
    return (_RANKS[post.rank], post.on_behalf_of is not None), officer.id


def _in_order(found: Iterable[_Ranked]) -> tuple[OfficerId, ...]:
    return tuple(dict.fromkeys(officer for _, officer in sorted(found, key=itemgetter(0))))


def _lent(officer: Officer) -> Iterator[StandIn]:
    """The roles that none of the officer's own posts gives."""
    own = {(post.unit, role) for post in officer.posts if post.on_behalf_of is None for role in post.roles}
    for post in officer.posts:
        for role in post.roles:
            if post.on_behalf_of and (post.unit, role) not in own:
                yield StandIn(officer=officer.id, unit=post.unit, role=role, principal=post.on_behalf_of)
