"""What the API shows of what the ledger holds."""

from datetime import timedelta
from typing import Any

import pytest

from domain import commands as c
from domain.county import County
from domain.events import EffectParked, Published
from domain.vocabulary import Channel, IncidentId, Level, ObligationKind, OfficerId, ReleaseKind, StepKind
from tests.api.office import Office
from tests.api.test_problems import is_problem
from tests.clock import FixedClock
from tests.scene import RELEASE, Scene


async def published(scene: Scene) -> None:
    incident = await scene.approve_all()
    version = incident.releases[RELEASE].version
    receipt = {"external_id": "1", "url": "http://127.0.0.1/public", "at": scene.clock.at}
    place = {"release": RELEASE, "version": version.number, "digest": version.digest, "channel": Channel.BULLETIN}
    await scene.record("published/1", Published.model_validate(place | receipt))


async def test_the_state_tells_everything_that_scripts_rely_on(office: Office, scene: Scene) -> None:
    await scene.submit(links=("https://video.example/1",))
    await scene.draft()
    answer = await office.get("baishi.head", f"/incidents/{scene.id}")
    state = answer.json()
    assert answer.headers["etag"] == f'"{state["seq"]}"'
    assert (state["id"], state["number"]) == (scene.id, "青岫舆〔2026〕1号")
    assert (state["title"], state["links"]) == ("白石镇集镇停水", ["https://video.example/1"])
    assert (state["lead"], state["coordinators"], state["cooperators"]) == ("baishi", ["baishi"], [])
    assert state["route"] == {"article": "1", "reason": "one_township"}
    duties = {duty["kind"]: duty for duty in state["obligations"]}
    assert duties["response"]["due_at"] == "2026-11-04T19:40:00Z"
    assert (duties["response"]["hard"], duties["first_release"]["hard"]) == (True, False)
    (release,) = state["releases"]
    assert (release["release"], release["version"], release["state"]) == (RELEASE, 1, "in_review")
    assert [(step["step"], step["state"], step["holders"]) for step in release["steps"]] == [
        ("unit_approval", "open", ["baishi.head", "baishi.deputy"]),
        ("confidentiality", "waiting", ["baishi.reviewer"]),
    ]
    assert "body" not in release
    waits = {waiting["what"]: waiting["holders"] for waiting in state["waiting_for"]}
    assert waits["unit_approval"] == ["baishi.head", "baishi.deputy"]
    assert waits["assessment"] == ["office.head", "office.deputy", "office.duty", "office.duty2"]
    assert (state["stale"], state["overdue"]) == (True, False)


async def test_explanations_follow_the_language(office: Office, scene: Scene) -> None:
    await scene.submit()
    path = f"/api/v1/incidents/{scene.id}"
    headers = await office.headers("baishi.head")
    chinese = (await office.http.get(path, headers=headers)).json()["obligations"][0]["explanation"]
    english = (await office.http.get(path, headers=headers | {"Accept-Language": "en"})).json()["obligations"][0]
    assert "自发现时间" in chinese
    assert "natural hours" in english["explanation"]


async def test_overdue_is_told_by_the_instant_alone(office: Office, scene: Scene, clock: FixedClock) -> None:
    await scene.submit()
    clock.advance(timedelta(hours=5))
    state = (await office.get("baishi.head", f"/incidents/{scene.id}")).json()
    overdue = {duty["kind"]: duty["overdue"] for duty in state["obligations"]}
    assert overdue == {"first_release": True, "response": False}
    listed = (await office.get("baishi.head", "/incidents", overdue="true")).json()["items"]
    assert [line["id"] for line in listed] == [scene.id]


async def test_an_ended_incident_is_never_stale(office: Office, scene: Scene) -> None:
    await scene.submit()
    reason = "重复报送"
    await scene.do("office.head", c.Assess(respond=False, reason=reason))
    assert (await office.get("office.duty", f"/incidents/{scene.id}")).json()["stale"] is False
    assert (await office.get("office.duty", "/incidents")).json()["items"][0]["stale"] is False


async def test_a_stranger_reads_nothing_of_an_incident(office: Office, scene: Scene) -> None:
    await scene.submit()
    await scene.draft()
    for path in ("", "/timeline", f"/releases/{RELEASE}"):
        is_problem(await office.get("qixia.head", f"/incidents/{scene.id}{path}"), 403, "not_readable")
    assert (await office.get("qixia.head", "/incidents")).json()["items"] == []
    assert (await office.get("qixia.head", "/tasks")).json()["items"] == []


async def test_ops_see_the_state_but_no_unpublished_words(office: Office, scene: Scene) -> None:
    await scene.submit()
    await scene.draft()
    assert (await office.get("ops.oncall", f"/incidents/{scene.id}")).status_code == 200
    is_problem(await office.get("ops.oncall", f"/incidents/{scene.id}/releases/{RELEASE}"), 403, "not_readable")
    entries = (await office.get("ops.oncall", f"/incidents/{scene.id}/timeline")).json()["items"]
    assert {entry["words"] for entry in entries} == {None}


async def test_a_substitute_reads_what_they_must_decide_on(office: Office, scene: Scene) -> None:
    await scene.submit()
    await scene.draft(officer="baishi.editor")
    substitute = c.AssignStep(
        release=RELEASE, step=StepKind.CONFIDENTIALITY, officer=OfficerId("qixia.reviewer"), reason="审查员外出"
    )
    is_problem(await office.get("qixia.reviewer", f"/incidents/{scene.id}/releases/{RELEASE}"), 403, "not_readable")
    await scene.do("office.duty", substitute)
    digest = (await scene.state()).releases[RELEASE].version.digest
    await scene.do("baishi.head", c.Approve(release=RELEASE, step=StepKind.UNIT_APPROVAL, digest=digest))
    text = await office.get("qixia.reviewer", f"/incidents/{scene.id}/releases/{RELEASE}")
    assert (text.status_code, text.json()["title"]) == (200, "关于白石镇集镇停水的情况说明")
    tasks = (await office.get("qixia.reviewer", "/tasks")).json()["items"]
    assert [(task["command"], task["digest"]) for task in tasks] == [("review_confidentiality", digest)]


async def test_a_release_shows_the_words_of_the_version_asked_for(office: Office, scene: Scene) -> None:
    await scene.submit()
    await scene.draft(scene.document("第一版。"))
    await scene.draft(scene.document("第二版。"))
    path = f"/incidents/{scene.id}/releases/{RELEASE}"
    current = (await office.get("baishi.head", path)).json()
    first = (await office.get("baishi.head", path, version=1)).json()
    assert (current["version"], current["body"], first["body"]) == (2, "第二版。", "第一版。")
    assert [version["version"] for version in current["versions"]] == [1, 2]
    is_problem(await office.get("baishi.head", path, version=3), 404, "not_found")
    is_problem(await office.get("baishi.head", f"/incidents/{scene.id}/releases/unknown"), 404, "no_release")


async def test_the_timeline_resolves_words_and_pages(office: Office, scene: Scene) -> None:
    await scene.submit(links=("https://video.example/1", "https://video.example/2"))
    await scene.do("baishi.editor", c.Note(text="已到场"))
    path = f"/incidents/{scene.id}/timeline"
    whole = (await office.get("baishi.editor", path)).json()
    assert whole["next"] is None
    first, note = whole["items"][0], whole["items"][-1]
    assert first["words"]["links"] == ["https://video.example/1", "https://video.example/2"]
    assert (first["words"]["title"], first["type"], first["seq"]) == ("白石镇集镇停水", "submitted", 1)
    assert (note["words"], note["actor"]) == ({"text": "已到场"}, "baishi.editor")
    assert note["data"]["text"].startswith("t1:")
    seen: list[int] = []
    cursor: dict[str, Any] = {}
    while True:
        page = await office.get("baishi.editor", path, limit=2, **cursor)
        seen += [entry["seq"] for entry in page.json()["items"]]
        if page.json()["next"] is None:
            break
        assert 'rel="next"' in page.headers["link"]
        cursor = {"cursor": page.json()["next"]}
    assert seen == [entry["seq"] for entry in whole["items"]]


async def test_the_list_pages_filters_and_searches(office: Office, county: County, clock: FixedClock) -> None:
    ids: list[str] = []
    for number, level in enumerate([Level.GENERAL, Level.MAJOR, Level.GENERAL]):
        scene = Scene(office.sessions, county, clock, IncidentId(f"{number}" * 32))
        await scene.submit(level=level, title=f"第{number}件停水", drill=number == 2)
        ids.insert(0, scene.id)
        clock.advance(timedelta(seconds=1))

    async def listed(**filters: str | int) -> list[str]:
        return [line["id"] for line in (await office.get("office.duty", "/incidents", **filters)).json()["items"]]

    assert await listed() == ids
    assert await listed(level="major") == [ids[1]]
    assert await listed(drill="true") == [ids[0]]
    assert await listed(q="第0件") == [ids[2]]
    assert await listed(q="%") == []
    assert await listed(phase="closed") == []
    assert await listed(lead="baishi", level="general", drill="false") == [ids[2]]
    first = (await office.get("office.duty", "/incidents", limit=2)).json()
    second = (await office.get("office.duty", "/incidents", limit=2, cursor=first["next"])).json()
    assert [line["id"] for line in first["items"] + second["items"]] == ids
    assert (second["next"], first["items"][0]["title"]) == (None, "第2件停水")


async def test_tasks_follow_an_incident_from_desk_to_desk(office: Office, scene: Scene) -> None:
    async def of(officer: str) -> list[tuple[str, str]]:
        return [(t["what"], t["command"]) for t in (await office.get(officer, "/tasks")).json()["items"]]

    await scene.submit()
    assert ("assessment", "assess") in await of("office.duty")
    signing = ("acknowledgement", "acknowledge")
    assert await of("baishi.editor") == [("first_release", "draft_release"), signing]
    assert await of("baishi.reviewer") == []
    await scene.do("office.duty", c.Assess(level=Level.MAJOR))
    assert ("press_conference", "schedule_conference") in await of("press.desk")
    assert ("facts", "confirm_facts") in await of("baishi.editor")
    await scene.draft()
    asked = [("unit_approval", "approve"), ("facts", "confirm_facts")]
    assert [task for task in await of("baishi.head") if task != signing] == asked
    assert await of("baishi.reviewer") == [("confidentiality", "review_confidentiality")]
    digest = (await scene.state()).releases[RELEASE].version.digest
    back = c.ReturnRelease(release=RELEASE, step=StepKind.UNIT_APPROVAL, digest=digest, reason="请补充")
    await scene.do("baishi.head", back)
    assert ("revision", "revise_release") in await of("baishi.editor")
    assert await of("baishi.reviewer") == []


async def test_a_parked_publication_waits_for_ops_and_the_county_office(office: Office, scene: Scene) -> None:
    await scene.submit()
    await scene.draft()
    await scene.approve_all()
    parked = EffectParked(release=RELEASE, version=1, channel=Channel.BULLETIN, code="unreachable")
    await scene.record("parked/1", parked)
    for officer in ("ops.oncall", "office.duty"):
        tasks = (await office.get(officer, "/tasks")).json()["items"]
        assert ("blocked", "retry_blocked") in [(task["what"], task["command"]) for task in tasks]
    (release,) = (await office.get("office.duty", f"/incidents/{scene.id}")).json()["releases"]
    assert [parked["code"] for parked in release["parked"]] == ["unreachable"]
    (line,) = (await office.get("office.duty", "/incidents")).json()["items"]
    assert line["needs_attention"] is True


async def test_a_published_release_shows_its_receipt_and_the_duty_it_met(office: Office, scene: Scene) -> None:
    await scene.submit()
    await scene.draft(scene.document(kind=ReleaseKind.FIRST))
    await published(scene)
    state = (await office.get("baishi.head", f"/incidents/{scene.id}")).json()
    (release,) = state["releases"]
    assert (release["state"], [receipt["channel"] for receipt in release["receipts"]]) == ("published", ["bulletin"])
    met = next(duty for duty in state["obligations"] if duty["kind"] == ObligationKind.FIRST_RELEASE)
    assert (met["state"], met["met_at"], met["release"]) == ("met", "2026-11-03T08:00:00Z", RELEASE)


async def test_reference_data_can_be_looked_up(desk: Office) -> None:
    townships = (await desk.get("qixia.editor", "/units", kind="township")).json()
    assert {unit["kind"] for unit in townships} == {"township"}
    reviewers = (await desk.get("qixia.editor", "/officers", unit="water", role="confidentiality_reviewer")).json()
    assert [officer["id"] for officer in reviewers] == ["water.reviewer"]
    policies = [policy["id"] for policy in (await desk.get("qixia.editor", "/policies")).json()]
    assert policies == ["drill", "national-2016", "xiangyun-2019-54"]
    policy = (await desk.get("qixia.editor", "/policies/drill")).json()
    assert policy["hour_seconds"] == 6
    is_problem(await desk.get("qixia.editor", "/policies/unknown"), 404, "not_found")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_health_needs_no_token(desk: Office, path: str) -> None:
    assert (await desk.http.get(path)).status_code == 200


async def test_ready_means_a_database_with_all_its_tables(office: Office) -> None:
    ready = (await office.http.get("/readyz")).json()
    assert ready == {"ready": True, "database": "ready", "temporal": "down"}
