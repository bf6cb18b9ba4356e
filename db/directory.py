"""The county's units, officers and posts, and the tokens of its officers."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db import registers
from db.tables import (
    AccountRow,
    CountyRow,
    DeviceRow,
    IdentityRow,
    OfficerRow,
    PostRow,
    SessionRow,
    TokenRow,
    UnitRow,
)
from domain.access import EVERYTHING, Grantable, parse_scopes
from domain.county import County
from domain.registers import SpokespersonFiling
from domain.vocabulary import OfficerId

_COUNTY = text(
    """
    SELECT c.version, json_build_object(
        'name', c.name,
        'timezone', c.timezone,
        'policy', c.policy,
        'units', (
            SELECT coalesce(json_agg(json_build_object(
                'id', u.id, 'name', u.name, 'kind', u.kind
            ) ORDER BY u.position), '[]')
            FROM units u WHERE u.active
        ),
        'officers', (
            SELECT coalesce(json_agg(json_build_object('id', o.id, 'name', o.name, 'posts', (
                SELECT coalesce(json_agg(json_build_object(
                    'unit', p.unit, 'title', p.title, 'roles', p.roles, 'rank', p.rank
                ) ORDER BY p.position), '[]')
                FROM posts p WHERE p.officer = o.id
            )) ORDER BY o.position), '[]')
            FROM officers o WHERE o.active
        )
    )::text
    FROM county c
    """
)


class NoCounty(LookupError):
    """The database holds no county yet."""


class UnknownOfficer(LookupError):
    """No active officer has this id."""


async def county(session: AsyncSession) -> County:
    """Active units and officers, in the order of the file they came from. Raises NoCounty."""
    return (await _county_and_version(session))[0]


async def _county_and_version(session: AsyncSession) -> tuple[County, int]:
    found = (await session.execute(_COUNTY)).one_or_none()
    if found is None:
        raise NoCounty("no county is loaded: run `huiying load-county`")
    county, register = County.model_validate_json(found[1]), await registers.register(session)
    filed = {
        unit: one.filing.officers()
        for unit, one in register.spokespersons.items()
        if isinstance(one.filing, SpokespersonFiling)
    }
    kept = {"delegations": register.delegations, "duties": register.duties, "spokespersons": filed}
    return county.model_copy(update=kept), found[0]


async def county_version(session: AsyncSession) -> int:
    """A number that rises whenever anything of the county changes. Raises NoCounty."""
    found: int | None = await session.scalar(select(CountyRow.version))
    if found is None:
        raise NoCounty("no county is loaded: run `huiying load-county`")
    return found


async def county_to_change(session: AsyncSession) -> County:
    """The county, which nobody else changes until this transaction ends. Raises NoCounty."""
    await session.execute(select(CountyRow.version).with_for_update())
    return await county(session)


class Counties:
    """The county as of its latest version, kept in memory: a process needs it for every command."""

    def __init__(self) -> None:
        self._kept: tuple[County, int] | None = None

    async def at(self, session: AsyncSession, known_version: int | None) -> County:
        """The county at `known_version`, which the caller has just read, or a newer one. Raises NoCounty."""
        if self._kept is None or self._kept[1] != known_version:
            self._kept = await _county_and_version(session)
        return self._kept[0]

    async def current(self, session: AsyncSession) -> County:
        """The county as it is now: one short query when nothing has changed. Raises NoCounty."""
        return await self.at(session, await county_version(session))


async def names(session: AsyncSession) -> dict[str, str]:
    """Names of all units and officers by id, those no longer active included."""
    units = select(UnitRow.id, UnitRow.name)
    officers = select(OfficerRow.id, OfficerRow.name)
    return dict((await session.execute(units.union_all(officers))).all())


async def save_county(session: AsyncSession, county: County) -> None:
    """Make the tables say what `county` says. Who is no longer in it becomes inactive, never deleted."""
    values = {"name": county.name, "timezone": county.timezone, "policy": county.policy}
    saved = insert(CountyRow).values(one=True, **values)
    # The county's row is locked first, so two loads at once come one after the other.
    await session.execute(saved.on_conflict_do_update(index_elements=["one"], set_=values))
    await _save(session, UnitRow, [u.model_dump() | {"position": n} for n, u in enumerate(county.units)])
    officers = [{"id": o.id, "name": o.name, "position": n} for n, o in enumerate(county.officers)]
    await _save(session, OfficerRow, officers)
    await session.execute(delete(PostRow))
    posts = [
        post.model_dump() | {"officer": officer.id, "position": position, "roles": list(post.roles)}
        for officer in county.officers
        for position, post in enumerate(officer.posts)
    ]
    if posts:
        await session.execute(insert(PostRow), posts)


async def _save(session: AsyncSession, table: type[UnitRow | OfficerRow], rows: Sequence[dict[str, Any]]) -> None:
    saved = insert(table)
    columns = {name: saved.excluded[name] for name in (rows[0] if rows else {}) if name != "id"}
    if rows:
        upsert = saved.on_conflict_do_update(index_elements=["id"], set_=columns | {"active": True})
        await session.execute(upsert, rows)
    await session.execute(update(table).where(table.id.not_in([row["id"] for row in rows])).values(active=False))


def hash_token(token: str) -> str:
    """What is kept of a token. It is random and long, so a plain hash cannot be tried through."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True)
class ApiToken:
    """A token that neither ran out nor was revoked, of an active officer."""

    id: int
    officer: OfficerId
    label: str
    scopes: frozenset[Grantable]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


async def issue_token(
    session: AsyncSession,
    officer: OfficerId,
    now: datetime,
    label: str,
    expires_at: datetime | None = None,
    scopes: frozenset[Grantable] = EVERYTHING,
) -> str:
    """A new token of an active officer, to be shown once. Raises UnknownOfficer."""
    active = select(OfficerRow.id).where(OfficerRow.id == officer, OfficerRow.active)
    if await session.scalar(active) is None:
        raise UnknownOfficer(officer)
    token = "hy_" + secrets.token_urlsafe(32)
    row = {"officer": officer, "hash": hash_token(token), "label": label, "created_at": now, "expires_at": expires_at}
    await session.execute(insert(TokenRow).values(**row, scopes=sorted(scopes)))
    return token


async def revoke_token(session: AsyncSession, token_hash: str, now: datetime) -> None:
    """End a token. Ending it again changes nothing."""
    await _revoke(session, now, TokenRow.hash == token_hash)


async def revoke_token_by_id(session: AsyncSession, number: int, officer: OfficerId | None, now: datetime) -> bool:
    """End a token (of this officer, if given); whether there was one to end."""
    mine = () if officer is None else (TokenRow.officer == officer,)
    return bool(await _revoke(session, now, TokenRow.id == number, *mine))


async def revoke_tokens_of(session: AsyncSession, officer: OfficerId, now: datetime) -> int:
    """How many there were to end."""
    return await _revoke(session, now, TokenRow.officer == officer)


async def _revoke(session: AsyncSession, now: datetime, *which: ColumnElement[bool]) -> int:
    living = update(TokenRow).where(TokenRow.revoked_at.is_(None), *which).values(revoked_at=now)
    return len((await session.scalars(living.returning(TokenRow.id))).all())


_PRESENTED = text(
    """
    SELECT t.id, t.officer, t.scopes, t.last_used_at, (SELECT version FROM county)
    FROM api_tokens t JOIN officers o ON o.id = t.officer
    WHERE t.hash = :hash AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > :now) AND o.active
    """
)


class Presented(NamedTuple):
    """What a request is asked of the token it came with, and the county's version at that moment."""

    id: int
    officer: OfficerId
    scopes: frozenset[Grantable]
    last_used_at: datetime | None
    county_version: int | None


async def living_token(session: AsyncSession, token_hash: str, now: datetime) -> Presented | None:
    """The living token of this hash, in one statement: every request asks it."""
    found = (await session.execute(_PRESENTED, {"hash": token_hash, "now": now})).one_or_none()
    if found is None:
        return None
    id_, officer, scopes, last_used_at, county_version = found
    return Presented(id_, OfficerId(officer), parse_scopes(scopes), last_used_at, county_version)


async def living_tokens(session: AsyncSession, now: datetime, officer: OfficerId | None = None) -> Sequence[ApiToken]:
    """All of them (of one officer), the newest first."""
    return await _living(session, now, *(() if officer is None else (TokenRow.officer == officer,)))


async def _living(session: AsyncSession, now: datetime, *which: ColumnElement[bool]) -> Sequence[ApiToken]:
    asked = (
        select(TokenRow)
        .join(OfficerRow, OfficerRow.id == TokenRow.officer)
        .where(
            TokenRow.revoked_at.is_(None),
            TokenRow.expires_at.is_(None) | (TokenRow.expires_at > now),
            OfficerRow.active,
            *which,
        )
        .order_by(TokenRow.id.desc())
    )
    return [
        ApiToken(
            row.id,
            OfficerId(row.officer),
            row.label,
            parse_scopes(row.scopes),
            row.created_at,
            row.expires_at,
            row.last_used_at,
        )
        for row in await session.scalars(asked)
    ]


async def touch_token(session: AsyncSession, number: int, now: datetime) -> None:
    """It was used."""
    await session.execute(update(TokenRow).where(TokenRow.id == number).values(last_used_at=now))


async def end_access_of_inactive(session: AsyncSession, now: datetime) -> None:
    """Whoever left is let in by nothing, not even by what they had before should they come back."""
    gone = select(OfficerRow.id).where(~OfficerRow.active)
    await _revoke(session, now, TokenRow.officer.in_(gone))
    for table in (SessionRow, DeviceRow, IdentityRow, AccountRow):
        await session.execute(delete(table).where(table.officer.in_(gone)))
