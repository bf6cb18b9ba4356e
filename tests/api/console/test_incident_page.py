"""The page of an incident: where it stands and why, what happened, and what its reader may do now."""

import re
from datetime import timedelta

from db.session import Sessions
from domain import commands as c
from domain.county import Actor, County
from domain.offering import offers
from domain.vocabulary import CommandName, OfficerId, UnitId
from tests.api.console.conftest import SignIn
from tests.clock import FixedClock
from tests.scene import RELEASE, Scene

DECIDING = {CommandName.APPROVE, CommandName.RETURN_RELEASE, CommandName.REVIEW_CONFIDENTIALITY}


async def with_release(scene: Scene) -> str:
    await scene.submit(level="major", departments=("water",), links=("https://video.example/1",))
    await scene.do("office.duty", c.Assess(respond=True, reason="涉及面广"))
    await scene.draft(officer="water.editor")
    return f"/console/incidents/{scene.id}"


async def test_it_says_why_each_instant_is_what_it_is_and_who_answers_by_which_article(
    scene: Scene, sign_in: SignIn
) -> None:
    page = (await (await sign_in("office.duty")).get(await with_release(scene))).text
    assert page.count("<h1") == 1
    assert "起 4 个自然小时" in page
    assert "由县政府办公室、宣传部、新闻办组织协调（第 14 条）" in page
    assert "县水务局" in page
    assert "未签收" in page
    assert "涉及面广" in page


async def test_its_course_is_drawn_with_a_text_beside_it(scene: Scene, sign_in: SignIn) -> None:
    page = (await (await sign_in("office.duty")).get(await with_release(scene))).text
    drawing = page[page.index("<svg") : page.index("</svg>")]
    assert drawing.count('<g class="bar') == 2
    assert 'class="at decision"' in drawing
    assert "style=" not in page
    assert "时间轴的文字说明" in page


async def test_a_release_shows_its_steps_and_whom_it_waits_for(scene: Scene, sign_in: SignIn) -> None:
    address = await with_release(scene)
    desk = await sign_in("office.duty")
    assert 'aria-current="step"' in (await desk.get(address)).text
    await scene.approve_all()
    page = (await desk.get(address)).text
    assert "可以公开" in page
    assert 'aria-current="step"' not in page


async def test_its_buttons_are_exactly_what_is_offered(scene: Scene, sign_in: SignIn, county: County) -> None:
    address = await with_release(scene)
    state = await scene.state()
    for officer in ("office.duty", "water.head", "baishi.editor", "press.desk"):
        page = (await (await sign_in(officer)).get(address)).text
        who = county.officer(OfficerId(officer))
        assert who is not None
        open_to = offers(state, Actor.of(who), county.roster(), scene.clock.at)
        linked = set(re.findall(rf"{address}/do/([a-z_]+)", page))
        named = {offer.command for offer in open_to if offer.blocked is None}
        edited = {CommandName.DRAFT_RELEASE, CommandName.REVISE_RELEASE}
        assert linked == named - DECIDING - edited, officer
        assert (f"{address}/releases/new" in page) is (CommandName.DRAFT_RELEASE in named)
        assert (f"/releases/{RELEASE}/edit" in page) is (CommandName.REVISE_RELEASE in named)


async def test_closing_says_what_stands_in_its_way(scene: Scene, sign_in: SignIn) -> None:
    address = await with_release(scene)
    page = (await (await sign_in("office.duty")).get(address)).text
    assert "尚不能办理：" in page
    assert f"{address}/do/close" not in page


async def test_whoever_may_not_read_it_finds_nothing_there(scene: Scene, sign_in: SignIn) -> None:
    address = await with_release(scene)
    desk = await sign_in("forestry.editor")
    unreadable, missing = await desk.get(address), await desk.get("/console/incidents/" + "0" * 32)
    assert unreadable.status_code == missing.status_code == 404
    assert unreadable.text.replace(str(scene.id), "0" * 32) == missing.text
    assert "停水" not in unreadable.text


async def test_operations_see_the_course_and_no_word_of_a_release(
    scene: Scene, sign_in: SignIn, county: County, sessions: Sessions
) -> None:
    address = await with_release(scene)
    ops = next(o.id for o in county.officers if any("ops" in post.roles for post in o.posts))
    page = (await (await sign_in(ops)).get(address)).text
    assert "办理经过" in page
    assert "关于白石镇集镇停水的情况说明" not in page
    assert "涉及面广" not in page


async def test_documents_and_agreed_figures_stand_beside_it(scene: Scene, sign_in: SignIn, clock: FixedClock) -> None:
    address = await with_release(scene)
    await scene.do(
        "water.editor",
        c.AgreeFigure(
            fact="受影响居民约两千户",
            checked=True,
            may_say=True,
            verified_by=UnitId("water"),
            valid_until=clock.at + timedelta(hours=9),
        ),
    )
    page = (await (await sign_in("office.duty")).get(address)).text
    assert "受影响居民约两千户" in page
    assert "已核实" in page
    assert f"/api/v1/incidents/{scene.id}/documents/ledger.xlsx" in page
    assert f"sign_off.pdf?release={RELEASE}&amp;version=1" in page


async def test_it_speaks_english(scene: Scene, sign_in: SignIn) -> None:
    address = await with_release(scene)
    desk = await sign_in("office.duty")
    desk.http.cookies.set("huiying_lang", "en")
    page = (await desk.get(address)).text
    assert "4 natural hours" in page
    assert "major or above: the county coordinates" in page
    assert "What I may do now" in page
