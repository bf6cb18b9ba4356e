"""What goes wrong in front of a page, and what it says then."""

import asyncio
import os
import signal

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenPage, TakeSeat
from tests.browser.desk import PATIENCE_MS, Desk, sign_in
from tests.browser.places import Furnished, furnish
from tests.browser.test_journeys import DUTY, EDITOR, HEAD, REVIEWER, approve, report
from tests.whole.stack import Stack
from tests.whole.test_backup import Caller

SUMMARY = "桥面出现裂缝，交警已到场疏导，暂无人员受伤。"


@pytest.fixture
def made(caller: Caller) -> Furnished:
    """To be decided on."""
    return furnish(caller)


def task_of(made: Furnished) -> str:
    return f"/console/tasks/{made.waiting}/{made.release}"


async def test_words_outlive_the_session(take_seat: TakeSeat, password: str) -> None:
    desk = await take_seat(EDITOR)
    await desk.go("/console/report")
    fields = {"title": "白石镇桥面裂缝", "summary": SUMMARY, "category": "livelihood", "source": "social"}
    await desk.fill(**fields)
    await desk.page.context.clear_cookies()
    await desk.press("报送")
    await desk.sees("登录已过期")
    await desk.page.get_by_label("用户名").fill(EDITOR)
    await desk.page.get_by_label("密码").fill(password)
    await desk.press("登录并继续")
    await desk.sees(SUMMARY)
    await desk.press("确认提交")
    await desk.page.wait_for_url("**/console/incidents/*")
    await desk.sees(SUMMARY)


@pytest.mark.long
async def test_of_two_who_decide_at_once_the_second_is_told(made: Furnished, take_seat: TakeSeat) -> None:
    first, second = await take_seat(REVIEWER), await take_seat(REVIEWER)
    for desk in (first, second):
        await desk.go(task_of(made))
        await desk.fill(outcome="cleared")
    await first.press("提交审查结论")
    await first.sees("已办理")
    await second.press("提交审查结论")
    await expect(second.page.get_by_role("alert")).to_be_visible()
    assert "已办理：" not in await second.page.locator("main").inner_text()


@pytest.mark.long
async def test_forms_post_without_scripts(take_seat: TakeSeat) -> None:
    editor = await take_seat(EDITOR, java_script_enabled=False)
    incident = await report(editor, "栖霞镇路灯不亮")
    await editor.choose_action(incident, "起草发布稿")
    await editor.fill(kind="first", title="关于路灯的情况通报", body="正在抢修。")
    await editor.press("送审")
    address = await editor.page.get_by_role("link", name="关于路灯的情况通报").first.get_attribute("href")
    assert address is not None
    await approve(await take_seat(HEAD, java_script_enabled=False), address)


@pytest.mark.long
async def test_going_back_after_a_decision_decides_nothing_twice(shown: Furnished, take_seat: TakeSeat) -> None:
    desk = await take_seat(EDITOR)
    await desk.choose_action(shown.waiting, "记事")
    await desk.fill(text="已联系现场负责人。")
    await desk.press("记事")
    await desk.sees("已办理")
    await desk.page.go_back()
    await expect(desk.page.get_by_role("heading", level=1)).to_contain_text("记事")
    await desk.page.go_forward()
    await desk.sees("已联系现场负责人。")
    assert await desk.page.get_by_text("已联系现场负责人。").count() == 1


async def test_a_deep_link_leads_there_after_signing_in(shown: Furnished, open_page: OpenPage, password: str) -> None:
    page = await open_page()
    await page.goto(task_of(shown))
    await sign_in(page, REVIEWER, password)
    await page.wait_for_url(f"**{task_of(shown)}")
    await expect(page.get_by_role("heading", name="我的意见")).to_be_visible()


async def test_keys_alone_sign_in_and_approve(made: Furnished, open_page: OpenPage, password: str) -> None:
    page = await open_page()
    await page.goto("/console/login?next=/console/tasks")
    await page.locator("#name").press_sequentially(REVIEWER)
    await page.keyboard.press("Tab")
    await page.keyboard.type(password)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="我的待办")).to_be_visible()
    await tab_to(page_desk := Desk(page, REVIEWER), f'a.do[href*="{made.release}"]')
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**{task_of(made)}*")
    await tab_to(page_desk, '[name="outcome"]')
    await page.keyboard.press("Space")
    await tab_to(page_desk, 'form[action$="review_confidentiality"] button.btn-primary')
    await page.keyboard.press("Enter")
    await page_desk.sees("已办理")


async def tab_to(desk: Desk, selector: str) -> None:
    """Until the focus is there, and seen to be."""
    for _ in range(80):
        await desk.page.keyboard.press("Tab")
        if await desk.page.evaluate("s => document.activeElement.matches(s)", selector):
            break
    else:
        raise AssertionError(f"no key leads to {selector}")
    seen = await desk.page.evaluate(
        "() => { const s = getComputedStyle(document.activeElement);"
        " return s.outlineStyle !== 'none' || s.boxShadow !== 'none'; }"
    )
    assert seen, f"the focus on {selector} cannot be seen"


@pytest.mark.long
async def test_without_temporal_pages_read_and_forms_wait(whole: Stack, shown: Furnished, take_seat: TakeSeat) -> None:
    desk = await take_seat(DUTY)
    await desk.choose_action(shown.waiting, "记事")
    await desk.fill(text="流程引擎停止期间的记事。")
    process = whole._pid("temporal")
    assert process is not None
    os.kill(process, signal.SIGSTOP)
    try:
        await desk.press("记事")
        await expect(desk.page.get_by_role("alert")).to_be_visible()
        assert await desk.page.locator('[name="text"]').input_value() == "流程引擎停止期间的记事。"
        reader = await take_seat(HEAD)
        await reader.go(f"/console/incidents/{shown.waiting}")
        await reader.sees("流程引擎暂不可用")
    finally:
        os.kill(process, signal.SIGCONT)
    # The server takes a while to come to itself; the same form is sent until it goes through.
    async with asyncio.timeout(PATIENCE_MS / 1000 * 2):
        while not await desk.page.locator(".notice.ok").count():
            async with desk.page.expect_navigation():
                await desk.press("记事")
