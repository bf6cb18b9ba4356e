"""From the first report to the end, each step by whose it is, through pages alone."""

import asyncio
from datetime import datetime, timedelta

import pytest
from playwright.async_api import expect

from domain.labels import SHANGHAI
from tests.browser.conftest import OpenPage, TakeSeat
from tests.browser.desk import DESKTOP, PATIENCE_MS, PHONE, Desk

EDITOR, HEAD, REVIEWER, DUTY, OFFICE = "qixia.editor", "qixia.head", "qixia.reviewer", "office.duty", "office.head"
MINUTE = "%Y-%m-%dT%H:%M"


async def report(desk: Desk, title: str) -> str:
    await desk.go("/console/report")
    summary = "多名居民反映自来水有异味，正在取样检测，原因待核实。"
    await desk.fill(title=title, summary=summary, category="livelihood", source="social", townships=["qixia"])
    await desk.press("报送")
    await desk.page.wait_for_url("**/console/incidents/*")
    return desk.incident


async def assess(desk: Desk, incident: str, **fields: str) -> None:
    await desk.open_task("研判", incident)
    await desk.fill(**fields)
    await desk.press("研判")
    await desk.sees("已办理")


async def confirm_facts(desk: Desk, incident: str) -> None:
    await desk.choose_action(incident, "确认事实")
    await desk.fill(summary="原因已查明，由镇政府核实。")
    await desk.press("确认事实")
    await desk.sees("已办理")


async def draft(desk: Desk, incident: str, kind: str, title: str) -> str:
    """The release's address among tasks."""
    await desk.choose_action(incident, "起草发布稿")
    words = {"title": title, "body": "现场已设置警戒，正在取样检测。\n\n检测结果将于今日公布。"}
    await desk.fill(kind=kind, channels=["bulletin"], **words)
    for other in ("website", "wechat", "weibo"):
        await desk.page.locator(f'[name="channels"][value="{other}"]').uncheck()
    await desk.press("送审")
    await desk.page.wait_for_url(f"**/console/incidents/{incident}*")
    address = await desk.page.get_by_role("link", name=title).first.get_attribute("href")
    assert address is not None
    return address


async def approve(desk: Desk, task: str) -> None:
    """Two presses."""
    await desk.go(task)
    await desk.page.locator("summary", has_text="同意").click()
    await desk.page.get_by_role("button", name="确认同意第 1 版").click()
    await desk.sees("已办理")


async def clear(desk: Desk, task: str) -> None:
    await desk.go(task)
    await desk.fill(outcome="cleared")
    await desk.press("提交审查结论")
    await desk.sees("已办理")


async def read_in_public(open_page: OpenPage, width: int, title: str) -> None:
    """As soon as the process has published it."""
    page = await open_page(width)
    found = page.get_by_role("link", name=title).first

    async def is_there() -> bool:
        await page.goto("/public")
        return await found.count() > 0

    async with asyncio.timeout(PATIENCE_MS / 1000):
        while not await is_there():  # noqa: ASYNC110  # It comes about in another process.
            await asyncio.sleep(0.2)
    await found.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(title)


async def hold_conference(press: Desk, office: Desk, incident: str, statement: str) -> None:
    await press.choose_action(incident, "安排发布会")
    now = datetime.now(SHANGHAI)
    soon = f"{now + timedelta(minutes=2):{MINUTE}}"
    await press.fill(attendees=[HEAD], at=soon, venue="县政府新闻发布厅", statement=statement)
    await press.press("安排发布会")
    await press.sees("已办理")
    await office.open_task("审批发布会", incident)
    await office.press("审批发布会")
    await office.sees("已办理")
    await press.choose_action(incident, "登记发布会")
    # The press came early.
    await press.fill(held_at=f"{now:{MINUTE}}")
    await press.press("登记发布会")
    await press.sees("已办理")


async def test_a_general_incident_on_the_phone(take_seat: TakeSeat, open_page: OpenPage) -> None:
    title, width = "栖霞镇桥头路面塌陷", PHONE
    editor, duty = await take_seat(EDITOR, width), await take_seat(DUTY, width)
    incident = await report(editor, title)
    await assess(duty, incident, level="general")
    await confirm_facts(editor, incident)
    task = await draft(editor, incident, "response", f"关于{title}的情况通报")
    await approve(await take_seat(HEAD, width), task)
    await clear(await take_seat(REVIEWER, width), task)
    await read_in_public(open_page, width, f"关于{title}的情况通报")
    await finish(duty, incident)


@pytest.mark.long
async def test_a_major_incident_at_a_desk(take_seat: TakeSeat, open_page: OpenPage) -> None:
    title, width = "栖霞镇自来水异味", DESKTOP
    editor, duty, office = await take_seat(EDITOR), await take_seat(DUTY), await take_seat(OFFICE)
    head, reviewer, wall = await take_seat(HEAD), await take_seat(REVIEWER), await take_seat("office.duty2")
    await wall.go("/console")
    await wall.page.evaluate("window.untouched = true")
    incident = await report(editor, title)
    row = wall.page.locator(f"#i-{incident}")
    await expect(row).to_contain_text("已报送")

    await assess(duty, incident, level="major")
    first = await draft(editor, incident, "first", f"关于{title}的情况通报")
    await approve(head, first)
    await clear(reviewer, first)
    await approve(office, first)
    await read_in_public(open_page, width, f"关于{title}的情况通报")
    await hold_conference(await take_seat("press.desk"), office, incident, first.rpartition("/")[2])
    await confirm_facts(editor, incident)
    result = await draft(editor, incident, "result", f"关于{title}的处理结果")
    await approve(head, result)
    await clear(reviewer, result)
    await approve(office, result)
    await read_in_public(open_page, width, f"关于{title}的处理结果")
    await finish(duty, incident)
    await expect(row).to_have_count(0)
    assert await wall.page.evaluate("window.untouched"), "the other board was loaded again"


async def finish(desk: Desk, incident: str) -> None:
    await desk.choose_action(incident, "办结")
    await desk.fill(summary="已公开处理结果，诉求均已答复。")
    desk.page.once("dialog", lambda asked: asked.accept())
    await desk.press("办结")
    await desk.sees("办结")
