"""What is seen of a drill: clocks in their colours, people by name, nothing wider than the page."""

import io
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from domain.refusals import Language
from domain.vocabulary import Level, ObligationKind, Phase, StepKind, StepState
from runtime.drill import picture
from runtime.drill.board import AMBER, CALM, DONE, RED, Board
from runtime.drill.cast import Cast
from runtime.drill.client import DrillError
from runtime.drill.run import Run
from runtime.drill.views import Duty, Incident, Release, Step, Wait

START = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
RUN = Run("flood", START, 6, "00000000")


@dataclass
class Hands:
    """A clock whose hands a test moves, in hours of the drill."""

    hours: float = 0

    def __call__(self) -> datetime:
        return RUN.instant(self.hours)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def board(cast: Cast, hands: Hands) -> Board:
    return Board(RUN, cast, Language.ZH, hands)


def duty(**changes: object) -> Duty:
    fields = {"kind": "first_release", "due_at": RUN.instant(4), "counted_from": START, "state": "pending"}
    return Duty.model_validate({**fields, "met_at": None, "hard": True, "article": "10", **changes})


def incident(*waits: Wait, **changes: object) -> Incident:
    fields: dict[str, Any] = {
        "id": "0" * 32,
        "number": "演练〔2026〕1号",
        "title": "题目" * 40,
        "level": Level.MAJOR,
        "phase": Phase.RESPONDING,
        "lead": "emergency",
        "obligations": [duty(), duty(kind="result", due_at=None, counted_from=None)],
        "releases": [],
        "waiting_for": waits,
        "seq": 1,
    }
    return Incident.model_validate(fields | changes)


def shown(board: Board, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, record=True)
    console.print(board)
    return console.export_text()


def test_a_clock_is_green_then_amber_once_reminded_then_red_then_done(board: Board, hands: Hands) -> None:
    running = duty()
    assert (board.style(running), board.clock(running)) == (CALM, "还剩 4.0 小时")
    hands.hours = 2
    assert board.style(running) == CALM
    board.reminded.add((ObligationKind.FIRST_RELEASE, RUN.instant(4)))
    assert (board.style(running), board.clock(running)) == (AMBER, "还剩 2.0 小时")
    hands.hours = 4.5
    assert (board.style(running), board.clock(running)) == (RED, "超时 0.5 小时")
    assert board.style(duty(state="met", met_at=RUN.instant(3))) == DONE
    assert board.clock(duty(state="met_late", met_at=RUN.instant(5))) == "逾期完成 5.0 h"


def test_a_reminder_of_an_instant_that_was_moved_colours_nothing(board: Board, hands: Hands) -> None:
    board.reminded.add((ObligationKind.FIRST_RELEASE, RUN.instant(2)))
    hands.hours = 1.9
    assert board.style(duty()) == CALM


def test_a_duty_without_an_instant_says_when_it_will_have_one(board: Board) -> None:
    assert board.clock(duty(kind="result", due_at=None)) == "首次发布后起算"


def test_people_asked_are_named_with_the_post_they_are_asked_in(board: Board) -> None:
    wait = Wait(what="unit_approval", unit="leading", holders=("office.head",), release="0" * 12)
    board.incident = incident(wait)
    assert list(board.waits()) == [("单位审签", "韩卫东（县政务舆情回应工作领导小组 常务副组长）")]


def test_of_many_people_two_are_named_and_a_publication_waits_for_nobody(board: Board) -> None:
    many = ("office.duty", "office.duty2", "office.head")
    board.incident = incident(
        Wait(what="assessment", unit=None, holders=many, release=None),
        Wait(what="publication", unit=None, holders=(), release="0" * 12),
    )
    assert list(board.waits()) == [
        ("研判", "赵文远（县政府办公室 值班长）、王以宁（县政府办公室 副值班长） 等 3 人"),
    ]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_nothing_is_wider_than_the_page(board: Board, width: int) -> None:
    step = Step(step=StepKind.COSIGN, unit="water", holders=("water.head",), state=StepState.APPROVED)
    release = Release.model_validate(
        {
            "release": "0" * 12,
            "kind": "first",
            "version": 2,
            "digest": "f" * 64,
            "state": "published",
            "author": "emergency.editor",
            "steps": [step],
        }
    )
    board.titles["0" * 12] = "很长的标题" * 30
    wait = Wait(what="cosign", unit="water", holders=("water.head", "water.deputy"), release="0" * 12)
    board.incident = incident(wait, releases=[release])
    lines = shown(board, width).splitlines()
    assert max(cell_len(line) for line in lines) == width
    assert any("已发布" in line for line in lines)


def test_somebody_who_does_not_exist_stops_the_drill(cast: Cast) -> None:
    assert cast.with_role("editor", "office") == "office.duty"
    with pytest.raises(DrillError, match="县水务局"):
        cast.with_role("press_office", "water")


def test_the_picture_stands_alone_and_gives_every_character_its_columns(board: Board, tmp_path: Path) -> None:
    board.incident = incident()
    board.now = lambda: START + timedelta(seconds=6)
    picture.draw(tmp_path / "drill.svg", "演练 & drill", [board])
    svg = (tmp_path / "drill.svg").read_text("utf-8")
    root = ET.fromstring(svg)  # noqa: S314  # It was made two lines above.
    assert "url(http" not in svg
    assert "@font-face" not in svg
    texts = root.findall(".//{http://www.w3.org/2000/svg}text[@textLength]")
    found = [text for text in texts if text.text == "首次发布"]
    assert [float(text.get("textLength", "0")) for text in found] == [pytest.approx(4 * 2 * 12.2)]
