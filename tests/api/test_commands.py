"""Commands over HTTP, with the whole process behind them."""

import asyncio
from typing import Any

from temporalio.testing import WorkflowEnvironment

from domain.sealing import SealedCommand
from tests.api.office import Office, draft
from tests.api.test_problems import is_problem


async def drafted(live: Office) -> tuple[str, dict[str, Any]]:
    """A new incident with a release in review."""
    incident = await live.submitted()
    return incident, await live.done("baishi.editor", f"/incidents/{incident}/releases", draft())


async def published(live: Office, incident: str, release: str) -> dict[str, Any]:
    """The release, once the bulletin has it."""
    for _ in range(200):
        state = (await live.get("baishi.head", f"/incidents/{incident}")).json()
        found: dict[str, Any] = next(r for r in state["releases"] if r["release"] == release)
        if found["receipts"]:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("never published")


async def sign(live: Office, incident: str, made: dict[str, Any]) -> None:
    version = {"release": made["release"], "digest": made["digest"]}
    await live.command("baishi.head", incident, "approve", step="unit_approval", **version)
    await live.command("baishi.reviewer", incident, "review_confidentiality", outcome="cleared", **version)


async def test_an_incident_goes_from_report_to_closed(live: Office) -> None:
    incident = await live.submitted()
    await live.command("office.duty", incident, "assess", level="general", reason="属实")
    await live.command("baishi.editor", incident, "confirm_facts", summary="主管爆裂,已更换")
    made = await live.done("baishi.editor", f"/incidents/{incident}/releases", draft("response"))
    await sign(live, incident, made)
    shown = await published(live, incident, made["release"])
    assert (shown["state"], shown["digest"]) == ("published", made["digest"])
    assert made["digest"] in (await live.http.get("/public")).text
    assert (await live.http.get(f"/public/releases/{made['digest']}")).status_code == 200
    state = await live.command("office.duty", incident, "close", summary="恢复供水")
    assert (state["phase"], state["waiting_for"], state["stale"]) == ("closed", [], False)
    reopened = await live.command("office.duty", incident, "reopen", reason="再次停水")
    assert (reopened["phase"], reopened["round"]) == ("reported", 2)


async def test_a_command_under_one_key_is_done_once(live: Office) -> None:
    incident = await live.submitted()
    path = f"/incidents/{incident}/commands/note"
    answers = await asyncio.gather(*(live.post("baishi.editor", path, {"text": "到场"}, "n1") for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    entries = (await live.get("baishi.editor", f"/incidents/{incident}/timeline")).json()["items"]
    assert [entry["type"] for entry in entries].count("noted") == 1
    is_problem(await live.post("baishi.editor", path, {"text": "别的"}, "n1"), 422, "idempotency_key_reused")
    elsewhere = f"/incidents/{await live.submitted()}/commands/note"
    is_problem(await live.post("baishi.editor", elsewhere, {"text": "到场"}, "n1"), 422, "idempotency_key_reused")
    assert (await live.post("baishi.head", path, {"text": "别的"}, "n1")).status_code == 200


async def test_a_refusal_stays_one_under_its_key(live: Office) -> None:
    incident = await live.submitted()
    path = f"/incidents/{incident}/commands/close"
    first = await live.post("office.duty", path, {"summary": "结束"}, "c1")
    is_problem(first, 409, "hard_duty_pending")
    assert "回应" in first.json()["detail"]
    seq = (await live.get("office.duty", f"/incidents/{incident}")).json()["seq"]
    is_problem(await live.post("office.duty", path, {"summary": "结束"}, "c1"), 409, "hard_duty_pending")
    assert (await live.get("office.duty", f"/incidents/{incident}")).json()["seq"] == seq


async def test_the_drafters_own_approval_is_refused_with_a_sentence_that_says_why(live: Office) -> None:
    incident = await live.submitted()
    made = await live.done("baishi.head", f"/incidents/{incident}/releases", draft())
    body = {"release": made["release"], "digest": made["digest"], "step": "unit_approval"}
    chinese = await live.post("baishi.head", f"/incidents/{incident}/commands/approve", body)
    is_problem(chinese, 403, "own_draft")
    assert all(said in chinese.json()["detail"] for said in ("曹思齐 是本稿撰稿人", "“单位审签”由 戚怀瑾 办理"))
    english = await live.post(
        "baishi.head", f"/incidents/{incident}/commands/approve", body, **{"Accept-Language": "en"}
    )
    assert english.json()["detail"].startswith("曹思齐 wrote this release and decides nothing on it; “unit approval”")


async def test_a_draft_changed_after_approval_is_not_published(live: Office) -> None:
    incident, made = await drafted(live)
    version = {"release": made["release"], "digest": made["digest"]}
    await live.command("baishi.head", incident, "approve", step="unit_approval", **version)
    path = f"/incidents/{incident}/releases/{made['release']}"
    changed = (await live.put("baishi.editor", path, draft(body="改过。"))).json()
    assert (changed["version"], [step["state"] for step in changed["steps"]]) == (2, ["open", "waiting"])
    body = {**version, "outcome": "cleared"}
    stale = await live.post("baishi.reviewer", f"/incidents/{incident}/commands/review_confidentiality", body)
    is_problem(stale, 409, "stale_digest")
    await sign(live, incident, changed)
    shown = await published(live, incident, made["release"])
    assert (shown["digest"], shown["version"]) == (changed["digest"], 2)
    assert (await live.http.get(f"/public/releases/{made['digest']}")).status_code == 404


async def test_drafting_under_one_key_makes_one_release(live: Office) -> None:
    incident = await live.submitted()
    path = f"/incidents/{incident}/releases"
    answers = await asyncio.gather(*(live.post("baishi.editor", path, draft(), "r1") for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["release"] for answer in answers}) == 1
    assert answers[0].headers["location"].endswith(answers[0].json()["release"])
    is_problem(await live.post("baishi.editor", path, draft(body="别的"), "r1"), 422, "idempotency_key_reused")


async def test_writing_the_same_words_again_changes_nothing(live: Office) -> None:
    incident, made = await drafted(live)
    path = f"/incidents/{incident}/releases/{made['release']}"
    seq = (await live.get("baishi.editor", f"/incidents/{incident}")).json()["seq"]
    again = await live.put("baishi.editor", path, draft())
    assert (again.status_code, again.json()["version"], again.headers["etag"]) == (200, 1, f'"{seq}"')
    answers = await asyncio.gather(*(live.put("baishi.editor", path, draft(body="新的")) for _ in range(3)))
    assert {(answer.status_code, answer.json()["version"]) for answer in answers} == {(200, 2)}
    back = await live.put("baishi.editor", path, draft())
    assert (back.json()["version"], back.json()["digest"]) == (3, made["digest"])


async def test_a_release_keeps_its_kind(live: Office) -> None:
    incident, made = await drafted(live)
    path = f"/incidents/{incident}/releases/{made['release']}"
    answer = await live.put("baishi.editor", path, draft("update"))
    is_problem(answer, 422, "invalid")
    assert [error["field"] for error in answer.json()["errors"]] == ["kind"]
    missing = await live.put("baishi.editor", f"/incidents/{incident}/releases/0123456789ab", draft())
    is_problem(missing, 404, "no_release")


async def test_a_release_on_an_unknown_channel_or_without_the_mandatory_one_is_refused(live: Office) -> None:
    incident = await live.submitted()
    path = f"/incidents/{incident}/releases"
    is_problem(await live.post("baishi.editor", path, draft(channels=["weibo"])), 422, "channel_missing")
    is_problem(await live.post("baishi.editor", path, draft(channels=["bulletin", "radio"])), 422, "invalid")
    is_problem(await live.post("baishi.editor", path, draft(channels=[])), 422, "invalid")
    is_problem(await live.post("baishi.editor", path, draft("response")), 409, "facts_not_confirmed")


async def test_if_match_holds_a_decision_to_what_was_read(live: Office) -> None:
    incident = await live.submitted()
    path = f"/incidents/{incident}/commands/note"
    etag = (await live.get("baishi.editor", f"/incidents/{incident}")).headers["etag"]
    first = await live.post("baishi.editor", path, {"text": "一"}, **{"If-Match": etag})
    assert (first.status_code, first.headers["etag"] != etag) == (200, True)
    for stale in (etag, '"x"', "nonsense", f"W/{first.headers['etag']}"):
        answer = await live.post("baishi.editor", path, {"text": "二"}, **{"If-Match": stale})
        is_problem(answer, 412, "precondition_failed")
    among_others = f'"7", {first.headers["etag"]}'
    for current in (among_others, "*"):
        answer = await live.post("baishi.editor", path, {"text": "三"}, **{"If-Match": current})
        assert answer.status_code == 200
    again = await live.post("baishi.editor", path, {"text": "四"}, "m1", **{"If-Match": "*"})
    for moved_on in (etag, "*"):
        repeated = await live.post("baishi.editor", path, {"text": "四"}, "m1", **{"If-Match": moved_on})
        assert (repeated.status_code, repeated.headers["etag"]) == (200, again.headers["etag"])
    replaced = await live.post("baishi.editor", f"/incidents/{incident}/releases", draft(), **{"If-Match": etag})
    is_problem(replaced, 412, "precondition_failed")


async def test_a_strangers_command_is_refused_and_recorded(live: Office) -> None:
    incident = await live.submitted()
    answer = await live.post("qixia.editor", f"/incidents/{incident}/commands/note", {"text": "路过"})
    is_problem(answer, 403, "not_permitted")
    last = (await live.get("office.duty", f"/incidents/{incident}/timeline")).json()["items"][-1]
    assert (last["type"], last["actor"]) == ("refused", "qixia.editor")
    assert last["data"]["refusal"]["code"] == "not_permitted"


async def test_a_sealed_command_works_as_a_signal(live: Office, real_time: WorkflowEnvironment) -> None:
    incident = await live.submitted()
    sealed = await live.done("baishi.editor", f"/incidents/{incident}/seals/note", {"text": "电话已通"})
    message = SealedCommand.model_validate(sealed["message"])
    assert (message.actor, message.name, message.incident) == ("baishi.editor", "note", incident)
    assert message.body["text"].startswith("t1:")
    workflow = real_time.client.get_workflow_handle(f"incident-{incident}")
    await workflow.signal("note", sealed["message"])
    await workflow.signal("note", sealed["message"])
    await live.command("office.duty", incident, "note", text="之后")
    entries = (await live.get("office.duty", f"/incidents/{incident}/timeline")).json()["items"]
    notes = [(entry["origin"], entry["words"]["text"]) for entry in entries if entry["type"] == "noted"]
    assert notes == [("signal", "电话已通"), ("update", "之后")]
