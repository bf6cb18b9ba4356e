"""Referring a rumour over HTTP: never a person, never alone, and the receiver sees nothing else."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.api.conftest import Running
from tests.api.office import Office, draft
from tests.api.test_problems import is_problem

CLAIM: dict[str, Any] = {
    "claim": "网传白石镇水厂遭人投毒、多人死亡",
    "nature": "fabrication",
    "falsehood": "水质检测合格，医院无相关就诊",
    "intent": "辟谣后仍多次编造发布",
    "harm": "引发抢购，扰乱社会秩序",
    "legal_ground": "《治安管理处罚法》第二十九条",
    "links": ["https://video.example/watch/1"],
    "receiver": "police",
}


async def answered(live: Office) -> tuple[str, dict[str, Any]]:
    """A new incident with a response in review."""
    incident = await live.submitted()
    await live.command("baishi.editor", incident, "confirm_facts", summary="水质检测合格")
    return incident, await live.done("baishi.editor", f"/incidents/{incident}/releases", draft("response"))


async def referred(live: Office) -> str:
    """An incident with a referral proposed by one officer of the county office."""
    incident, made = await answered(live)
    await live.command("office.duty", incident, "refer_rumour", **CLAIM, release=made["release"])
    return incident


async def test_proposed_by_one_confirmed_by_another_acknowledged_by_the_receiver(live: Office) -> None:
    incident = await referred(live)
    path = f"/incidents/{incident}/referrals/r1"
    is_problem(await live.get("police.editor", path), 403, "not_readable")
    own = await live.post("office.duty", f"/incidents/{incident}/commands/confirm_referral", {"referral": "r1"})
    is_problem(own, 403, "own_referral")
    await live.command("office.duty2", incident, "confirm_referral", referral="r1")
    seen = (await live.get("police.editor", path)).json()
    assert {name: seen[name] for name in CLAIM} == CLAIM
    taken = await live.post(
        "police.editor", f"/incidents/{incident}/commands/acknowledge_referral", {"referral": "r1", "receipt": "12号"}
    )
    assert (taken.status_code, taken.content) == (204, b"")
    (state,) = (await live.get("office.duty", f"/incidents/{incident}")).json()["referrals"]
    assert (state["acknowledged_at"] is not None, state["receipt"]) == (True, "12号")


async def test_the_receiver_sees_the_referral_and_nothing_else_of_the_incident(live: Office) -> None:
    incident = await referred(live)
    await live.command("office.duty2", incident, "confirm_referral", referral="r1")
    assert (await live.get("police.editor", f"/incidents/{incident}/referrals/r1")).status_code == 200
    for path in ("", "/timeline"):
        is_problem(await live.get("police.editor", f"/incidents/{incident}{path}"), 403, "not_readable")
    listed = (await live.get("police.editor", "/incidents")).json()["items"]
    assert incident not in {item["id"] for item in listed}
    waiting = [t for t in (await live.get("police.editor", "/tasks")).json()["items"] if t["incident"] == incident]
    assert [task["command"] for task in waiting] == ["acknowledge_referral"]
    for stranger in ("health.editor", "water.head"):
        is_problem(await live.get(stranger, f"/incidents/{incident}/referrals/r1"), 403, "not_readable")


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("claim", "网民张伟称水厂投毒"),
        ("intent", "发布者身份证号110101199003074514"),
        ("falsehood", "已致电13812345678核实"),
        ("harm", "由账号：水厂内幕 扩散"),
    ],
)
async def test_who_somebody_is_is_refused_before_it_is_stored(running: Running, field: str, words: str) -> None:
    live = running.office
    incident, made = await answered(live)
    body = CLAIM | {field: words, "release": made["release"]}
    answer = await live.post("office.duty", f"/incidents/{incident}/commands/refer_rumour", body)
    is_problem(answer, 422, "personal_data")
    assert words not in answer.text
    async with running.sessions() as session:
        stored = (await session.scalars(text("SELECT text FROM texts WHERE incident = :i"), {"i": incident})).all()
    assert words not in stored
    assert CLAIM["legal_ground"] not in stored, "nothing is half done"


async def test_a_persons_page_is_no_public_link(live: Office) -> None:
    incident, made = await answered(live)
    body = CLAIM | {"links": ["https://weibo.com/u/1234567890"], "release": made["release"]}
    answer = await live.post("office.duty", f"/incidents/{incident}/commands/refer_rumour", body)
    is_problem(answer, 422, "not_a_public_link")


async def test_what_a_reviewer_wanted_out_stays_out_of_the_next_version(live: Office) -> None:
    incident, made = await answered(live)
    path = f"/incidents/{incident}/releases/{made['release']}"
    version = {"release": made["release"], "digest": made["digest"]}
    await live.command("baishi.head", incident, "approve", step="unit_approval", **version)
    refusal = {"outcome": "refused", "ground": "work_secret", "redactions": ["预计今晚恢复"]}
    await live.command("baishi.reviewer", incident, "review_confidentiality", **version, **refusal)
    written = {"kind": "response", "title": "情况说明", "channels": ["bulletin"]}
    for body in ("抢修中，预计今晚恢复供水。", "抢修中，预计 今晚\n恢复供水。"):
        again = await live.put("baishi.editor", path, written | {"body": body})
        is_problem(again, 409, "redaction_remains")
    mended = await live.put("baishi.editor", path, written | {"body": "抢修正在进行。"})
    assert (mended.status_code, mended.json()["version"]) == (200, 2)
