"""The permission table: all of it where it is decided, and what tells its cells apart over HTTP."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import anyio
import httpx2
import pytest
from starlette.requests import Request
from temporalio.testing import WorkflowEnvironment

from api.auth import Caller, caller
from api.parts import Parts
from api.problems import Problem, Trouble
from api.sessions import COOKIE
from api.streams import events
from db import console_sessions, directory, ledger
from db.session import make_engine, make_sessions
from domain import commands as c
from domain.access import Means
from domain.case import Envelope
from domain.county import Actor, County, Officer, Post
from domain.decide import decide
from domain.permissions import PERMISSIONS, Grant
from domain.standing import may_know, reading_seat, sight_of
from domain.vocabulary import (
    CommandId,
    CommandName,
    IncidentId,
    OfficerId,
    Origin,
    Rank,
    ReadName,
    Relation,
    ReleaseId,
    Role,
    UnitId,
)
from runtime.clock import SystemClock
from tests.api.cells import NOT_YOURS, UNITS, Cell, Props, attempts, cells, telling
from tests.api.office import Office, app_for, draft, serving, settings_for
from tests.api.surfaces import GOVERNED, NAMED_PERSON, NAMED_UNIT, PEOPLE, Person, View, routes_of
from worker import activities_for, make_worker

AT_ONCE = 8
PARTS = 3
"""One after the other, so that none takes long on a machine that has much else to do."""


@dataclass(frozen=True)
class Stage:
    """The incident, and the county with an officer for each unit and role who holds that post alone."""

    office: Office
    county: County
    incident: IncidentId
    props: Props
    restricted: Props
    now: datetime


def officer_of(unit: str, role: Role) -> str:
    return Person(unit, role).id


def with_single_posts(county: County) -> County:
    made = [
        Officer(
            id=OfficerId(person.id),
            name=f"{person.unit} {person.role}",
            posts=(Post.model_validate(_post(person)),),
        )
        for person in PEOPLE
    ]
    return county.model_copy(update={"officers": (*county.officers, *made)})


def _post(person: Person) -> dict[str, object]:
    rank = {"rank": Rank.HEAD} if person.in_charge else {}
    return {"unit": person.unit, "title": "负责人", "roles": [person.role], **rank}


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
    """The same incident twice, once open and once restricted."""
    props, restricted = [await built(office, title, now) for title in ("河道死鱼", "涉密河道死鱼")]
    named = {"units": [NAMED_UNIT], "officers": [NAMED_PERSON.id], "reason": "案件侦办"}
    await office.command("office.head", restricted.incident, "restrict_incident", **named)
    return Stage(office, county, IncidentId(props.incident), props, restricted, now)


async def built(office: Office, title: str, now: datetime) -> Props:
    reporter, author = officer_of("forestry", Role.EDITOR), officer_of("land", Role.COUNTY_OFFICE)
    units = {"townships": [], "departments": ["water", "health"]}
    incident = await office.submitted(reporter, level="major", title=title, **units)
    path = f"/incidents/{incident}/releases"
    release, second = [await office.done(author, path, draft(title=title)) for title in ("通报", "另一份")]
    await office.command("office.duty", incident, "cancel_release", release=second["release"], reason="不再需要")
    past, future = ((now + timedelta(days=days)).isoformat() for days in (-1, 1))
    return Props(incident, release["release"], release["digest"], second["release"], past, future)


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
    assert {cell.attempt.action for cell in table} == set(PERMISSIONS) - {ReadName.RESTRICTED}
    assert [told for cell in table if (told := wrong(cell, code_of(cell)))] == []


# The same is decided in process for every cell; over HTTP the rest is for `make fuzz`.
@pytest.mark.parametrize("part", [0, *(pytest.param(n, marks=pytest.mark.long) for n in range(1, PARTS))])
async def test_what_tells_the_commands_cells_apart_holds_over_http(stage: Stage, part: int) -> None:
    busy = asyncio.Semaphore(AT_ONCE)

    async def code_of(cell: Cell) -> str | None:
        officer, (action, body, _) = officer_of(cell.unit, cell.role), cell.attempt
        submitting = action is CommandName.SUBMIT
        path = "/incidents" if submitting else f"/incidents/{stage.incident}/commands/{action}"
        async with busy:
            answer = await stage.office.post(officer, path, body or {})
        assert answer.status_code < 500, answer.text
        code = None if answer.is_success else str(answer.json()["code"])
        assert (answer.status_code == 403) is (code in NOT_YOURS), answer.text
        return code

    # One incident says `absorb` to another, nobody says it over HTTP; reads are walked below.
    apart = {CommandName.ABSORB, *ReadName}
    chosen = [cell for cell in telling(cells(stage.props)) if cell.attempt.action not in apart]
    assert {cell.attempt.action for cell in chosen} == set(PERMISSIONS) - apart
    chosen = chosen[part::PARTS]
    codes = await asyncio.gather(*map(code_of, chosen))
    assert [told for cell, code in zip(chosen, codes, strict=True) if (told := wrong(cell, code))] == []


@pytest.mark.parametrize("role", list(Role))
def test_the_units_of_a_list_follow_the_grants_to_read(role: Role) -> None:
    post = Post.model_validate({"unit": "water", "title": "负责人", "roles": [role]})
    seen = sight_of(Actor.of(Officer(id=OfficerId("water.somebody"), name="某人", posts=(post,)))).units
    grants = PERMISSIONS[ReadName.INCIDENT]
    if Grant(role, Relation.ANY) in grants:
        assert seen is None
    else:
        assert seen == frozenset({UnitId("water")} if Grant(role, Relation.LEAD) in grants else ())


# -- every surface, before everybody ----------------------------------------------------------------------


def test_every_route_has_its_place_in_the_walk(stage: Stage) -> None:
    assert routes_of(stage.office.app) == set(GOVERNED)


def test_every_action_of_the_table_has_a_surface() -> None:
    named = {action for by in GOVERNED.values() if isinstance(by, tuple) for action in by}
    # One process says `absorb` to another; whether somebody may know is asked everywhere.
    assert named == set(PERMISSIONS) - {CommandName.ABSORB, ReadName.RESTRICTED}


def kinds(of: Callable[[View], object], turn: int, restricted: bool) -> list[Person]:
    """One person of each role for each of what may come of it; whom it is goes round."""
    groups: dict[object, list[Person]] = {}
    for person in PEOPLE:
        groups.setdefault((person.role, of(View(person, restricted))), []).append(person)
    return [group[turn % len(group)] for group in groups.values()]


async def test_everybody_may_read_what_the_table_grants_where_it_is_decided(stage: Stage) -> None:
    roster, wrong = stage.county.roster(), []
    for restricted, props in ((False, stage.props), (True, stage.restricted)):
        async with stage.office.sessions() as session:
            incident = await ledger.load(session, IncidentId(props.incident))
        assert incident is not None
        for person in PEOPLE:
            officer = stage.county.officer(OfficerId(person.id))
            assert officer is not None
            view, actor = View(person, restricted), Actor.of(officer)
            for read in ReadName:
                known = read is ReadName.RESTRICTED
                seen = may_know(actor, incident, roster) if known else bool(reading_seat(read, actor, incident, roster))
                if seen is not (view.known if known else view.reads(read)):
                    wrong.append((person.id, restricted, read))
    assert wrong == []


READS: dict[str, tuple[ReadName, ...]] = {
    "": (ReadName.INCIDENT,),
    "/timeline": (ReadName.TIMELINE,),
    "/documents": (ReadName.INCIDENT,),
    "/evidence": (ReadName.EVIDENCE,),
    "/releases/{release}": (ReadName.RELEASE,),
    f"/attachments/{'0' * 64}": (ReadName.RELEASE,),
    "/referrals/r9": (ReadName.REFERRAL,),
    # Without saying which release or conference, so that nothing has to be printed to tell who may have it.
    "/documents/sign_off.docx": (ReadName.INCIDENT, ReadName.RELEASE),
    "/documents/confidentiality_review.pdf": (ReadName.INCIDENT, ReadName.RELEASE),
    "/documents/conference_approval.docx": (ReadName.INCIDENT, ReadName.TIMELINE, ReadName.RELEASE),
}
LET_IN = {None, "not_found", "no_referral", "invalid"}
"""It came to an answer, or to what is wrong with the request itself."""


async def test_everybody_reads_of_an_incident_what_the_table_grants_and_nothing_else(stage: Stage) -> None:
    busy = asyncio.Semaphore(AT_ONCE)

    async def told(person: Person, restricted: bool, path: str) -> str | None:
        view, props = View(person, restricted), stage.restricted if restricted else stage.props
        async with busy:
            at = f"/incidents/{props.incident}{path.format(release=props.release)}"
            answer = await stage.office.get(person.id, at)
        code = None if answer.is_success else answer.json()["code"]
        expected = LET_IN if view.reads(*READS[path]) else {"not_readable"} if view.known else {"no_incident"}
        if path == "" and code is None and (answer.json()["title"] is not None) is not view.worded:
            return f"{person.id} {'restricted' if restricted else 'open'}: words"
        return None if code in expected else f"{person.id} {'restricted' if restricted else 'open'} {path}: {code}"

    walk = [
        told(person, restricted, path)
        for turn, path in enumerate(READS)
        for restricted in (False, True)
        for person in kinds(lambda view, path=path: (view.known, view.reads(*READS[path])), turn, restricted)  # type: ignore[misc]  # A lambda's default.
    ]
    assert [wrong for wrong in await asyncio.gather(*walk) if wrong] == []


PAGES: dict[str, tuple[ReadName, ...]] = {
    "/console/incidents/{incident}": (ReadName.INCIDENT,),
    "/console/incidents/{incident}/releases/{release}/versions": (ReadName.INCIDENT, ReadName.RELEASE),
}


async def test_the_consoles_pages_of_an_incident_open_to_the_same_people(stage: Stage) -> None:
    busy = asyncio.Semaphore(AT_ONCE)
    now = await stage.office.app.state.parts.clock.now()

    async def told(person: Person, restricted: bool, path: str) -> str | None:
        view, props = View(person, restricted), stage.restricted if restricted else stage.props
        async with busy:
            async with stage.office.sessions.begin() as session:
                came_from = console_sessions.Origin("127.0.0.1", "test")
                whose = OfficerId(person.id)
                secret = await console_sessions.begin(session, whose, Means.PASSWORD, came_from, now)
            at = path.format(incident=props.incident, release=props.release)
            cookie = {"Cookie": f"{COOKIE}={secret}"}
            answer = await stage.office.http.get(at, headers=cookie)
            row = await stage.office.http.get(f"/console/board/{props.incident}", headers=cookie)
        if (f'data-incident="{props.incident}"' in row.text) is not view.listed:
            return f"{person.id} {'restricted' if restricted else 'open'}: row"
        expected = {200} if view.reads(*PAGES[path]) else {403, 404} if view.known else {404}
        place = f"{person.id} {'restricted' if restricted else 'open'} {at}: {answer.status_code}"
        return None if answer.status_code in expected else place

    walk = [
        told(person, restricted, path)
        for turn, path in enumerate(PAGES)
        for restricted in (False, True)
        for person in kinds(lambda v, path=path: (v.known, v.listed, v.reads(*PAGES[path])), turn, restricted)  # type: ignore[misc]  # A lambda's default.
    ]
    assert [wrong for wrong in await asyncio.gather(*walk) if wrong] == []


async def test_everybodys_sessions_and_tokens_are_shown_to_whom_the_table_names(stage: Stage) -> None:
    for person in kinds(lambda view: view.granted(ReadName.ACCESS), 0, restricted=False):
        for path in ("/sessions", "/tokens"):
            answer = await stage.office.get(person.id, path, everybody="true")
            granted = View(person, restricted=False).granted(ReadName.ACCESS)
            assert answer.is_success is granted, (person.id, path, answer.text)


async def test_what_the_process_keeps_is_decoded_for_whom_the_table_names(stage: Stage) -> None:
    for person in kinds(lambda view: view.granted(ReadName.PAYLOADS), 0, restricted=False):
        for way in ("encode", "decode"):
            headers = await stage.office.headers(person.id)
            answer = await stage.office.http.post(f"/codec/{way}", json={}, headers=headers)
            granted = View(person, restricted=False).granted(ReadName.PAYLOADS)
            assert (answer.status_code != 403) is granted, (person.id, way, answer.text)


async def test_lists_searches_cursors_exports_and_events_show_the_same_incidents(stage: Stage) -> None:
    busy = asyncio.Semaphore(AT_ONCE)
    incidents = {stage.props.incident: False, stage.restricted.incident: True}
    numbers = {}
    for incident in incidents:
        numbers[incident] = (await stage.office.get("office.head", f"/incidents/{incident}")).json()["number"]

    async def told(person: Person) -> list[str]:
        async with busy:
            lines = await pages(stage.office, person.id)
            found = {line["id"] for line in await pages(stage.office, person.id, q="河道死鱼")}
            sheet = await stage.office.get(person.id, "/documents/ledger.xlsx")
            tasks = (await stage.office.get(person.id, "/tasks")).json()["items"]
            inbox = (await stage.office.get(person.id, "/notices", limit=200)).json()["items"]
            overseen = await stage.office.get(person.id, "/deliveries", state="inbox_only", limit=200)
        printed = b"".join(zipfile.ZipFile(io.BytesIO(sheet.content)).read(name) for name in SHEETS).decode()
        listed = {line["id"]: line for line in lines}
        reached = {notice["incident"] for notice in overseen.json()["items"]} if overseen.is_success else set()
        wrong: list[str] = []
        for incident, restricted in incidents.items():
            view = View(person, restricted)
            shown = {
                "list": (incident in listed, view.listed),
                "title": (bool(listed.get(incident, {}).get("title")), view.listed and view.worded),
                "search": (incident in found, view.listed and view.worded),
                "export": (numbers[incident] in printed, view.listed),
                "tasks": (view.known or incident not in {task["incident"] for task in tasks}, True),
                "notices": (view.known or incident not in {notice["incident"] for notice in inbox}, True),
                "deliveries": (view.listed or incident not in reached, True),
            }
            place = f"{person.id} {'restricted' if restricted else 'open'}"
            wrong += [f"{place} {where}" for where, (seen, expected) in shown.items() if seen is not expected]
        return wrong

    chosen = {
        person: None
        for restricted in (False, True)
        for person in kinds(lambda view: (view.listed, view.known, view.worded), 0, restricted)
    }
    assert [wrong for each in await asyncio.gather(*map(told, chosen)) for wrong in each] == []


SHEETS = ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml")


async def pages(office: Office, officer: str, **filters: str) -> list[dict[str, Any]]:
    """The whole list, one incident to a page."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await office.get(officer, "/incidents", limit=1, **filters, **cursor)).json()
        found += page["items"]
        if page["next"] is None:
            return found
        assert page["items"], "no page is empty for what is hidden on it"
        cursor = {"cursor": page["next"]}


async def test_events_are_told_to_those_who_may_read_what_they_are_about(stage: Stage) -> None:
    parts: Parts = stage.office.app.state.parts
    incidents = {stage.props.incident: False, stage.restricted.incident: True}
    begun = asyncio.Semaphore(0)

    async def told(person: Person) -> str:
        headers = [(k.lower().encode(), v.encode()) for k, v in (await stage.office.headers(person.id)).items()]
        request, once = Request({"type": "http", "method": "GET", "headers": headers}), iter([True])

        async def ask() -> Caller:
            if not next(once, False):
                raise Problem(Trouble.UNAUTHENTICATED)
            begun.release()
            return await caller(request, parts)

        return "".join([str(event.data) async for event in events(parts.sessions, ask, "0-", anyio.Event())])

    listening = [asyncio.create_task(told(person)) for person in PEOPLE]
    for _ in PEOPLE:
        await begun.acquire()
    # When this comes all have been told what there was, and are nobody any more.
    await stage.office.command("office.head", stage.props.incident, "note", text="记一笔")
    wrong = []
    for person, text in zip(PEOPLE, await asyncio.gather(*listening), strict=True):
        for incident, restricted in incidents.items():
            if (incident in text) is not View(person, restricted).reads(ReadName.INCIDENT):
                wrong.append(f"{person.id} {'restricted' if restricted else 'open'}")
        assert "河道死鱼" not in text
    assert wrong == []


async def test_no_command_tells_that_a_restricted_incident_exists(stage: Stage) -> None:
    """Each is tried by somebody who may give it elsewhere: what they get is what they get of an incident that is not
    there, by every way of giving it.
    """
    busy, absent = asyncio.Semaphore(AT_ONCE), "f" * 32
    strangers = [person for person in PEOPLE if not View(person, restricted=True).known]

    async def told(turn: int, name: CommandName, body: dict[str, Any]) -> list[str]:
        able = [person for person in strangers if View(person, restricted=False).granted(name)] or strangers
        person, wrong = able[turn % len(able)], []
        for way in ("commands", "seals"):
            async with busy:
                at, nowhere = [
                    await stage.office.post(person.id, f"/incidents/{i}/{way}/{name}", body, **{"If-Match": '"1"'})
                    for i in (stage.restricted.incident, absent)
                ]
            assert nowhere.json()["code"] == "no_incident"
            if said(at, stage.restricted.incident) != said(nowhere, absent):
                wrong.append(f"{person.id} {way} {name}: {at.text}")
        return wrong

    chosen = {a.action: a.body for a in attempts(stage.restricted) if isinstance(a.action, CommandName) and a.body}
    given = [(name, body) for name, body in chosen.items() if f"POST {COMMANDS_AT}{name}" in GOVERNED]
    found = await asyncio.gather(*(told(turn, name, body) for turn, (name, body) in enumerate(given)))
    assert [wrong for each in found for wrong in each] == []


COMMANDS_AT = "/api/v1/incidents/{incident}/commands/"


def said(answer: httpx2.Response, incident: str) -> tuple[int, str]:
    """An answer without the name of what was asked for."""
    return answer.status_code, answer.text.replace(incident, "…")
