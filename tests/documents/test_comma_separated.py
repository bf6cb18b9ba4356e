"""Values that a spreadsheet opens as what they are."""

import csv
import io
from datetime import UTC, datetime

import pytest

from documents.comma_separated import render
from documents.sheet import Cell, Heading, Sheet


def cells(*row: Cell) -> list[str]:
    written = render(Sheet("题", "", tuple(Heading(f"列{n}", 9) for n in range(len(row))), [row]))
    assert written.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")))[1]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r="])
def test_no_cell_computes(start: str) -> None:
    (cell,) = cells(f"{start}1+1")
    assert cell.startswith("'"), cell


def test_numbers_instants_and_gaps_are_plain() -> None:
    assert cells(-3, datetime(2026, 11, 3, 8, tzinfo=UTC), None, '白石,"镇"') == [
        "-3",
        "2026-11-03 16:00",
        "",
        '白石,"镇"',
    ]
