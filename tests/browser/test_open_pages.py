"""Pages that stay open for hours: what moves on them, whose words they keep, and whose clock they count by."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Route, expect

from tests.browser.conftest import OpenPage, TakeSeat
from tests.browser.desk import DESKTOP, PHONE, sign_in
from tests.browser.places import Furnished
from tests.browser.test_journeys import DUTY, EDITOR, HEAD, REVIEWER, report
from tests.browser.test_pages import beside
from tests.browser.test_troubles import task_of
from tests.whole.test_backup import Caller, submission

TITLE, BODY = "桥头路面塌陷情况通报", "现场已设置警戒。"
WORD = "Pneumonoultramicroscopicsilicovolcanoconiosis"


def draft(caller: Caller, incident: str, **words: str) -> str:
    asked = {"kind": "first", "title": TITLE, "body": BODY, "channels": ["bulletin"]} | words
    release: str = caller.ask(EDITOR, "POST", f"/incidents/{incident}/releases", **asked)["release"]
    return release


def note(caller: Caller, incident: str) -> None:
    caller.ask(EDITOR, "POST", f"/incidents/{incident}/commands/note", text="已联系现场。")


async def test_a_decision_that_is_open_is_not_exchanged_for_one_on_another_version(
    caller: Caller, take_seat: TakeSeat
) -> None:
    incident = caller.ask(EDITOR, "POST", "/incidents", **submission())["id"]
    release = draft(caller, incident)
    desk = await take_seat(HEAD)
    await desk.go(f"/console/tasks/{incident}/{release}")
    # The page has been renewed once before.
    async with desk.page.expect_response(lambda answer: "/console/tasks/" in answer.url):
        note(caller, incident)
    await expect(desk.page.locator("#announce")).not_to_be_empty()
    await desk.page.locator("summary", has_text="同意").click()
    words = {"kind": "first", "title": TITLE, "body": "另一篇。", "channels": ["bulletin"]}
    caller.ask(EDITOR, "PUT", f"/incidents/{incident}/releases/{release}", **words)
    await expect(desk.page.locator("#moved-on")).to_be_visible()
    await expect(desk.page.get_by_role("button", name="确认同意第 1 版")).to_be_visible()


@pytest.mark.long
async def test_an_opinion_that_was_begun_is_not_taken_away(
    caller: Caller, shown: Furnished, take_seat: TakeSeat
) -> None:
    desk = await take_seat(REVIEWER)
    await desk.go(task_of(shown))
    await desk.fill(outcome="undecided", comment="第二段的地名须请示。")
    await desk.page.evaluate("document.activeElement.blur()")
    note(caller, shown.waiting)
    await expect(desk.page.locator("#moved-on")).to_be_visible()
    assert await desk.page.locator('[name="comment"]').input_value() == "第二段的地名须请示。"


@pytest.mark.long
async def test_whoever_signs_in_next_finds_no_words_of_the_one_before(
    take_seat: TakeSeat, open_page: OpenPage, password: str
) -> None:
    page = await open_page()
    for officer, found in ((EDITOR, ""), (DUTY, "")):
        await page.goto("/console/login?next=/console/report")
        await sign_in(page, officer, password)
        await page.wait_for_url("**/console/report")
        assert await page.locator("#title").input_value() == found
        await page.locator("#title").fill("不该知道的事")
        await page.reload()
        assert await page.locator("#title").input_value() == "不该知道的事"
        await page.get_by_role("button", name="退出").click()
        await page.wait_for_url("**/console/login*")


@pytest.mark.long
async def test_a_report_sent_again_from_the_page_gone_back_to_is_the_same(take_seat: TakeSeat) -> None:
    desk = await take_seat(EDITOR, PHONE)
    incident = await report(desk, "栖霞镇路牌倒伏")
    await desk.page.go_back()
    await desk.press("报送")
    await desk.page.wait_for_url("**/console/incidents/*")
    assert desk.incident == incident


@pytest.mark.long
async def test_clocks_count_by_the_countys_time_whatever_the_machine_believes(
    shown: Furnished, take_seat: TakeSeat
) -> None:
    desk = await take_seat(DUTY)
    await desk.page.clock.install(time=datetime.now(UTC) + timedelta(hours=50))
    await desk.go(f"/console/incidents/{shown.waiting}")
    await desk.page.clock.run_for(2000)
    assert "还剩 3 小时" in await desk.page.locator(".duties .clock").first.inner_text()


@pytest.mark.long
async def test_a_board_that_was_refused_hears_again(caller: Caller, take_seat: TakeSeat) -> None:
    """As by a proxy while the API starts anew."""
    desk = await take_seat(DUTY)

    async def refuse(route: Route) -> None:
        await route.fulfill(status=502)

    await desk.page.route("**/api/v1/events", refuse, times=2)
    await desk.go("/console")
    await desk.sees("实时更新已中断")
    await expect(desk.page.get_by_text("实时更新已中断")).to_be_hidden()
    incident = caller.ask(EDITOR, "POST", "/incidents", **submission())["id"]
    await expect(desk.page.locator(f"#i-{incident}")).to_be_visible()


@pytest.mark.long
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
async def test_one_long_word_makes_no_page_wider(caller: Caller, take_seat: TakeSeat, width: int) -> None:
    incident = caller.ask(EDITOR, "POST", "/incidents", **submission() | {"title": WORD * 4, "summary": WORD * 20})[
        "id"
    ]
    release = draft(caller, incident, title=WORD * 2, body=WORD * 40)
    desk = await take_seat(EDITOR, width)
    at = f"/console/incidents/{incident}"
    pages = ("/console", "/console?wall=true", "/console/tasks", at, f"{at}/releases/{release}/edit", f"{at}/do/note")
    for path in pages:
        await desk.go(path)
        assert await beside(desk.page) == 0, path
