"""Submitting over HTTP: once is once, and what is bad leaves nothing behind."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from db.session import Sessions
from db.tables import IdempotencyRow, IncidentRow, LedgerRow, TextRow
from tests.api.conftest import Running
from tests.api.office import Office
from tests.api.test_problems import is_problem


async def rows(sessions: Sessions) -> list[int | None]:
    async with sessions() as session:
        tables = (IdempotencyRow, IncidentRow, LedgerRow, TextRow)
        return [await session.scalar(select(func.count()).select_from(table)) for table in tables]


async def test_a_submission_answers_with_the_state_and_where_it_is(live: Office) -> None:
    answer = await live.post("baishi.editor", "/incidents", await live.submission())
    state = answer.json()
    assert (answer.status_code, state["phase"], state["stale"]) == (201, "reported", False)
    assert answer.headers["location"] == f"/api/v1/incidents/{state['id']}"
    assert answer.headers["etag"] == f'"{state["seq"]}"'


async def test_submitting_twice_with_one_key_gives_one_incident(live: Office) -> None:
    body = await live.submission()
    first = await live.post("baishi.editor", "/incidents", body, "our key 1".replace(" ", "-"))
    before = await rows(live.sessions)
    second = await live.post("baishi.editor", "/incidents", body, "our-key-1")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert await rows(live.sessions) == before


async def test_of_many_at_once_exactly_one_submits(live: Office) -> None:
    body = await live.submission()
    answers = await asyncio.gather(*(live.post("baishi.editor", "/incidents", body, "at-once") for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_colleagues_share_their_units_keys_and_other_units_do_not(live: Office) -> None:
    body = await live.submission()
    mine = await live.post("baishi.editor", "/incidents", body, "shared")
    ours = await live.post("baishi.head", "/incidents", body, "shared")
    theirs = await live.post("qixia.editor", "/incidents", body, "shared")
    assert (mine.status_code, ours.status_code, theirs.status_code) == (201, 200, 201)
    assert mine.json()["id"] == ours.json()["id"] != theirs.json()["id"]


async def test_a_key_means_one_body(live: Office) -> None:
    await live.done("baishi.editor", "/incidents", await live.submission(), "taken")
    before = await rows(live.sessions)
    other = await live.post("baishi.editor", "/incidents", await live.submission(title="另一件事"), "taken")
    is_problem(other, 422, "idempotency_key_reused")
    assert await rows(live.sessions) == before


@pytest.mark.parametrize(
    ("officer", "changes", "status", "code"),
    [
        ("baishi.editor", {"detected_at": "2099-01-01T00:00:00Z"}, 422, "in_the_future"),
        ("baishi.editor", {"townships": ["atlantis"]}, 422, "unknown_unit"),
        ("baishi.editor", {"superior_department": "nowhere"}, 422, "unknown_unit"),
        ("baishi.editor", {"townships": ["water"]}, 422, "wrong_unit_kind"),
        ("baishi.editor", {"departments": ["leading"]}, 422, "wrong_unit_kind"),
        ("baishi.editor", {"hour_seconds": 6}, 422, "hour_seconds_outside_drill"),
        ("baishi.editor", {"summary": "长" * 20_001}, 422, "invalid"),
        ("baishi.editor", {"surprise": 1}, 422, "invalid"),
        ("baishi.reviewer", {}, 403, "not_permitted"),
        ("audit.reader", {}, 403, "not_permitted"),
    ],
)
async def test_a_bad_submission_leaves_nothing_behind(
    running: Running, officer: str, changes: dict[str, Any], status: int, code: str
) -> None:
    live = running.office
    before = await rows(live.sessions)
    answer = await live.post(officer, "/incidents", await live.submission(**changes), f"bad-{code}")
    is_problem(answer, status, code)
    assert await rows(live.sessions) == before


async def test_a_refusal_names_people_and_the_wrong_field(live: Office) -> None:
    future = await live.post("baishi.editor", "/incidents", await live.submission(detected_at="2099-01-01T00:00:00Z"))
    assert [error["field"] for error in future.json()["errors"]] == ["detected_at"]
    barred = await live.post("baishi.reviewer", "/incidents", await live.submission())
    assert "章春梅" in barred.json()["detail"]
    assert "报送" in barred.json()["detail"]
