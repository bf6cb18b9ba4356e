"""My tasks, and deciding on a release: the words, what has changed, one decision each, and what became of it."""

import asyncio
import re

from domain import commands as c
from tests.api.console.conftest import Desk, SignIn, hidden
from tests.api.office import Office, draft
from tests.scene import RELEASE, Scene


async def drafted(office: Office) -> tuple[str, str]:
    """An incident with a release whose unit has to approve it, and the page to do it on."""
    incident = await office.submitted()
    answer = await office.done("baishi.editor", f"/incidents/{incident}/releases", draft())
    return incident, f"/console/tasks/{incident}/{answer['release']}"


def form_of(page: str, action: str) -> dict[str, str | list[str]]:
    """The hidden fields of one of the page's forms."""
    found = re.search(rf'<form method="post" action="[^"]*/{action}".*?</form>', page, re.DOTALL)
    assert found, (action, page)
    return hidden("<main" + found[0])


async def open_form(desk: Desk, page: str, action: str) -> dict[str, str | list[str]]:
    return form_of((await desk.get(page)).text, action)


async def test_what_waits_for_me_leads_to_the_page_it_is_done_on(scene: Scene, sign_in: SignIn) -> None:
    await scene.submit()
    await scene.draft()
    head, duty = await sign_in("baishi.head"), await sign_in("office.duty")
    assert f"/console/tasks/{scene.id}/{RELEASE}?step=unit_approval" in (await head.get("/console/tasks")).text
    assert f"/console/incidents/{scene.id}/do/assess" in (await duty.get("/console/tasks")).text
    nobody = (await (await sign_in("forestry.editor")).get("/console/tasks")).text
    assert "没有等待您办理的事项" in nobody
    assert "停水" not in nobody


async def test_the_release_is_shown_with_what_has_changed_and_the_agreed_figures(scene: Scene, sign_in: SignIn) -> None:
    await scene.submit()
    await scene.do("baishi.editor", c.AgreeFigure(fact="约两千户停水", checked=False, may_say=False))
    await scene.draft(scene.document("供水抢修正在进行,预计18时恢复。"))
    await scene.draft(scene.document("供水抢修正在进行,预计20时恢复。"))
    page = (await (await sign_in("baishi.head")).get(f"/console/tasks/{scene.id}/{RELEASE}")).text
    digest = (await scene.state()).releases[RELEASE].version.digest
    assert "预计20时恢复" in page
    assert re.search(r"<del>.*?18.*?</del>", page)
    assert re.search(r"<ins>.*?20.*?</ins>", page)
    assert "约两千户停水" in page
    assert f"<code>{digest[:12]}</code>" in page
    assert digest in page
    assert page.count("<h1") == 1


async def test_whoever_may_not_read_the_release_finds_nothing_there(scene: Scene, sign_in: SignIn) -> None:
    await scene.submit()
    await scene.draft()
    desk = await sign_in("forestry.editor")
    assert (await desk.get(f"/console/tasks/{scene.id}/{RELEASE}")).status_code == 404
    # And whoever only watches sees the words and no form.
    watching = (await (await sign_in("baishi.editor")).get(f"/console/tasks/{scene.id}/{RELEASE}")).text
    assert "这份稿件目前没有需要您审签的环节" in watching
    assert 'action="/console/tasks' not in watching


async def test_approving_leads_back_to_the_list_with_a_word_of_it(live: Office, sign_in_live: SignIn) -> None:
    incident, page = await drafted(live)
    head = await sign_in_live("baishi.head")
    fields = await open_form(head, page, "approve")
    done = await head.send(f"{page}/approve", fields)
    assert done.status_code == 303, done.text
    told = await head.get(done.headers["location"])
    assert "已办理：审签同意" in told.text
    # The same submission twice is one.
    again = await head.send(f"{page}/approve", fields)
    assert again.status_code == 303
    state = (await live.get("office.duty", f"/incidents/{incident}")).json()
    assert state["releases"][0]["steps"][0]["state"] == "approved"


async def test_a_return_needs_its_reason(live: Office, sign_in_live: SignIn) -> None:
    incident, page = await drafted(live)
    head = await sign_in_live("baishi.head")
    fields = await open_form(head, page, "return_release")
    faulty = await head.send(f"{page}/return_release", fields | {"reason": "  "})
    assert faulty.status_code == 422
    assert 'id="faults"' in faulty.text
    assert 'href="#reason"' in faulty.text
    done = await head.send(f"{page}/return_release", form_of(faulty.text, "return_release") | {"reason": "请补充原因"})
    assert done.status_code == 303, done.text
    state = (await live.get("office.duty", f"/incidents/{incident}")).json()
    assert state["releases"][0]["state"] == "returned"


async def test_a_review_is_its_form_and_keeps_what_was_written_where_something_is_missing(
    live: Office, sign_in_live: SignIn
) -> None:
    incident, page = await drafted(live)
    head, reviewer = await sign_in_live("baishi.head"), await sign_in_live("baishi.reviewer")
    assert (await head.send(f"{page}/approve", await open_form(head, page, "approve"))).status_code == 303
    fields = await open_form(reviewer, page, "review_confidentiality")
    refused: dict[str, str | list[str]] = {
        "outcome": "refused",
        "comment": "涉及个人信息",
        "redactions": "预计今晚恢复",
    }
    answer = await reviewer.send(f"{page}/review_confidentiality", fields | refused)
    assert answer.status_code in (409, 422), answer.text
    assert "涉及个人信息" in answer.text
    fields = form_of(answer.text, "review_confidentiality")
    done = await reviewer.send(f"{page}/review_confidentiality", fields | refused | {"ground": "personal_privacy"})
    assert done.status_code == 303, done.text
    state = (await live.get("office.duty", f"/incidents/{incident}")).json()
    assert state["releases"][0]["state"] == "refused"


async def test_of_two_who_decide_at_once_the_second_is_told_and_sees_how_it_stands(
    live: Office, sign_in_live: SignIn
) -> None:
    _, page = await drafted(live)
    head, deputy = await sign_in_live("baishi.head"), await sign_in_live("baishi.deputy")
    forms = [await open_form(head, page, "approve"), await open_form(deputy, page, "approve")]
    answers = await asyncio.gather(head.send(f"{page}/approve", forms[0]), deputy.send(f"{page}/approve", forms[1]))
    assert sorted(answer.status_code for answer in answers) in ([303, 403], [303, 409])
    told = next(answer.text for answer in answers if answer.status_code != 303)
    assert 'id="refusal"' in told
    assert "同意" in told
    assert "<code>" in told


async def test_a_decision_on_an_earlier_version_is_refused_with_the_version_that_stands(
    live: Office, sign_in_live: SignIn
) -> None:
    incident, page = await drafted(live)
    head = await sign_in_live("baishi.head")
    fields = await open_form(head, page, "approve")
    release = page.rpartition("/")[2]
    await live.put("baishi.editor", f"/incidents/{incident}/releases/{release}", draft(body="供水已恢复。"))
    answer = await head.send(f"{page}/approve", fields | {"comment": "同意发布"})
    assert answer.status_code == 409
    assert "供水已恢复。" in answer.text
    assert "同意发布" in answer.text
    assert form_of(answer.text, "approve")["digest"] != fields["digest"]


async def test_with_the_process_away_the_words_stay_and_the_same_key_works_later(scene: Scene, sign_in: SignIn) -> None:
    await scene.submit()
    await scene.draft()
    page = f"/console/tasks/{scene.id}/{RELEASE}"
    head = await sign_in("baishi.head")
    fields = await open_form(head, page, "approve")
    answer = await head.send(f"{page}/approve", fields | {"comment": "同意发布"})
    assert answer.status_code == 503
    assert "同意发布" in answer.text
    assert form_of(answer.text, "approve")["key"] == fields["key"]


async def test_a_decision_that_no_page_of_ours_sent_is_not_taken(scene: Scene, sign_in: SignIn) -> None:
    await scene.submit()
    await scene.draft()
    head = await sign_in("baishi.head")
    page = f"/console/tasks/{scene.id}/{RELEASE}"
    fields = await open_form(head, page, "approve")
    forged = await head.submit(f"{page}/approve", origin="http://elsewhere.example", csrf=str(fields["csrf"]))
    assert forged.status_code == 403
    assert (await head.send(f"{page}/close", fields)).status_code == 404
