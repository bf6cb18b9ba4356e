"""Incidents: one, several, a page of them."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, func, or_, select, text, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db import ledger
from db.projections import stored_state
from db.tables import IncidentRow, LedgerRow, TextRow
from db.tokens import tokens
from domain.incident import Incident
from domain.standing import Sight
from domain.vocabulary import IncidentId, Level, Phase, UnitId

_OF_NUMBERS = re.compile(r"[0-9〔〕号舆]")
_ENDED = [phase for phase in Phase if phase.ended]


_NEVER = datetime.max.replace(tzinfo=UTC)


# As text: every request about an incident asks.
_STATE = text("SELECT state, state_version, head_seq FROM incidents WHERE id = :incident")


class Order(StrEnum):
    """The newest submitted first; or by what is next due, those that owe nothing last."""

    NEWEST = "newest"
    NEXT_DUE = "next_due"


class Place(NamedTuple):
    """Where a page of the list ended: the next begins below it. `at` is what the list is ordered by."""

    at: datetime
    id: IncidentId


@dataclass(frozen=True)
class Counted:
    """How many incidents a list has in all, and how many of them are overdue."""

    all: int
    overdue: int


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; None leaves it open. `q` is looked for in titles, summaries and numbers.

    `ended`: those that have ended, or those that have not; `only` this one, if it is among them.
    """

    phase: Phase | None = None
    level: Level | None = None
    lead: UnitId | None = None
    overdue: bool | None = None
    drill: bool | None = None
    q: str | None = None
    ended: bool | None = None
    only: IncidentId | None = None


class Listed(NamedTuple):
    """A line of the list. `title` is empty once its text was erased, or where it is not shown; `overdue` is as of the
    instant asked for.
    """

    id: IncidentId
    number: str
    title: str
    drill: bool
    restricted: bool
    level: Level
    category: str
    phase: Phase
    lead: UnitId
    detected_at: datetime
    submitted_at: datetime
    next_due_at: datetime | None
    overdue: bool
    needs_attention: bool
    seq: int

    @property
    def place(self) -> Place:
        return self.place_in(Order.NEWEST)

    def place_in(self, order: Order) -> Place:
        return Place(self.submitted_at if order is Order.NEWEST else self.next_due_at or _NEVER, self.id)


async def incident(session: AsyncSession, incident_id: IncidentId) -> Incident | None:
    """The state as of the last entry; folded from the ledger when another version of the program stored it."""
    found = (await session.execute(_STATE, {"incident": incident_id})).one_or_none()
    return None if found is None else await ledger.stored(session, incident_id, *found)


async def states(session: AsyncSession, incidents: Collection[IncidentId]) -> dict[IncidentId, Incident]:
    """The same of several."""
    columns = select(IncidentRow.id, IncidentRow.state, IncidentRow.state_version, IncidentRow.head_seq)
    found: dict[IncidentId, Incident] = {}
    for id_, state, version, head_seq in await session.execute(columns.where(IncidentRow.id.in_(incidents))):
        folded = stored_state(state, version, head_seq) or await ledger.load(session, IncidentId(id_))
        if folded is not None:
            found[IncidentId(id_)] = folded
    return found


async def title(session: AsyncSession, incident_id: IncidentId) -> str | None:
    """The words of an incident's title; None when they were erased or there is no such incident."""
    return await session.scalar(select(TextRow.text).join(IncidentRow, _TITLE).where(IncidentRow.id == incident_id))


_TITLE = and_(TextRow.incident == IncidentRow.id, TextRow.digest == IncidentRow.title)


async def titles(session: AsyncSession, incidents: Collection[IncidentId]) -> dict[IncidentId, str]:
    """The same of several, for inboxes and lists of tasks."""
    query = select(IncidentRow.id, TextRow.text).join(TextRow, _TITLE).where(IncidentRow.id.in_(incidents))
    return {IncidentId(id_): text for id_, text in await session.execute(query)}


async def list_incidents(
    session: AsyncSession,
    filters: Filters,
    after: Place | None,
    limit: int,
    sight: Sight,
    now: datetime,
    order: Order = Order.NEWEST,
) -> list[Listed]:
    """A page of those incidents that `sight` shows, in `order`."""
    statement = _list_statement(filters, sight, order, begins=after is None)
    asked = {"now": now, "limit": limit} | (after._asdict() if after else {})
    return [
        Listed(
            IncidentId(id_),
            number,
            words or "",
            drill,
            restricted,
            Level(level),
            category,
            Phase(phase),
            UnitId(lead),
            detected_at,
            submitted_at,
            next_due_at,
            next_due_at is not None and next_due_at < now,
            needs_attention,
            seq,
        )
        for (
            id_,
            number,
            words,
            drill,
            restricted,
            level,
            category,
            phase,
            lead,
            detected_at,
            submitted_at,
            next_due_at,
            needs_attention,
            seq,
        ) in await session.execute(statement, asked)
    ]


@lru_cache(maxsize=128)
def _list_statement(filters: Filters, sight: Sight, order: Order, *, begins: bool) -> Select[*tuple[Any, ...]]:
    """Kept, because building it costs more than running it."""
    columns = [
        IncidentRow.id,
        IncidentRow.number,
        TextRow.text,
        IncidentRow.drill,
        IncidentRow.restricted,
        IncidentRow.level,
        IncidentRow.category,
        IncidentRow.phase,
        IncidentRow.lead,
        IncidentRow.detected_at,
        IncidentRow.submitted_at,
        IncidentRow.next_due_at,
        IncidentRow.needs_attention,
        IncidentRow.head_seq,
    ]
    titled = and_(_TITLE, _worded(sight))
    query = select(*columns).outerjoin(TextRow, titled).where(*_conditions(filters, sight))
    return _page(query, order, begins=begins).limit(bindparam("limit", type_=Integer))


async def count_incidents(session: AsyncSession, filters: Filters, sight: Sight, now: datetime) -> Counted:
    """How many the list has on all its pages."""
    late = func.count().filter(IncidentRow.next_due_at < _NOW)
    query = select(func.count(), late).select_from(IncidentRow).where(*_conditions(filters, sight))
    return Counted(*(await session.execute(query, {"now": now})).one())


_NOW = bindparam("now", type_=IncidentRow.next_due_at.type)
_AFTER = tuple_(bindparam("at", type_=IncidentRow.submitted_at.type), bindparam("id", type_=IncidentRow.id.type))


def _page(query: Select[*tuple[Any, ...]], order: Order, *, begins: bool) -> Select[*tuple[Any, ...]]:
    if order is Order.NEWEST:
        keys = (IncidentRow.submitted_at, IncidentRow.id)
        found = query if begins else query.where(tuple_(*keys) < _AFTER)
        return found.order_by(*(key.desc() for key in keys))
    due = func.coalesce(IncidentRow.next_due_at, _NEVER)
    found = query if begins else query.where(tuple_(due, IncidentRow.id) > _AFTER)
    return found.order_by(due, IncidentRow.id)


def _conditions(filters: Filters, sight: Sight) -> list[ColumnElement[bool]]:
    equal = {
        IncidentRow.phase: filters.phase,
        IncidentRow.level: filters.level,
        IncidentRow.lead: filters.lead,
        IncidentRow.drill: filters.drill,
        IncidentRow.id: filters.only,
    }
    found = [column == value for column, value in equal.items() if value is not None]
    if filters.overdue is not None:
        overdue = and_(IncidentRow.next_due_at.is_not(None), IncidentRow.next_due_at < _NOW)
        found.append(overdue if filters.overdue else ~overdue)
    if filters.ended is not None:
        ended = IncidentRow.phase.in_(_ENDED)
        found.append(ended if filters.ended else ~ended)
    if filters.q:
        said = and_(_said(filters.q), _worded(sight))
        # Numbers have no index to be found by: only what could stand in one is looked for there.
        found.append(or_(said, _numbered(filters.q)) if _OF_NUMBERS.search(filters.q) else said)
    return [*found, seen_by(sight)]


def _said(q: str) -> ColumnElement[bool]:
    """Whether title or summary contain `q`: found by its tokens, then looked at."""
    words = aliased(TextRow)
    holding = select(words.incident).where(words.tokens.contains(tokens(q)), words.text.icontains(q, autoescape=True))
    return IncidentRow.id.in_(holding)


def _numbered(q: str) -> ColumnElement[bool]:
    return IncidentRow.number.icontains(q, autoescape=True)


def seen_by(sight: Sight) -> ColumnElement[bool]:
    """Whether the list shows the incident of a row at all."""
    involved = true() if sight.units is None else IncidentRow.units.overlap(sorted(sight.units))
    return or_(and_(~IncidentRow.restricted, involved), and_(IncidentRow.restricted, known_to(sight)))


def known_to(sight: Sight) -> ColumnElement[bool]:
    """Whether the restricted incident of a row was made known."""
    return true() if sight.all_restricted else _made_known(sight)


def _made_known(sight: Sight) -> ColumnElement[bool]:
    found: ColumnElement[bool] = IncidentRow.units.overlap(sorted(sight.known_as))
    return found


def _worded(sight: Sight) -> ColumnElement[bool]:
    """Whether the words of a row that is seen are shown as well."""
    if sight.all_restricted and sight.worded:
        return true()
    return or_(~IncidentRow.restricted, _made_known(sight))


async def open_incidents(session: AsyncSession) -> list[IncidentId]:
    """Ids of all incidents that have not ended, oldest first: each should have a workflow running."""
    query = select(IncidentRow.id).where(IncidentRow.phase.not_in(_ENDED)).order_by(IncidentRow.submitted_at)
    return [IncidentId(id_) for id_ in await session.scalars(query)]


async def open_states(session: AsyncSession) -> list[Incident]:
    """States of the incidents in which something waits for people, oldest first: those that have not ended, and the
    ended ones that need attention.
    """
    columns = select(IncidentRow.id, IncidentRow.state, IncidentRow.state_version, IncidentRow.head_seq)
    query = columns.where(or_(IncidentRow.phase.not_in(_ENDED), IncidentRow.needs_attention))
    states: list[Incident] = []
    for id_, state, state_version, head_seq in await session.execute(query.order_by(IncidentRow.submitted_at)):
        found = stored_state(state, state_version, head_seq) or await ledger.load(session, IncidentId(id_))
        if found is not None:
            states.append(found)
    return states


async def all_incidents(session: AsyncSession) -> list[IncidentId]:
    """Ids of everything the ledger knows, ended or not, in no order that matters."""
    return [IncidentId(id_) for id_ in await session.scalars(select(LedgerRow.incident).distinct())]
