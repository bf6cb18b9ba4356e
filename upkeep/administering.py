"""What an administrator changes beside the database: units, officers, their passwords and their access."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

import policies
from db import accounts, console_sessions, directory, once
from domain.county import County, Officer, Post, Unit
from domain.vocabulary import OfficerId, Role, UnitId, UnitKind
from runtime.passwords import Passwords, one_time_password

DEFAULT_POLICY = "xiangyun-2019-54"
_BARE_UNITS = (
    ("office", "县政府办公室", UnitKind.COUNTY_OFFICE),
    ("publicity", "县委宣传部", UnitKind.PUBLICITY),
    ("press", "县政府新闻办", UnitKind.PRESS_OFFICE),
    ("leading", "领导小组", UnitKind.LEADING_GROUP),
)
"""Without these no county works; a file brings the others."""
_TITLE = "系统管理员"


class NotDone(Exception):
    """Nothing was changed; says why."""


class Login(NamedTuple):
    """What to hand to an officer: the password serves once, to choose another."""

    officer: OfficerId
    password: str


class Ended(NamedTuple):
    sessions: int
    tokens: int


async def make_first_administrator(database_url: str, officer: str, name: str, county_name: str) -> Login:
    """An administrator where there is none yet; a bare county where there is none yet. Raises NotDone."""
    async with once.opened(database_url) as sessions, sessions.begin() as session:
        try:
            county = await directory.county_to_change(session)
        except directory.NoCounty:
            county = _bare_county(county_name)
        if there := county.with_role(Role.ADMIN):
            raise NotDone(
                f"there is an administrator already: {', '.join(there)} (huiying admin password resets theirs)"
            )
        await _save(session, _rebuilt(county, county.units, _with_administrator(county, OfficerId(officer), name)))
        return await _give_password(session, OfficerId(officer))


async def change_county(database_url: str, change: Callable[[County], County]) -> County:
    """Apply `change` to the county as it is; all of it or nothing. Raises NotDone."""
    async with once.opened(database_url) as sessions, sessions.begin() as session:
        try:
            county = change(await directory.county_to_change(session))
        except directory.NoCounty as e:
            raise NotDone(str(e)) from e
        await _save(session, county)
        return county


async def add_officer(database_url: str, officer: Officer) -> tuple[County, Login | None]:
    """Add an officer with a post and a password, or the post to one who is there: in a unit where they have one
    it takes its place. Raises NotDone.
    """
    async with once.opened(database_url) as sessions, sessions.begin() as session:
        try:
            county = await directory.county_to_change(session)
        except directory.NoCounty as e:
            raise NotDone(str(e)) from e
        known = county.officer(officer.id)
        units = {post.unit for post in officer.posts}
        kept = tuple(post for post in known.posts if post.unit not in units) if known else ()
        made = Officer(id=officer.id, name=officer.name, posts=(*kept, *officer.posts))
        county = _rebuilt(county, county.units, _replaced(county, made))
        await _save(session, county)
        return county, None if known else await _give_password(session, officer.id)


def with_unit(unit: Unit) -> Callable[[County], County]:
    """Adds a unit, or renames one."""

    def change(county: County) -> County:
        others = [one for one in county.units if one.id != unit.id]
        return _rebuilt(county, (*others, unit), county.officers)

    return change


def without_unit(unit: str) -> Callable[[County], County]:
    def change(county: County) -> County:
        if all(one.id != unit for one in county.units):
            raise NotDone(f"there is no unit {unit!r}")
        if holders := [o.id for o in county.officers if any(post.unit == unit for post in o.posts)]:
            raise NotDone(f"officers hold posts in {unit}: {', '.join(holders)}")
        return _rebuilt(county, [one for one in county.units if one.id != unit], county.officers)

    return change


def without_officer(officer: str) -> Callable[[County], County]:
    def change(county: County) -> County:
        if county.officer(OfficerId(officer)) is None:
            raise NotDone(f"there is no officer {officer!r}")
        if county.with_role(Role.ADMIN) == (officer,):
            raise NotDone(f"{officer} is the only administrator: make another one first")
        return _rebuilt(county, county.units, [one for one in county.officers if one.id != officer])

    return change


async def import_county(database_url: str, county: County, *, give_logins: bool) -> tuple[County, Sequence[Login]]:
    """Make the county `county`. Administrators stay, whether or not it names them. `give_logins`: with a password
    for every officer who has none.
    """
    async with once.opened(database_url) as sessions, sessions.begin() as session:
        try:
            before = await directory.county_to_change(session)
        except directory.NoCounty:
            before = county
        for administrator in before.with_role(Role.ADMIN):
            found = before.officer(administrator)
            name = found.name if found else administrator
            county = _rebuilt(county, county.units, _with_administrator(county, administrator, name))
        await _save(session, county)
        lacking = await accounts.without(session) if give_logins else []
        return county, [await _give_password(session, officer) for officer in lacking]


async def reset_password(database_url: str, officer: str) -> Login:
    """A new password that serves once; the officer's sessions end, and their name is open again."""
    async with once.opened(database_url) as sessions, sessions.begin() as session:
        if OfficerId(officer) not in {one.id for one in (await directory.county(session)).officers}:
            raise NotDone(f"there is no officer {officer!r}")
        await console_sessions.end_all_of(session, OfficerId(officer))
        await accounts.forget_attempts(session, officer)
        await accounts.forget_devices(session, OfficerId(officer))
        return await _give_password(session, OfficerId(officer))


async def end_access(database_url: str, officer: str, *, tokens: bool) -> Ended:
    """End an officer's sessions, and tokens if asked to. Also of one who has left."""
    async with once.opened(database_url) as sessions, sessions.begin() as session:
        if officer not in await directory.names(session):
            raise NotDone(f"there has never been an officer {officer!r}")
        ended = await console_sessions.end_all_of(session, OfficerId(officer))
        await accounts.forget_devices(session, OfficerId(officer))
        revoked = await directory.revoke_tokens_of(session, OfficerId(officer), _now()) if tokens else 0
        return Ended(ended, revoked)


async def link(database_url: str, officer: str, issuer: str, subject: str) -> None:
    """Let the identity provider's `subject` in as this officer."""
    async with once.opened(database_url) as sessions, sessions.begin() as session:
        if OfficerId(officer) not in {one.id for one in (await directory.county(session)).officers}:
            raise NotDone(f"there is no officer {officer!r}")
        await accounts.link(session, OfficerId(officer), issuer, subject, _now())


async def _give_password(session: AsyncSession, officer: OfficerId) -> Login:
    password = one_time_password()
    hashed = await Passwords().hash(password)
    await accounts.set_password(session, officer, hashed, _now(), must_change=True)
    return Login(officer, password)


async def _save(session: AsyncSession, county: County) -> None:
    policies.load_for_county(county.policy)
    await directory.save_county(session, county)
    await directory.end_access_of_inactive(session, _now())


def _bare_county(name: str) -> County:
    units = tuple(Unit(id=UnitId(unit), name=title, kind=kind) for unit, title, kind in _BARE_UNITS)
    return County(name=name, policy=DEFAULT_POLICY, units=units, officers=())


def _with_administrator(county: County, officer: OfficerId, name: str) -> Sequence[Officer]:
    known = county.officer(officer)
    if known and any(Role.ADMIN in post.roles for post in known.posts):
        return county.officers
    post = Post(unit=county.unit_of_kind(UnitKind.COUNTY_OFFICE), title=_TITLE, roles=(Role.ADMIN,))
    return _replaced(county, Officer(id=officer, name=name, posts=(*(known.posts if known else ()), post)))


def _replaced(county: County, officer: Officer) -> Sequence[Officer]:
    """The officers with this one in the place of the one of its id, or as the last."""
    if county.officer(officer.id) is None:
        return (*county.officers, officer)
    return [officer if one.id == officer.id else one for one in county.officers]


def _rebuilt(county: County, units: Sequence[Unit], officers: Sequence[Officer]) -> County:
    """Raises NotDone for a county that could not work."""
    try:
        return County(
            name=county.name,
            timezone=county.timezone,
            policy=county.policy,
            units=tuple(units),
            officers=tuple(officers),
        )
    except ValidationError as e:
        raise NotDone("; ".join(error["msg"].removeprefix("Value error, ") for error in e.errors())) from None


def _now() -> datetime:
    return datetime.now(UTC)
