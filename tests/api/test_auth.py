"""Who is let in."""

import re
from datetime import timedelta

import pytest

from db import directory
from tests.api.office import Office
from tests.api.test_problems import is_problem
from tests.clock import FixedClock


async def test_a_token_stands_for_its_officer(desk: Office) -> None:
    me = (await desk.get("office.head", "/me")).json()
    assert (me["id"], [post["unit"] for post in me["posts"]]) == ("office.head", ["office", "leading"])


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer hy_unknown", "Basic aGk6aGk=", "hy_unknown"])
async def test_nobody_without_a_known_token_is_let_in(desk: Office, header: str | None) -> None:
    headers = {"Authorization": header} if header is not None else {}
    answer = await desk.http.get("/api/v1/me", headers=headers)
    is_problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_missing_unknown_expired_and_revoked_tokens_get_the_same_answer(
    office: Office, clock: FixedClock
) -> None:
    expired = await office.token("office.duty", clock.at + timedelta(hours=1))
    revoked = await office.token("office.duty")
    async with office.sessions.begin() as session:
        await directory.revoke_token(session, directory.hash_token(revoked), clock.at)
    clock.advance(timedelta(hours=2))
    answers = [
        await office.http.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
        for token in (expired, revoked, "hy_unknown", "")
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {(401, answers[0].text)}


async def test_an_officer_who_left_is_not_let_in(office: Office) -> None:
    headers = await office.headers("water.editor")
    async with office.sessions.begin() as session:
        county = await directory.county(session)
        stayed = tuple(officer for officer in county.officers if officer.id != "water.editor")
        await directory.save_county(session, county.model_copy(update={"officers": stayed}))
    is_problem(await office.http.get("/api/v1/me", headers=headers), 401, "unauthenticated")


async def test_every_route_under_the_api_asks_who_it_is(desk: Office) -> None:
    document = (await desk.http.get("/openapi.json", headers=await desk.headers("office.duty"))).json()
    for path, methods in document["paths"].items():
        for method in methods:
            if not path.startswith("/api/"):
                continue
            address = re.sub(r"\{[a-z]+\}", "0" * 16, path.replace("{incident}", "0" * 32))
            answer = await desk.http.request(method, address, headers={"Idempotency-Key": "k"})
            assert answer.status_code == 401, (method, path)
