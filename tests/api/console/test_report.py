"""Reporting: what will come of it is seen before, nothing is lost, twice is once."""

from datetime import timedelta

import httpx2

from domain.labels import SHANGHAI
from runtime.clock import SystemClock
from tests.api.browser import ORIGIN
from tests.api.console.conftest import Desk, Fields, SignIn, hidden
from tests.api.office import Office
from tests.uploads import png

REPORT = "/console/report"


async def report(**changes: object) -> Fields:
    at = (await SystemClock().now()).astimezone(SHANGHAI) - timedelta(minutes=30)
    return {
        "title": "白石镇集镇停水",
        "summary": "主供水管爆裂。",
        "category": "livelihood",
        "level": "general",
        "townships": ["baishi"],
        "detected_at": f"{at:%Y-%m-%dT%H:%M}",
        "source": "hotline",
    } | changes


async def test_the_form_begins_with_the_reporters_own_unit_and_now(sign_in: SignIn) -> None:
    page = await (await sign_in("baishi.editor")).get(REPORT)
    assert 'value="baishi" checked' in page.text
    assert 'value="2026-11-03T16:00"' in page.text
    # Who leads and what is owed is seen before anything is written.
    assert "由该乡镇牵头" in page.text
    assert "演练时钟" not in page.text


async def test_the_preview_asks_the_rules_and_keeps_the_words(sign_in: SignIn) -> None:
    desk = await sign_in("baishi.editor")
    fields = hidden((await desk.get(REPORT)).text)
    written = {"title": "停水", "level": "major", "townships": ["baishi", "songxi"], "detected_at": "2026-11-03T15:00"}
    page = await desk.send(REPORT, fields | written | {"preview": "1"})
    assert page.status_code == 200
    assert all(word in page.text for word in ("重大以上事件", "首次发布", "新闻发布会", "11月4日 15:00", "停水"))
    live = await desk.http.post(REPORT, data=fields | written, headers={"Origin": ORIGIN, "HX-Request": "true"})
    assert live.text.lstrip().startswith('<div id="foreseen"')
    late = await desk.send(REPORT, fields | written | {"detected_at": "2026-12-01T15:00", "preview": "1"})
    assert "不能晚于" in late.text or "将来" in late.text or "晚于" in late.text


async def test_a_report_sent_twice_is_one_and_leads_to_its_incident(live: Office, sign_in_live: SignIn) -> None:
    desk = await sign_in_live("baishi.editor")
    fields = hidden((await desk.get(REPORT)).text) | await report()
    answers = [await desk.send(REPORT, fields) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert answers[0].headers["location"].endswith("?done=submit&arrived=report")
    changed = await desk.send(REPORT, fields | {"title": "另一件事"})
    assert changed.status_code == 422
    assert "另一件事" in changed.text
    assert hidden(changed.text)["key"] != fields["key"]


async def test_faults_and_refusals_lose_nothing(live: Office, sign_in_live: SignIn) -> None:
    desk = await sign_in_live("baishi.editor")
    fields = hidden((await desk.get(REPORT)).text)
    page = await desk.send(REPORT, fields | await report(title="", summary="独一无二的经过", links="a\n" + "b" * 300))
    assert page.status_code == 422
    assert "独一无二的经过" in page.text
    assert 'href="#title"' in page.text
    assert "第 2 项" in page.text
    assert hidden(page.text)["key"] == fields["key"]
    tomorrow = (await SystemClock().now()).astimezone(SHANGHAI) + timedelta(days=1)
    refused = await desk.send(REPORT, fields | await report(detected_at=f"{tomorrow:%Y-%m-%dT%H:%M}"))
    assert refused.status_code == 422
    assert 'id="refusal"' in refused.text
    assert "主供水管爆裂" in refused.text


async def test_what_may_be_the_same_matter_is_shown_to_whom_it_may_be_shown(live: Office, sign_in_live: SignIn) -> None:
    await live.submitted(title="白石镇集镇大面积断电")
    near, far = await sign_in_live("baishi.editor"), await sign_in_live("songxi.editor")
    for desk, seen in ((near, True), (far, False)):
        fields = hidden((await desk.get(REPORT)).text) | await report(title="白石镇集镇断电")
        page = await desk.send(REPORT, fields | {"preview": "1"})
        assert ("白石镇集镇大面积断电" in page.text) is seen


async def sent(desk: Desk, fields: Fields, *files: bytes) -> httpx2.Response:
    parts = [("files", (f"现场{number}.png", content, "image/png")) for number, content in enumerate(files)]
    return await desk.http.post(REPORT, data=fields, files=parts, headers={"Origin": ORIGIN})


async def test_files_go_to_the_incident_and_a_bad_one_does_not_undo_the_report(
    live: Office, sign_in_live: SignIn
) -> None:
    desk = await sign_in_live("baishi.editor")
    fields = hidden((await desk.get(REPORT)).text) | await report()
    good = await sent(desk, fields, png(shade=7))
    assert good.status_code == 303
    incident = good.headers["location"].split("?")[0].rsplit("/", 1)[1]
    editor = await desk.get(f"/console/incidents/{incident}/releases/new")
    assert "现场0.png" in editor.text
    bad = await sent(desk, hidden((await desk.get(REPORT)).text) | await report(), b"no picture", png(shade=8))
    assert bad.status_code == 200
    assert "已经报送" in bad.text
    assert "现场0.png" in bad.text
    assert "现场1.png" not in bad.text


async def test_who_may_not_report_is_told_so(sign_in: SignIn) -> None:
    page = await (await sign_in("baishi.reviewer")).get(REPORT)
    assert page.status_code == 403
    assert page.headers["content-type"].startswith("text/html")
