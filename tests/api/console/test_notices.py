"""通知 on a page: one's own, with the way to what is asked; what reached nobody for those who see to it."""

from sqlalchemy import update

from db.tables import NoticeRow
from domain.vocabulary import DeliveryState, Means
from tests.api.console.conftest import SignIn
from tests.scene import Scene

NOTICES = "/console/notices"


async def test_what_i_was_told_leads_to_where_it_can_be_done(sign_in: SignIn, scene: Scene) -> None:
    desk = await sign_in("office.duty")
    assert "还没有通知" in (await desk.get(NOTICES)).text
    await scene.submit()
    shown = (await desk.get(NOTICES)).text
    assert "请及时研判" in shown
    assert f'href="/console/incidents/{scene.id}"' in shown
    assert 'class="fresh"' in shown


async def test_notices_are_read_once_their_reader_says_so(sign_in: SignIn, scene: Scene) -> None:
    await scene.submit()
    desk = await sign_in("office.duty")
    assert "请及时研判" in (await desk.get(f"{NOTICES}?unread=true")).text
    page = (await desk.get(NOTICES)).text
    up_to = page.partition('name="up_to" value="')[2].partition('"')[0]
    assert (await desk.send(f"{NOTICES}/seen", {"csrf": await desk.csrf(NOTICES), "up_to": up_to})).status_code == 303
    assert "没有未读的通知" in (await desk.get(f"{NOTICES}?unread=true")).text
    assert 'class="fresh"' not in (await desk.get(NOTICES)).text


async def test_another_page_cannot_mark_them(sign_in: SignIn, scene: Scene) -> None:
    await scene.submit()
    desk = await sign_in("office.duty")
    assert (await desk.send(f"{NOTICES}/seen", {"csrf": "forged", "up_to": "1"})).status_code in (401, 403)
    assert 'class="fresh"' in (await desk.get(NOTICES)).text


async def test_what_reached_nobody_is_shown_to_those_who_call(sign_in: SignIn, scene: Scene) -> None:
    await scene.submit()
    async with scene.sessions.begin() as session:
        failed = {"delivery": DeliveryState.UNDELIVERED, "means": Means.SMS}
        await session.execute(update(NoticeRow).where(NoticeRow.officer == "baishi.head").values(**failed))
    desk = await sign_in("office.duty")
    shown = (await desk.get(f"{NOTICES}?undelivered=true")).text
    assert "/console/registers/contacts/baishi.head" in shown
    assert "未送达" in shown
    other = await sign_in("water.editor")
    theirs = (await other.get(f"{NOTICES}?undelivered=true")).text
    assert "baishi.head" not in theirs
    assert ">未送达</a>" not in theirs
