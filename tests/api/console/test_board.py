"""The duty board: what is open, the most urgent first; nothing of what its reader may not see."""

import re
from datetime import timedelta

import httpx2
import pytest

from db.session import Sessions
from domain import commands as c
from domain.county import County
from domain.vocabulary import IncidentId, UnitId
from tests.api.console.conftest import SignIn
from tests.clock import FixedClock
from tests.scene import Scene

HTMX = {"HX-Request": "true"}


@pytest.fixture
def scenes(sessions: Sessions, county: County, clock: FixedClock) -> list[Scene]:
    """Nothing has happened in them yet."""
    return [Scene(sessions, county, clock, IncidentId(f"{number:032x}")) for number in range(4)]


def rows(page: httpx2.Response) -> list[str]:
    """The incidents on the page, by the end of their ids."""
    assert page.status_code == 200, page.text
    return [id_[-1] for id_ in re.findall(r'<tr id="i-([0-9a-f]+)"', page.text)]


async def four(scenes: list[Scene]) -> None:
    """A general one, a drill, a major one found later, one that has ended."""
    await scenes[0].submit(title="白石镇集镇停水")
    await scenes[1].submit(title="演练停水", drill=True)
    scenes[0].clock.advance(timedelta(hours=1))
    await scenes[2].submit(title="中学食堂卫生问题", level="major", townships=(), departments=("education",))
    await scenes[3].submit(title="误报的停电")
    await scenes[3].do("office.head", c.Assess(respond=False, reason="经核实为计划检修"))


async def test_open_incidents_stand_by_what_is_next_due_with_their_clocks_and_whom_they_wait_for(
    scenes: list[Scene], sign_in: SignIn, clock: FixedClock
) -> None:
    await four(scenes)
    desk = await sign_in("office.duty")
    page = await desk.get("/console")
    assert rows(page) == ["0", "2"]
    assert "还剩 2 小时 40 分" in page.text
    assert "中学食堂卫生问题" in page.text
    assert "赵文远" in page.text
    clock.advance(timedelta(hours=3))
    late = (await (await sign_in("office.duty")).get("/console")).text
    assert "已逾期 20 分钟" in late
    assert "逾期 1 起" in late


async def test_drills_stand_apart_and_what_has_ended_behind_a_filter(scenes: list[Scene], sign_in: SignIn) -> None:
    await four(scenes)
    desk = await sign_in("office.duty")
    drill = await desk.get("/console?drill=true")
    assert rows(drill) == ["1"]
    assert '<span class="mark drill">演练</span>' in drill.text
    assert rows(await desk.get("/console?ended=true")) == ["3"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=食堂", ["2"]),
        ("level=major", ["2"]),
        ("lead=baishi", ["0"]),
        ("phase=reported&order=newest", ["2", "0"]),
        ("overdue=true", []),
        ("overdue=false", ["0", "2"]),
        ("phase=&level=&lead=&overdue=&q=&order=next_due", ["0", "2"]),
    ],
)
async def test_filters_narrow_the_board(scenes: list[Scene], sign_in: SignIn, query: str, found: list[str]) -> None:
    await four(scenes)
    desk = await sign_in("office.duty")
    assert rows(await desk.get(f"/console?{query}")) == found


async def test_a_reader_sees_the_incidents_of_their_unit_and_no_word_of_others(
    scenes: list[Scene], sign_in: SignIn
) -> None:
    await four(scenes)
    page = await (await sign_in("baishi.editor")).get("/console")
    assert rows(page) == ["0"] + ["2"] * (UnitId("baishi") in (await scenes[2].state()).units)
    other = await (await sign_in("water.editor")).get("/console")
    assert rows(other) == []
    assert "停水" not in other.text
    assert "食堂" not in other.text
    assert 'id="listed" hidden' in other.text
    assert 'id="none" hidden' not in other.text
    assert "目前没有在办事件" in other.text
    assert 'id="none" hidden' in page.text


async def test_a_row_is_given_alone_as_it_is_now_and_nothing_where_the_list_has_it_no_more(
    scenes: list[Scene], sign_in: SignIn
) -> None:
    await four(scenes)
    desk = await sign_in("office.duty")
    alone = await desk.get(f"/console/board/{scenes[0].id}?", **HTMX)
    assert rows(alone) == ["0"]
    assert "<html" not in alone.text
    await scenes[0].do("office.head", c.Assess(respond=False, reason="经核实为计划检修"))
    assert rows(await desk.get(f"/console/board/{scenes[0].id}?", **HTMX)) == []
    assert rows(await (await sign_in("water.editor")).get(f"/console/board/{scenes[2].id}", **HTMX)) == []
    assert (await desk.get("/console/board/..%2Fx")).status_code == 404


async def test_the_tally_follows_the_list(scenes: list[Scene], sign_in: SignIn) -> None:
    await four(scenes)
    desk, other = await sign_in("office.duty"), await sign_in("water.editor")
    assert "共 2 起" in (await desk.get("/console/tally?level=", **HTMX)).text
    assert "共 1 起" in (await desk.get("/console/tally?level=major", **HTMX)).text
    assert "共 0 起" in (await other.get("/console/tally", **HTMX)).text
    await scenes[0].do("office.head", c.Assess(respond=False, reason="经核实为计划检修"))
    told = await desk.get("/console/tally", **HTMX)
    assert "共 1 起" in told.text
    assert told.text.strip().startswith('<p class="tally" id="tally">')


async def test_every_incident_stands_on_exactly_one_page(
    scenes: list[Scene], sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.console.board.AT_ONCE", 1)
    await four(scenes)
    desk = await sign_in("office.duty")
    first = await desk.get("/console")
    following = re.search(r'hx-get="([^"]+)"', first.text)
    assert following
    address = following[1].replace("&amp;", "&")
    assert rows(first) == ["0"]
    rest = await desk.get(address, **HTMX)
    assert rows(rest) == ["2"]
    assert "<html" not in rest.text
    # Without a script the same link opens a page.
    assert "<html" in (await desk.get(address)).text


async def test_a_wall_screen_has_the_rows_and_no_menu(scenes: list[Scene], sign_in: SignIn) -> None:
    await four(scenes)
    page = await (await sign_in("office.duty")).get("/console?wall=1")
    assert rows(page) == ["0", "2"]
    assert 'class="menu"' not in page.text
    assert "<form" not in page.text


async def test_the_board_speaks_english(scenes: list[Scene], sign_in: SignIn) -> None:
    await four(scenes)
    desk = await sign_in("office.duty")
    desk.http.cookies.set("huiying_lang", "en")
    page = (await desk.get("/console")).text
    assert "2 h 40 min left" in page
    assert "first release" in page


async def test_nobody_signed_in_is_sent_to_sign_in(sign_in: SignIn) -> None:
    desk = await sign_in("office.duty")
    desk.http.cookies.clear()
    assert (await desk.get("/console")).status_code == 303
    assert (await desk.get("/console/board/00000000000000000000000000000000", **HTMX)).status_code == 401
