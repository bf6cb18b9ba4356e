"""Writing a release: templates, files, versions, what it will look like, and words that are not lost."""

import re

import httpx2

from channels import Publication
from channels.weibo import post_of
from domain.releases import Document
from domain.vocabulary import Digest, UnitId
from tests.api.browser import ORIGIN
from tests.api.console.conftest import Desk, Fields, SignIn, hidden
from tests.api.office import Office, draft
from tests.uploads import png

WORDS: Fields = {
    "title": "关于白石镇集镇停水的情况说明",
    "body": "抢修正在进行。\n\n预计今晚恢复。",
    "channels": ["bulletin"],
}


def new(incident: str, query: str = "") -> str:
    return f"/console/incidents/{incident}/releases/new{query}"


async def send_files(desk: Desk, path: str, fields: Fields, *files: bytes) -> httpx2.Response:
    parts = [("files", (f"现场{number}.png", content, "image/png")) for number, content in enumerate(files)]
    return await desk.http.post(path, data=fields, files=parts, headers={"Origin": ORIGIN})


async def test_a_new_release_begins_with_the_template_of_its_kind(live: Office, sign_in_live: SignIn) -> None:
    incident, desk = await live.submitted(), await sign_in_live("baishi.editor")
    first, result = await desk.get(new(incident)), await desk.get(new(incident, "?kind=result"))
    assert "关于白石镇集镇停水的情况说明" in first.text
    assert all(part in first.text for part in ("已知事实", "已采取措施", "正在核实", "下次发布时间", "没有填写"))
    assert "调查处理结果的通报" in result.text
    fields = hidden(first.text) | {"kind": "update", "title": "", "body": "", "template": "1"}
    assert "最新进展" in (await desk.send(new(incident), fields)).text


async def test_a_release_is_written_once_however_often_it_is_sent(live: Office, sign_in_live: SignIn) -> None:
    incident, desk = await live.submitted(), await sign_in_live("baishi.editor")
    fields = hidden((await desk.get(new(incident))).text) | WORDS | {"kind": "first"}
    answers = [await desk.send(new(incident), fields) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    state = (await live.get("baishi.editor", f"/incidents/{incident}")).json()
    assert len(state["releases"]) == 1


async def test_the_preview_counts_and_shows_what_weibo_will_post(live: Office, sign_in_live: SignIn) -> None:
    incident, desk = await live.submitted(), await sign_in_live("baishi.editor")
    long: Fields = {"kind": "first", "title": "停水", "body": "抢修" * 200, "channels": ["bulletin", "weibo", "wechat"]}
    page = await desk.send(new(incident), hidden((await desk.get(new(incident))).text) | long | {"preview": "1"})
    told = {"incident": incident, "release": "0" * 16, "channels": ()} | {k: long[k] for k in ("kind", "title", "body")}
    document = Document.model_validate(told)
    post = post_of(Publication(document, Digest(""), 1, UnitId("baishi"), drill=False, url=""))
    assert page.status_code == 200
    assert post in page.text
    assert re.search(r"1[34]\d/140", page.text)
    assert "2/64" in page.text
    htmx = await desk.http.post(
        new(incident), data=hidden(page.text) | long, headers={"Origin": ORIGIN, "HX-Request": "true"}
    )
    assert htmx.status_code == 200
    assert htmx.text.lstrip().startswith('<div id="outlook"')


async def test_files_come_along_in_the_order_of_their_numbers(live: Office, sign_in_live: SignIn) -> None:
    incident, desk = await live.submitted(), await sign_in_live("baishi.editor")
    fields = hidden((await desk.get(new(incident))).text) | WORDS | {"kind": "first"}
    page = await send_files(desk, new(incident), fields | {"preview": "1"}, png(shade=1), png(shade=2), b"no picture")
    assert "现场2.png" in page.text
    assert "未能保存" in page.text
    names = re.findall(r'name="(order\.[0-9a-f]{64})" value="(\d)"', page.text)
    assert [place for _, place in names] == ["1", "2"]
    turned = {names[0][0]: "2", names[1][0]: "1"}
    assert (await desk.send(new(incident), fields | turned)).status_code == 303
    state = (await live.get("baishi.editor", f"/incidents/{incident}")).json()
    shown = state["releases"][0]["attachments"]
    assert [one if isinstance(one, str) else one["digest"] for one in shown] == [
        names[1][0].removeprefix("order."),
        names[0][0].removeprefix("order."),
    ]


async def test_what_is_wrong_is_said_and_the_words_stay(live: Office, sign_in_live: SignIn) -> None:
    incident, desk = await live.submitted(), await sign_in_live("baishi.editor")
    fields = hidden((await desk.get(new(incident))).text) | {"kind": "first", "title": "", "body": "独一无二的正文"}
    page = await desk.send(new(incident), fields)
    assert page.status_code == 422
    assert "独一无二的正文" in page.text
    assert 'href="#title"' in page.text
    assert 'href="#channels"' in page.text


async def test_a_revision_says_what_it_voids_and_whoever_comes_second_is_told(
    live: Office, sign_in_live: SignIn
) -> None:
    incident = await live.submitted()
    release = (await live.done("baishi.editor", f"/incidents/{incident}/releases", draft()))["release"]
    digest = (await live.get("baishi.editor", f"/incidents/{incident}")).json()["releases"][0]["digest"]
    await live.command("baishi.head", incident, "approve", release=release, step="unit_approval", digest=digest)
    edit = f"/console/incidents/{incident}/releases/{release}/edit"
    desk, other = await sign_in_live("baishi.editor"), await sign_in_live("office.duty")
    page, theirs = await desk.get(edit), await other.get(edit)
    assert "全部作废" in page.text
    assert "供水抢修正在进行" in page.text
    words = {"title": "关于停水的说明", "body": "今晚恢复。", "channels": ["bulletin"]}
    assert (await desk.send(edit, hidden(page.text) | words)).status_code == 303
    assert (await desk.send(edit, hidden(page.text) | words)).status_code == 303
    second = await other.send(edit, hidden(theirs.text) | words | {"body": "另一份修改"})
    assert second.status_code == 412
    assert "另一份修改" in second.text
    assert "新的进展" in second.text
    versions = await desk.get(f"/console/incidents/{incident}/releases/{release}/versions")
    assert "<ins>" in versions.text
    assert "<del>" in versions.text


async def test_public_words_are_shown_only_with_a_correction_as_the_way_on(
    running_release: tuple[str, str], sign_in_live: SignIn
) -> None:
    incident, release = running_release
    desk = await sign_in_live("office.duty")
    page = await desk.get(f"/console/incidents/{incident}/releases/{release}/edit")
    assert page.status_code == 409
    assert "另发更正" in page.text
    assert "<textarea" not in page.text
    correction = await desk.get(new(incident, f"?kind=correction&corrects={release}"))
    assert f'value="{release}" checked' in correction.text


async def test_strangers_find_neither_editor_nor_versions(live: Office, sign_in_live: SignIn) -> None:
    incident = await live.submitted()
    release = (await live.done("baishi.editor", f"/incidents/{incident}/releases", draft()))["release"]
    desk = await sign_in_live("songxi.editor")
    for path in ("new", f"{release}/edit", f"{release}/versions"):
        assert (await desk.get(f"/console/incidents/{incident}/releases/{path}")).status_code == 404


async def test_the_press_office_keeps_the_templates_and_every_version_of_them(
    live: Office, sign_in_live: SignIn
) -> None:
    press, township = await sign_in_live("press.desk"), await sign_in_live("baishi.editor")
    path = "/console/templates/interpretation"
    page = await press.get(path)
    fields = hidden(page.text) | {"title": "关于【政策】的问答", "body": "问：【问题】"}
    for _ in range(2):
        assert (await press.send(path, fields)).status_code == 303
    kept = await township.get(path)
    assert kept.text.count("系统自带") == 1
    assert kept.text.count("现行") == 1
    assert "<textarea" not in kept.text
    assert "关于【政策】的问答" in (await township.get("/console/templates")).text
    csrf = {"csrf": str(await township.csrf("/console/account")), "title": "x", "body": "y"}
    assert (await township.send(path, csrf)).status_code == 403
    assert (
        await press.send(path, hidden((await press.get(path)).text) | {"title": "x", "body": " "})
    ).status_code == 422
