"""How far a token carries, who sees and ends sessions and tokens, and how often one may knock."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from db import console_sessions, directory
from domain.access import EVERYTHING, Grantable, Means, Scope, covers, parse_scopes
from domain.vocabulary import CommandName, OfficerId
from tests.api.browser import Browser, give_password
from tests.api.office import Office, app_for, draft, serving, settings_for
from tests.api.test_problems import is_problem
from tests.clock import FixedClock
from tests.scene import Scene

OPEN_TO_ALL = {
    "/",
    "/public",
    "/public/releases/{digest}",
    "/public/releases/{digest}/document",
    "/public/threads/{digest}",
    "/public/attachments/{digest}",
    "/public/anchors",
    "/public/anchors.json",
    "/public/verify.py",
    "/public/feed.atom",
    "/public/feed.json",
    "/public/style.css",
    "/healthz",
    "/readyz",
    "/console/login",
    "/console/resume",
    "/console/preferences",
    "/console/assets/{name}",
    "/console/oidc/login",
    "/console/oidc/callback",
    "/console/oidc/logout",
}
"""The public pages, health, and what leads to signing in. A new address here is a decision."""
VALUES = {"incident": "0" * 32, "digest": "0" * 64, "number": "1"}


def routes(of: list[BaseRoute]) -> Iterator[tuple[str, str]]:
    """Every method and path, whether or not the OpenAPI document tells of it."""
    for route in of:
        if isinstance(route, APIRoute):
            yield from ((method, route.path) for method in sorted(route.methods or ()))
        else:
            inner = getattr(route, "routes", None) or getattr(getattr(route, "original_router", None), "routes", None)
            assert inner, f"{route!r} is a route this walk does not know"
            yield from routes(inner)


async def test_nothing_but_the_public_pages_health_and_the_login_answers_without_login(desk: Office) -> None:
    walked = list(routes(app_for(settings_for("postgresql+asyncpg://x/y"), FixedClock()).routes))
    assert len(walked) > 100
    for method, path in walked:
        if path in OPEN_TO_ALL:
            continue
        address = path
        for name in [part.split("}")[0] for part in path.split("{")[1:]]:
            address = address.replace("{" + name + "}", VALUES.get(name, "x" * 16))
        answer = await desk.http.request(
            method, address, headers={"Idempotency-Key": "k", "Origin": "http://127.0.0.1:8080"}
        )
        if path.startswith("/console"):
            # A form's words are given back on a page to sign in on.
            asked = answer.headers.get("location", "") if answer.status_code == 303 else answer.text
            assert asked.startswith("/console/login") or (answer.status_code == 401 and "/console/resume" in asked), (
                method,
                path,
            )
        else:
            is_problem(answer, 401, "unauthenticated")
    assert {path for _, path in walked} >= OPEN_TO_ALL


# -- scopes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("granted", "needed", "enough"),
    [
        ({Scope.READ}, Scope.READ, True),
        ({Scope.READ}, Scope.WRITE, False),
        ({Scope.READ}, CommandName.NOTE, False),
        ({Scope.WRITE}, CommandName.NOTE, True),
        ({Scope.WRITE}, Scope.READ, False),
        ({Scope.WRITE}, Scope.OPS, False),
        ({CommandName.NOTE}, CommandName.NOTE, True),
        ({CommandName.NOTE}, CommandName.CLOSE, False),
        ({CommandName.NOTE}, Scope.WRITE, False),
        ({Scope.OPS}, Scope.READ, False),
    ],
)
def test_a_token_is_good_for_what_it_was_given_for(granted: set[Grantable], needed: Grantable, enough: bool) -> None:
    assert covers(frozenset(granted), needed) is enough


def test_scopes_are_named_and_what_is_none_is_said() -> None:
    assert parse_scopes(["read", "note"]) == {Scope.READ, CommandName.NOTE}
    for wrong in (["everything"], ["read", "fly"], []):
        with pytest.raises(ValueError, match=r"everything|fly|good for"):
            parse_scopes(wrong)


async def headers_for(office: Office, officer: str, *scopes: str) -> dict[str, str]:
    async with office.sessions.begin() as session:
        now = FixedClock().at
        token = await directory.issue_token(session, OfficerId(officer), now, "t", scopes=parse_scopes(scopes))
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid4().hex}


async def test_a_token_for_reading_writes_nothing_by_any_route(office: Office, scene: Scene) -> None:
    await scene.submit()
    headers = await headers_for(office, "baishi.editor", "read")
    assert (await office.http.get(f"/api/v1/incidents/{scene.id}", headers=headers)).status_code == 200
    refused = 0
    for method, path in routes(office.http._transport.app.routes):  # type: ignore[attr-defined]  # It carries the app.
        if not path.startswith("/api/") or method in ("GET", "HEAD"):
            continue
        address = path.replace("{incident}", scene.id)
        for name in [part.split("}")[0] for part in address.split("{")[1:]]:
            address = address.replace("{" + name + "}", VALUES.get(name, "0" * 16))
        answer = await office.http.request(method, address, headers=headers, json={})
        is_problem(answer, 403, "scope_too_narrow")
        refused += 1
    assert refused > 80


async def test_a_token_for_one_command_sends_that_one(office: Office, scene: Scene) -> None:
    await scene.submit()
    path = f"/api/v1/incidents/{scene.id}"
    note = await headers_for(office, "baishi.editor", "note")
    # The process is away in this test: it is asked, so the token was enough.
    assert (await office.http.post(f"{path}/commands/note", json={"text": "x"}, headers=note)).status_code == 503
    sealed = await office.http.post(f"{path}/seals/note", json={"text": "x"}, headers=note | {"Idempotency-Key": "s"})
    assert sealed.status_code == 200
    for other in ("commands/confirm_facts", "seals/confirm_facts", "releases"):
        answer = await office.http.post(f"{path}/{other}", json={"summary": "x"}, headers=note)
        is_problem(answer, 403, "scope_too_narrow")
    is_problem(await office.http.get(path, headers=note), 403, "scope_too_narrow")
    drafting = await headers_for(office, "baishi.editor", "draft_release")
    assert (await office.http.post(f"{path}/releases", json=draft(), headers=drafting)).status_code == 503
    submitting = await headers_for(office, "baishi.editor", "submit")
    submission = await office.submission()
    assert (await office.http.post("/api/v1/incidents", json=submission, headers=submitting)).status_code == 503
    is_problem(await office.http.post(f"{path}/releases", json=draft(), headers=submitting), 403, "scope_too_narrow")
    revising = await headers_for(office, "baishi.editor", "revise_release")
    answer = await office.http.put(f"{path}/releases/{'0' * 16}", json=draft(), headers=revising)
    assert answer.json()["code"] != "scope_too_narrow"


async def test_a_token_for_one_command_is_not_answered_with_what_it_may_not_read(live: Office) -> None:
    incident = await live.submitted()
    for scopes, status in ((("note",), 204), (("write",), 204), (("note", "read"), 200)):
        headers = await headers_for(live, "baishi.editor", *scopes)
        path = f"/api/v1/incidents/{incident}/commands/note"
        answer = await live.http.post(path, json={"text": "x"}, headers=headers)
        assert (answer.status_code, bool(answer.content)) == (status, status == 200), scopes


# -- seeing and ending --------------------------------------------------------------------------------


async def test_one_sees_and_ends_ones_own_sessions_and_tokens(office: Office, clock: FixedClock) -> None:
    mine, others = OfficerId("baishi.editor"), OfficerId("water.editor")
    origin = console_sessions.Origin("10.0.0.7", "Browser 1.0")
    async with office.sessions.begin() as session:
        for officer in (mine, others):
            await console_sessions.begin(session, officer, Means.PASSWORD, origin, clock.at)
            await directory.issue_token(session, officer, clock.at, "script", clock.at + timedelta(days=1))
    for kind in ("sessions", "tokens"):
        listed = (await office.get(mine, f"/{kind}")).json()
        assert {one["officer"] for one in listed} == {mine}
        assert "hash" not in listed[0]
        is_problem(await office.get(mine, f"/{kind}", everybody="true"), 403, "not_readable")
        everything = (await office.get("office.admin", f"/{kind}", everybody="true")).json()
        assert {mine, others} <= {one["officer"] for one in everything}
        theirs = next(one["id"] for one in everything if one["officer"] == others)
        for number in (theirs, 999_999):
            answer = await office.http.delete(f"/api/v1/{kind}/{number}", headers=await office.headers(mine))
            is_problem(answer, 404, "not_found")
        admin = await office.headers("office.admin")
        assert (await office.http.delete(f"/api/v1/{kind}/{theirs}", headers=admin)).status_code == 204
        is_problem(await office.http.delete(f"/api/v1/{kind}/{theirs}", headers=admin), 404, "not_found")
    script = next(one for one in (await office.get(mine, "/tokens")).json() if one["label"] == "script")
    answer = await office.http.delete(f"/api/v1/tokens/{script['id']}", headers=await office.headers(mine))
    assert answer.status_code == 204
    session_id = (await office.get(mine, "/sessions")).json()[0]["id"]
    answer = await office.http.delete(f"/api/v1/sessions/{session_id}", headers=await office.headers(mine))
    assert answer.status_code == 204
    assert (await office.get(mine, "/sessions")).json() == []


async def test_an_administrators_narrow_token_administers_nothing(office: Office) -> None:
    headers = await headers_for(office, "office.admin", "read", "write")
    answer = await office.http.get("/api/v1/tokens?everybody=true", headers=headers)
    is_problem(answer, 403, "not_readable")
    whole = await headers_for(office, "office.admin", *EVERYTHING)
    assert (await office.http.get("/api/v1/tokens?everybody=true", headers=whole)).status_code == 200


async def test_it_is_kept_when_a_token_was_last_used(office: Office, clock: FixedClock) -> None:
    async def last_used() -> str | None:
        listed = (await office.get("baishi.editor", "/tokens")).json()
        return str(listed[0]["last_used_at"]) if listed[0]["last_used_at"] else None

    first = await last_used()
    clock.advance(timedelta(seconds=59))
    assert await last_used() == first
    clock.advance(timedelta(seconds=1))
    assert await last_used() != first


# -- how often ----------------------------------------------------------------------------------------


async def test_whoever_knocks_too_often_is_told_when_to_come_again(database_url: str, office: Office) -> None:
    settings, clock = settings_for(database_url, logins_per_minute=2), FixedClock()
    await give_password(office.sessions, "office.duty")
    async with serving(app_for(settings, clock), office.sessions, clock) as strict:
        app = strict.http._transport.app  # type: ignore[attr-defined]  # As above.
        first, second = Browser(app, "10.0.0.1"), Browser(app, "10.0.0.2")
        known = Browser(app, "10.0.0.3")
        assert (await known.sign_in("office.duty")).status_code == 303
        assert (await first.sign_in("office.duty", "wrong")).status_code == 401
        for browser in (first, second):
            answer = await browser.sign_in("office.duty")
            assert answer.status_code == 429, "a name, from wherever"
            assert 1 <= int(answer.headers["retry-after"]) <= 60
            assert "text/html" in answer.headers["content-type"]
        assert (await known.sign_in("office.duty")).status_code == 303, "but not from its own browser"
        answers = [await first.sign_in(f"office.nobody{n}", "wrong") for n in range(12)]
        assert [a.status_code for a in answers].count(401) == 10, "an address, whatever name"
        assert (await second.sign_in("office.nobody", "wrong")).status_code == 401
        another_way = {"name": "office.nobody0", "password": "wrong", "to": "/console"}
        assert (await first.submit("/console/resume", **another_way)).status_code == 429, "where a form goes on too"


async def test_an_officer_and_a_unit_submit_only_so_often(database_url: str, office: Office) -> None:
    settings, clock = settings_for(database_url, submissions_per_minute=1), FixedClock()
    async with serving(app_for(settings, clock), office.sessions, clock) as strict:
        body = await office.submission()
        assert (await strict.post("baishi.editor", "/incidents", body)).status_code == 503, "the process is away"
        answer = await strict.post("baishi.editor", "/incidents", body)
        is_problem(answer, 429, "too_many_requests")
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert (await strict.post("liuba.editor", "/incidents", body)).status_code == 503


async def test_many_at_once_get_no_more_than_the_limit(database_url: str, office: Office) -> None:
    settings, clock = settings_for(database_url, submissions_per_minute=3), FixedClock()
    async with serving(app_for(settings, clock), office.sessions, clock) as strict:
        body = await office.submission()
        await strict.headers("baishi.editor")
        answers = await asyncio.gather(*(strict.post("baishi.editor", "/incidents", body) for _ in range(8)))
    assert [answer.status_code for answer in answers].count(429) == 5
