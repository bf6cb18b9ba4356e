"""The permission table: all of it where it is decided, and what tells its cells apart over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from db import directory, ledger
from db.session import make_engine, make_sessions
from domain import commands as c
from domain.case import Envelope
from domain.county import Actor, County, Officer, Post
from domain.decide import decide
from domain.permissions import PERMISSIONS, Grant
from domain.standing import reading_seat, sight_of
from domain.vocabulary import (
    CommandId,
    CommandName,
    IncidentId,
    OfficerId,
    Origin,
    ReadName,
    Relation,
    ReleaseId,
    Role,
    UnitId,
)
from runtime.clock import SystemClock
from tests.api.cells import NOT_YOURS, UNITS, Cell, Props, cells, telling
from tests.api.office import Office, app_for, draft, serving, settings_for
from worker import activities_for, make_worker

AT_ONCE = 8


@dataclass(frozen=True)
class Stage:
    """The incident, and the county with an officer for each unit and role who holds that post alone."""

    office: Office
    county: County
    incident: IncidentId
    props: Props
    now: datetime


def officer_of(unit: str, role: Role) -> str:
    return f"{unit}.only-{role.replace('_', '-')}"


def with_single_posts(county: County) -> County:
    made = [
        Officer(
            id=OfficerId(officer_of(unit, role)),
            name=f"{unit} {role}",
            posts=(Post.model_validate({"unit": unit, "title": "负责人", "roles": [role]}),),
        )
        for unit in UNITS
        for role in Role
    ]
    return county.model_copy(update={"officers": (*county.officers, *made)})


@pytest.fixture(scope="module")
async def stage(
    new_database: Callable[[], str], real_time: WorkflowEnvironment, county: County
) -> AsyncIterator[Stage]:
    url, queue, clock = new_database(), "incidents-permissions", SystemClock()
    engine = make_engine(url)
    sessions = make_sessions(engine)
    staffed = with_single_posts(county)
    async with sessions.begin() as session:
        await directory.save_county(session, staffed)
    settings = settings_for(url, task_queue=queue)
    activities = activities_for(settings, real_time.client, sessions, clock)
    app = app_for(settings, clock, real_time.client)
    async with make_worker(real_time.client, queue, activities), serving(app, sessions, clock) as office:
        yield await staged(office, staffed, await clock.now())
    await engine.dispose()


async def staged(office: Office, county: County, now: datetime) -> Stage:
    reporter, author = officer_of("forestry", Role.EDITOR), officer_of("land", Role.COUNTY_OFFICE)
    incident = await office.submitted(reporter, level="major", townships=[], departments=["water", "health"])
    path = f"/incidents/{incident}/releases"
    release, second = [await office.done(author, path, draft(title=title)) for title in ("通报", "另一份")]
    await office.command("office.duty", incident, "cancel_release", release=second["release"], reason="不再需要")
    past, future = ((now + timedelta(days=days)).isoformat() for days in (-1, 1))
    props = Props(incident, release["release"], release["digest"], second["release"], past, future)
    return Stage(office, county, IncidentId(incident), props, now)


def wrong(cell: Cell, code: str | None) -> str | None:
    """What is wrong when a cell came to `code`; None when the table is kept."""
    if (code not in NOT_YOURS) is cell.granted:
        return None
    return f"{cell.role} of {cell.unit} ({UNITS[cell.unit]}): {cell.attempt.action} {cell.attempt.step} gave {code}"


async def test_the_whole_permission_table_holds_where_it_is_decided(stage: Stage) -> None:
    async with stage.office.sessions() as session:
        incident = await ledger.load(session, stage.incident)
    assert incident is not None
    roster = stage.county.roster()

    def code_of(cell: Cell) -> str | None:
        officer = stage.county.officer(OfficerId(officer_of(cell.unit, cell.role)))
        assert officer is not None
        actor, action = Actor.of(officer), cell.attempt.action
        if isinstance(action, ReadName):
            seat = reading_seat(action, actor, incident, roster, ReleaseId(stage.props.release))
            return None if seat else "not_readable"
        envelope = Envelope(
            command_id=CommandId("c"),
            origin=Origin.UPDATE,
            issued_at=stage.now,
            actor=actor,
            roster=roster,
            named={OfficerId("water.head"): (Role.UNIT_HEAD,)},
        )
        command = c.COMMANDS[action].model_validate(cell.attempt.body)
        found = None if action is CommandName.SUBMIT else incident
        refusal = decide(found, command, envelope, stage.now, stage.incident).refusal
        return refusal.code if refusal else None

    table = cells(stage.props)
    assert {cell.attempt.action for cell in table} == set(PERMISSIONS)
    assert [told for cell in table if (told := wrong(cell, code_of(cell)))] == []


async def test_what_tells_the_cells_apart_holds_over_http(stage: Stage) -> None:
    busy = asyncio.Semaphore(AT_ONCE)
    reads = {ReadName.RELEASE: f"/releases/{stage.props.release}", ReadName.TIMELINE: "/timeline"}
    reads[ReadName.EVIDENCE] = "/evidence"
    reads[ReadName.REFERRAL] = "/referrals/r9"

    async def code_of(cell: Cell) -> str | None:
        officer, (action, body, _) = officer_of(cell.unit, cell.role), cell.attempt
        path = f"/incidents/{stage.incident}"
        async with busy:
            if action is ReadName.ACCESS:
                # Of no incident.
                answer = await stage.office.get(officer, "/sessions", everybody="true")
            elif action is ReadName.PAYLOADS:
                headers = await stage.office.headers(officer)
                answer = await stage.office.http.post("/codec/decode", json={}, headers=headers)
            elif isinstance(action, ReadName):
                answer = await stage.office.get(officer, path + reads.get(action, ""))
            else:
                submitting = action is CommandName.SUBMIT
                path = "/incidents" if submitting else f"{path}/commands/{action}"
                answer = await stage.office.post(officer, path, body or {})
        assert answer.status_code < 500, answer.text
        code = None if answer.is_success else str(answer.json()["code"])
        assert (answer.status_code == 403) is (code in NOT_YOURS), answer.text
        return code

    # One incident says `absorb` to another; nobody says it over HTTP.
    chosen = [cell for cell in telling(cells(stage.props)) if cell.attempt.action is not CommandName.ABSORB]
    assert {cell.attempt.action for cell in chosen} == set(PERMISSIONS) - {CommandName.ABSORB}
    codes = await asyncio.gather(*map(code_of, chosen))
    assert [told for cell, code in zip(chosen, codes, strict=True) if (told := wrong(cell, code))] == []


async def test_a_list_shows_what_the_units_grants_let_read(stage: Stage) -> None:
    for unit, relation in UNITS.items():
        for role in Role:
            listed = (await stage.office.get(officer_of(unit, role), "/incidents")).json()["items"]
            # Being a substitute shows an incident among the tasks, not in the list.
            places = [place for place in (Relation.ANY, relation) if place]
            expected = any(Grant(role, place) in PERMISSIONS[ReadName.INCIDENT] for place in places)
            assert (len(listed) == 1) is expected, (unit, role)


@pytest.mark.parametrize("role", list(Role))
def test_the_units_of_a_list_follow_the_grants_to_read(role: Role) -> None:
    post = Post.model_validate({"unit": "water", "title": "负责人", "roles": [role]})
    seen = sight_of(Actor.of(Officer(id=OfficerId("water.somebody"), name="某人", posts=(post,)))).units
    grants = PERMISSIONS[ReadName.INCIDENT]
    if Grant(role, Relation.ANY) in grants:
        assert seen is None
    else:
        assert seen == frozenset({UnitId("water")} if Grant(role, Relation.LEAD) in grants else ())
