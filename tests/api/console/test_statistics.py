"""统计 on a page and as files: only what its reader may read, real incidents unless drills are asked for."""

import io
from datetime import timedelta

import openpyxl
import pytest

from db.session import Sessions
from domain import commands as c
from domain.county import County
from domain.vocabulary import IncidentId
from tests.api.console.conftest import SignIn
from tests.clock import FixedClock
from tests.scene import Scene

STATISTICS = "/console/statistics"


@pytest.fixture
async def told(sessions: Sessions, county: County, clock: FixedClock) -> None:
    """One incident of 白石镇, assessed after 90 minutes and late by now; one of 栖霞镇; a drill of 栖霞镇."""
    baishi, qixia, drill = (Scene(sessions, county, clock, IncidentId(f"{n:032x}")) for n in range(3))
    await baishi.submit(detected_at=clock.at - timedelta(minutes=60))
    clock.advance(timedelta(minutes=30))
    await baishi.do("office.duty", c.Assess(respond=True))
    clock.advance(timedelta(hours=5))
    for scene in (qixia, drill):
        fields = {"title": "停水", "summary": "停水", "category": "livelihood", "level": "general"}
        more = {"townships": ["qixia"], "detected_at": clock.at, "source": "hotline", "drill": scene is drill}
        await scene.do("qixia.editor", c.Submit.model_validate(fields | more))


@pytest.mark.usefixtures("told")
async def test_rates_and_times_are_counted(sign_in: SignIn) -> None:
    shown = (await (await sign_in("office.duty")).get(STATISTICS)).text
    # The first release of 白石镇 is overdue; the response and all of 栖霞镇's are not due yet.
    assert "<dt>事件</dt><dd>2</dd>" in shown
    assert "<dt>按时率</dt><dd>0%</dd>" in shown
    assert '<div class="late"><dt>其中逾期</dt><dd>1</dd></div>' in shown
    assert "1 小时 30 分" in shown
    assert 'style="' not in shown
    assert "2026-11" in shown


@pytest.mark.usefixtures("told")
async def test_nobody_counts_what_they_may_not_read(sign_in: SignIn) -> None:
    shown = (await (await sign_in("qixia.editor")).get(STATISTICS)).text
    assert "<dt>事件</dt><dd>1</dd>" in shown
    assert "白石镇" not in shown
    outsider = (await (await sign_in("health.head")).get(STATISTICS)).text
    assert "没有您可以查看的事件" in outsider


@pytest.mark.usefixtures("told")
async def test_drills_are_counted_apart(sign_in: SignIn) -> None:
    shown = (await (await sign_in("office.duty")).get(f"{STATISTICS}?drills=true")).text
    assert "<dt>事件</dt><dd>1</dd>" in shown
    assert "白石镇" not in shown


@pytest.mark.usefixtures("told")
async def test_the_tables_come_as_files(sign_in: SignIn) -> None:
    desk = await sign_in("office.duty")
    csv = await desk.get(f"{STATISTICS}/statistics.csv")
    assert csv.content.startswith(b"\xef\xbb\xbf")
    lines = csv.content.decode("utf-8-sig").splitlines()
    assert "时限任务,首次发布,0,1,0,,,,," in lines
    assert "发现至,研判,,,,1,90,90,90,90" in lines
    excel = await desk.get(f"{STATISTICS}/statistics.xlsx")
    page = openpyxl.load_workbook(io.BytesIO(excel.content)).active
    assert page is not None
    rows = [[cell for cell in row[:5]] for row in page.iter_rows(values_only=True)]  # noqa: C416  # A list to compare.
    assert ["时限任务", "首次发布", 0, 1, 0] in rows
    assert (await desk.get(f"{STATISTICS}/statistics.pdf")).status_code == 404
