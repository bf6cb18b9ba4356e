"""Attempts to learn of a restricted incident, each compared with what an incident that is not there would give."""

from typing import Any

import httpx2
import pytest

from domain import commands as c
from domain.vocabulary import IncidentId, Level, OfficerId, StepKind
from tests.api.conftest import Running
from tests.api.office import Office, draft
from tests.api.test_problems import is_problem
from tests.clock import FixedClock
from tests.scene import RELEASE, Scene

ABSENT = "0123456789abcdef" * 2
STRANGERS = ("office.duty", "press.desk", "water.head", "police.editor")


def said(answer: httpx2.Response, incident: str) -> tuple[int, dict[str, str], str]:
    """All that an answer tells but the name of what was asked for."""
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    return answer.status_code, headers, answer.text.replace(incident, "…")


@pytest.fixture
async def restricted(scene: Scene) -> Scene:
    await scene.submit(restricted=True, title="涉密线索甲", summary="某厂排放未公开数据。")
    await scene.draft()
    return scene


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/timeline",
        "/timeline?limit=1",
        "/documents",
        "/documents/flash_report.docx",
        "/documents/ledger.xlsx",
        f"/documents/sign_off.pdf?release={RELEASE}",
        f"/releases/{RELEASE}",
        "/releases/unknown",
        f"/attachments/{'a' * 64}",
        "/referrals/r1",
    ],
)
async def test_reading_it_by_id_is_reading_what_is_not_there(office: Office, restricted: Scene, path: str) -> None:
    for officer in STRANGERS:
        hidden = await office.get(officer, f"/incidents/{restricted.id}{path}")
        nowhere = await office.get(officer, f"/incidents/{ABSENT}{path}")
        assert said(hidden, restricted.id) == said(nowhere, ABSENT), officer
        is_problem(hidden, 404, "no_incident")


@pytest.mark.parametrize("headers", [{}, {"If-Match": '"1"'}, {"If-Match": '"999"'}, {"If-Match": "*"}])
async def test_writing_to_it_is_writing_to_what_is_not_there(
    office: Office, restricted: Scene, headers: dict[str, str]
) -> None:
    async def sent(incident: str) -> list[tuple[int, dict[str, str], str]]:
        at = f"/incidents/{incident}"
        answers = [
            await office.post("office.duty", f"{at}/commands/note", {"text": "记"}, **headers),
            await office.post("office.duty", f"{at}/commands/note", {"nonsense": 1}, **headers),
            await office.post("office.duty", f"{at}/commands/explode", {}, **headers),
            await office.post("office.duty", f"{at}/seals/close", {"summary": "结"}, **headers),
            await office.post("office.duty", f"{at}/releases", draft(), **headers),
            await office.put("office.duty", f"{at}/releases/{RELEASE}", draft(), **headers),
            await office.upload("office.duty", incident, b"%PDF-1.7", **headers),
        ]
        return [said(answer, incident) for answer in answers]

    assert await sent(restricted.id) == await sent(ABSENT)


async def test_no_filter_count_or_cursor_of_the_list_shows_it(
    office: Office, restricted: Scene, clock: FixedClock
) -> None:
    number = (await restricted.state()).number
    for officer in STRANGERS:
        for filters in ({}, {"q": "涉密"}, {"q": "排放"}, {"q": number}, {"lead": "baishi"}, {"limit": 1}):
            page = (await office.get(officer, "/incidents", **filters)).json()
            assert page == {"items": [], "next": None}, (officer, filters)
    shown = (await office.get("baishi.head", "/incidents", q="排放")).json()["items"]
    assert [(line["title"], line["restricted"]) for line in shown] == [("涉密线索甲", True)]


async def test_ops_find_it_by_number_and_never_by_its_words(office: Office, restricted: Scene) -> None:
    (line,) = (await office.get("ops.oncall", "/incidents")).json()["items"]
    assert (line["id"], line["title"], line["phase"]) == (restricted.id, None, "reported")
    for words in ("涉密", "排放", "线"):
        assert (await office.get("ops.oncall", "/incidents", q=words)).json()["items"] == []
    state = (await office.get("ops.oncall", f"/incidents/{restricted.id}")).json()
    assert (state["title"], state["summary"], state["phase"]) == (None, None, "reported")
    for name in ("flash_report.docx", "ledger.xlsx"):
        is_problem(await office.get("ops.oncall", f"/incidents/{restricted.id}/documents/{name}"), 403, "not_readable")
    sheet = await office.get("ops.oncall", "/documents/ledger.xlsx")
    assert sheet.status_code == 200


async def test_whoever_was_told_of_it_before_is_not_reminded_of_it(office: Office, scene: Scene) -> None:
    await scene.submit(level=Level.MAJOR)
    told = (await office.get("office.duty", "/notices")).json()["items"]
    assert {notice["incident"] for notice in told} == {scene.id}
    await scene.do("office.head", c.RestrictIncident(reason="案件侦办", officers=(OfficerId("press.head"),)))
    await scene.do("office.head", c.Assess(level=Level.GENERAL, reason="降级"))
    for officer in ("office.duty", "press.desk"):
        assert (await office.get(officer, "/notices")).json()["items"] == []
        assert (await office.get(officer, "/tasks")).json()["items"] == []
    assert (await office.get("office.duty", "/deliveries", state="waiting")).json()["items"] == []
    assert (await office.get("office.head", "/deliveries", state="waiting")).json()["items"]
    made_known = (await office.get("press.head", "/notices")).json()["items"]
    assert "made_known" in {notice["kind"] for notice in made_known}


async def test_who_is_named_later_sees_it_from_then_on_and_whoever_is_not_named_again_does_not(
    office: Office, restricted: Scene
) -> None:
    at = f"/incidents/{restricted.id}"
    is_problem(await office.get("police.editor", at), 404, "no_incident")
    named = c.RestrictIncident.model_validate({"units": ["police"], "reason": "移交侦办"})
    await restricted.do("office.deputy", named)
    assert (await office.get("police.editor", at)).json()["restriction"] == {"units": ["police"], "officers": []}
    entries = (await office.get("police.editor", f"{at}/timeline")).json()["items"]
    (entry,) = [entry for entry in entries if entry["type"] == "incident_restricted" and entry["words"]]
    assert entry["words"] == {"reason": "移交侦办"}
    assert [line["id"] for line in (await office.get("police.head", "/incidents")).json()["items"]] == [restricted.id]
    await restricted.do("office.deputy", c.RestrictIncident(reason="缩小范围"))
    is_problem(await office.get("police.editor", at), 404, "no_incident")
    assert (await office.get("police.editor", "/notices")).json()["items"] == []


async def test_a_substitute_sees_what_they_decide_on_until_they_have(office: Office, restricted: Scene) -> None:
    assign = c.AssignStep(
        release=RELEASE, step=StepKind.UNIT_APPROVAL, officer=OfficerId("qixia.head"), reason="负责人外出"
    )
    await restricted.do("office.deputy", assign)
    text = await office.get("qixia.head", f"/incidents/{restricted.id}/releases/{RELEASE}")
    assert text.status_code == 200
    assert [task["command"] for task in (await office.get("qixia.head", "/tasks")).json()["items"]] == ["approve"]
    assert (await office.get("qixia.head", "/notices")).json()["items"]
    digest = (await restricted.state()).releases[RELEASE].version.digest
    await restricted.do("qixia.head", c.Approve(release=RELEASE, step=StepKind.UNIT_APPROVAL, digest=digest))
    is_problem(await office.get("qixia.head", f"/incidents/{restricted.id}"), 404, "no_incident")
    assert (await office.get("qixia.head", "/notices")).json()["items"] == []


async def test_a_chinese_search_finds_words_of_titles_and_summaries_until_they_are_erased(
    office: Office, scene: Scene
) -> None:
    await scene.submit(title="白石镇集镇停水", summary="主供水管爆裂，约两千户停水，正在ABC抢修。")
    for found in ("停水", "水", "主供水管爆裂", "abc抢修", "集镇停"):
        assert len((await office.get("baishi.head", "/incidents", q=found)).json()["items"]) == 1, found
    for missed in ("水停", "停电", "100%", "_", "' OR 1=1 --", "户停水，在"):
        assert (await office.get("baishi.head", "/incidents", q=missed)).json()["items"] == [], missed


# -- with its process ------------------------------------------------------------------------------


async def merge_refusal(live: Office, incident: str, survivor: str) -> dict[str, Any]:
    """What comes of asking another to take an incident in, as its timeline tells it."""
    await live.command("office.duty", incident, "merge_into", survivor=survivor, reason="同一事件")
    for _ in range(200):
        entries = (await live.get("office.duty", f"/incidents/{incident}/timeline", limit=200)).json()["items"]
        refused = [entry["data"] for entry in entries if entry["type"] == "merge_refused"]
        if refused:
            found: dict[str, Any] = refused[-1]["refusal"]
            return found
    raise AssertionError("no answer to the merge")


async def test_merging_into_a_hidden_incident_is_merging_into_none(running: Running) -> None:
    live = running.office
    hidden = await live.submitted(restricted=True)
    refusals = []
    for survivor in (hidden, ABSENT):
        mine = await live.submitted("qixia.editor", townships=["qixia"])
        refusals.append(await merge_refusal(live, mine, survivor))
    assert refusals[0] == refusals[1] == {"code": "no_incident", "params": {}}


async def test_only_like_is_merged_with_like(live: Office) -> None:
    hidden = await live.submitted(restricted=True)
    mine = await live.submitted("qixia.editor", townships=["qixia"])
    into = {"survivor": hidden, "reason": "同一事件"}
    answer = await live.post("office.head", f"/incidents/{mine}/commands/merge_into", into)
    is_problem(answer, 409, "restriction_mixed")
    back = [
        await live.post("office.head", f"/incidents/{hidden}/commands/merge_into", {"survivor": other, "reason": "同"})
        for other in (mine, ABSENT)
    ]
    assert {(answer.status_code, answer.json()["detail"]) for answer in back} == {(409, back[0].json()["detail"])}


async def test_a_key_sent_again_tells_nothing_once_it_is_restricted(live: Office) -> None:
    body = await live.submission()
    incident = (await live.done("baishi.editor", "/incidents", body, "mine"))["id"]
    note = f"/incidents/{incident}/commands/note"
    assert (await live.post("office.duty", note, {"text": "记一笔"}, "note-1")).status_code == 200
    await live.command("office.head", incident, "designate_lead", lead="office", reason="县政府办牵头")
    await live.command("office.head", incident, "restrict_incident", reason="案件侦办")
    is_problem(await live.post("baishi.editor", "/incidents", body, "mine"), 404, "no_incident")
    again = await live.post("press.desk", note, {"text": "记一笔"}, "note-1")
    is_problem(again, 404, "no_incident")


async def test_what_is_submitted_as_restricted_is_shown_to_its_reporter_alone_of_their_unit(live: Office) -> None:
    body = await live.submission(townships=["qixia"], restricted=True)
    shown = await live.done("baishi.editor", "/incidents", body)
    assert shown["restriction"] == {"units": [], "officers": ["baishi.editor"]}
    is_problem(await live.get("baishi.head", f"/incidents/{shown['id']}"), 404, "no_incident")
    assert (await live.get("qixia.head", f"/incidents/{shown['id']}")).status_code == 200


async def test_what_was_published_stays_public(live: Office, running: Running) -> None:
    incident = IncidentId(await live.submitted())
    made = await live.done("baishi.editor", f"/incidents/{incident}/releases", draft(title="公开的说明"))
    on = {"release": made["release"], "digest": made["digest"]}
    await live.command("baishi.head", incident, "approve", step="unit_approval", **on)
    await live.command("baishi.reviewer", incident, "review_confidentiality", outcome="cleared", **on)
    for _ in range(400):
        if (await live.http.get(f"/public/releases/{made['digest']}")).status_code == 200:
            break
    await live.command("office.head", incident, "restrict_incident", reason="案件侦办")
    page = await live.http.get(f"/public/releases/{made['digest']}")
    assert (page.status_code, "公开的说明" in page.text) == (200, True)
    assert incident not in page.text
