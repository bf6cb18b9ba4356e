"""Registers over HTTP: who speaks for a unit, who is on duty, who acts for whom, and how people are reached."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.api.office import Office, draft
from tests.api.test_problems import is_problem
from tests.scene import Scene

SPOKEN = {"unit": "water", "spokesperson": "water.head", "deputy": "water.deputy", "changed_on": "2026-07-10"}


def period(now: datetime, days: float = 7) -> dict[str, str]:
    return {"starts_at": (now - timedelta(days=1)).isoformat(), "ends_at": (now + timedelta(days=days)).isoformat()}


async def test_a_change_of_spokesperson_is_filed_and_its_history_kept(office: Office) -> None:
    first = await office.done("water.editor", "/spokespersons", SPOKEN)
    again = await office.done(
        "water.editor", "/spokespersons", SPOKEN | {"spokesperson": "water.deputy", "deputy": None}
    )
    listed = (await office.get("office.duty", "/spokespersons", unit="water")).json()
    assert [one["id"] for one in listed["items"]] == [again["id"]]
    history = (await office.get("press.desk", "/spokespersons/water/history")).json()
    assert [one["id"] for one in history] == [first["id"], again["id"]]


async def test_a_change_that_was_reported_late_is_marked(office: Office) -> None:
    filed = await office.done("water.editor", "/spokespersons", SPOKEN | {"changed_on": "2026-01-02"})
    assert filed["late"] is True


async def test_the_same_filing_sent_twice_is_one(office: Office) -> None:
    filed = [await office.done("water.editor", "/spokespersons", SPOKEN, key="twice") for _ in range(2)]
    assert filed[0] == filed[1]
    other = await office.post("water.editor", "/spokespersons", SPOKEN | {"deputy": None}, key="twice")
    is_problem(other, 422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("officer", "changes", "status", "code"),
    [
        ("health.editor", {}, 403, "not_permitted"),
        ("water.editor", {"spokesperson": "health.head"}, 422, "wrong_officer"),
        ("water.editor", {"spokesperson": "water.nobody"}, 422, "unknown_officer"),
        ("press.desk", {"unit": "nowhere"}, 422, "unknown_unit"),
        ("water.editor", {"deputy": "water.head"}, 422, "same_officer"),
        ("water.editor", {"changed_on": "yesterday"}, 422, "invalid"),
    ],
)
async def test_a_wrong_filing_is_refused_with_its_reason(
    office: Office, officer: str, changes: dict[str, Any], status: int, code: str
) -> None:
    is_problem(await office.post(officer, "/spokespersons", SPOKEN | changes), status, code)
    assert (await office.get("press.desk", "/spokespersons/water/history")).json() == []


async def test_of_two_rosters_the_later_one_counts(office: Office, scene: Scene) -> None:
    now = scene.clock.at
    roster = {"unit": "baishi", "leader": "baishi.head", "on_duty": ["baishi.editor"], **period(now)}
    await office.done("baishi.editor", "/duty-rosters", roster)
    await office.done("baishi.editor", "/duty-rosters", roster | {"on_duty": ["baishi.deputy"]})
    found = (await office.get("office.duty", "/duty-rosters", unit="baishi", at=now.isoformat())).json()["items"]
    assert [one["on_duty"] for one in found] == [["baishi.deputy"], ["baishi.editor"]]
    await scene.submit()
    told = (await office.get("baishi.deputy", "/notices")).json()["items"]
    assert "duty_opened" in {one["kind"] for one in told}
    others = (await office.get("baishi.head", "/notices")).json()["items"]
    assert "duty_opened" not in {one["kind"] for one in others}, "the roster says whom to call first"


Delegated = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def delegated(live: Office) -> Delegated:
    """Hands the head's post to the deputy, from yesterday for a week."""

    async def hand_on(**changes: str) -> dict[str, Any]:
        now = datetime.fromisoformat((await live.submission())["detected_at"])
        given = {"unit": "baishi", "principal": "baishi.head", "delegate": "baishi.editor", **period(now)}
        return await live.done("baishi.head", "/delegations", given | changes)

    return hand_on


async def test_a_delegate_decides_and_the_ledger_shows_both(live: Office, delegated: Delegated) -> None:
    handed = await delegated()
    assert handed["in_force"] is True
    incident = await live.submitted("baishi.editor")
    path = f"/incidents/{incident}/releases"
    made = await live.done("baishi.deputy", path, draft())
    version = {"release": made["release"], "digest": made["digest"], "step": "unit_approval"}
    await live.command("baishi.editor", incident, "approve", **version)
    entries = (await live.get("office.duty", f"/incidents/{incident}/timeline", limit=200)).json()["items"]
    (decided,) = [entry for entry in entries if entry["type"] == "step_decided"]
    assert (decided["actor"], decided["on_behalf_of"]) == ("baishi.editor", "baishi.head")
    await live.done("baishi.head", f"/delegations/{handed['id']}/end", {})


async def test_once_it_is_over_the_delegate_is_who_they_were(live: Office, delegated: Delegated) -> None:
    handed = await delegated()
    ended = await live.done("baishi.editor", f"/delegations/{handed['id']}/end", {})
    assert ended["in_force"] is False
    incident = await live.submitted("baishi.deputy")
    made = await live.done("baishi.deputy", f"/incidents/{incident}/releases", draft())
    version = {"release": made["release"], "digest": made["digest"], "step": "unit_approval"}
    refused = await live.post("baishi.editor", f"/incidents/{incident}/commands/approve", version)
    is_problem(refused, 403, "not_your_step")


async def test_a_post_is_handed_on_by_its_holder_or_the_unit_with_a_reason(live: Office) -> None:
    now = datetime.fromisoformat((await live.submission())["detected_at"])
    given = {"unit": "baishi", "principal": "baishi.head", "delegate": "baishi.editor", **period(now)}
    is_problem(await live.post("health.head", "/delegations", given), 403, "not_permitted")
    long = await live.post("baishi.head", "/delegations", given | period(now, days=400))
    is_problem(long, 422, "period_too_long")
    is_problem(await live.post("baishi.head", "/delegations/999999/end", {}), 404, "no_delegation")


async def test_addresses_are_kept_by_their_owner_and_shown_to_nobody_else(office: Office) -> None:
    book = {"contacts": [{"means": "sms", "address": "+8613900000000", "to": "person"}]}
    for owner, keeper in (("water.head", "water.head"), ("water", "water.editor"), ("health.head", "office.duty")):
        saved = await office.put(keeper, f"/contacts/{owner}", book)
        assert saved.json() == book
        assert (await office.get(keeper, f"/contacts/{owner}")).json() == book
    refused = await office.put("health.head", "/contacts/water.head", book)
    is_problem(refused, 403, "not_permitted")
    assert "维护通知地址" in refused.json()["detail"]
    is_problem(await office.get("health.head", "/contacts/water.head"), 403, "not_readable")
    is_problem(await office.put("office.duty", "/contacts/nobody", book), 404, "not_found")
    pigeon = {"contacts": [{"means": "pigeon", "address": "x"}]}
    wrong = await office.put("water.head", "/contacts/water.head", pigeon)
    is_problem(wrong, 422, "invalid")
    assert (await office.get("water.head", "/contacts/water.head")).json() == book, "a wrong book changes nothing"


async def test_what_i_was_told_comes_in_pages_in_my_language_and_can_be_marked(office: Office, scene: Scene) -> None:
    await scene.submit()
    first = (await office.get("baishi.head", "/notices", limit=1)).json()
    assert len(first["items"]) == 1
    rest = (await office.get("baishi.head", "/notices", cursor=first["next"])).json()["items"]
    newest, state = first["items"][0], await scene.state()
    assert newest["said"].startswith(f"{state.number}：")
    assert newest["id"] > max(one["id"] for one in rest)
    seen = await office.put("baishi.head", "/notices/seen", {"up_to": newest["id"]})
    assert (seen.status_code, seen.content) == (204, b"")
    assert (await office.get("baishi.head", "/notices", unread="true")).json()["items"] == []
    headers = await office.headers("baishi.head") | {"Accept-Language": "en"}
    english = (await office.http.get("/api/v1/notices", headers=headers)).json()["items"][0]["said"]
    assert english.startswith(f"{state.number}: ")


async def test_what_reached_nobody_is_shown_to_those_who_can_help(office: Office, scene: Scene) -> None:
    await scene.submit()
    for officer in ("office.duty", "ops.oncall"):
        found = (await office.get(officer, "/deliveries", state="waiting")).json()["items"]
        assert {one["officer"] for one in found} >= {"baishi.head"}
    is_problem(await office.get("baishi.head", "/deliveries"), 403, "not_readable")
