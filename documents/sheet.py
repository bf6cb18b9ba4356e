"""A sheet for Excel: a title, a head to filter by, and rows of words, numbers and instants."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from documents.paper import printable
from domain.labels import SHANGHAI

Cell = str | int | datetime | None

_TITLE_ROW, _NOTE_ROW, _HEAD_ROW = range(3)
_LONGEST = 32_000
"""Characters that Excel takes in a cell, nearly."""


class Heading(NamedTuple):
    """`width` in characters."""

    title: str
    width: int


@dataclass(frozen=True)
class Sheet:
    title: str
    note: str
    columns: tuple[Heading, ...]
    rows: Sequence[tuple[Cell, ...]]
    tab: str = "台账"


def render(sheet: Sheet, written_at: datetime) -> bytes:
    """The file's bytes. Words are cells of text whatever they begin with: none becomes a formula or a link."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True})
    book.set_properties({"title": printable(sheet.title), "created": _local(written_at)})
    formats = _formats(book)
    page = book.add_worksheet(sheet.tab)
    last = len(sheet.columns) - 1
    _write_head(page, sheet, formats)
    row = _HEAD_ROW
    for row, cells in enumerate(sheet.rows, _HEAD_ROW + 1):
        for column, cell in enumerate(cells):
            _write(page, row, column, cell, formats)
    page.autofilter(_HEAD_ROW, 0, row, last)
    page.freeze_panes(_HEAD_ROW + 1, 2)
    page.set_landscape()
    page.set_paper(9)  # A4.
    page.repeat_rows(_HEAD_ROW)
    page.fit_to_pages(1, 0)
    page.set_footer("&C第 &P 页 共 &N 页")
    book.close()
    return written.getvalue()


def _formats(book: xlsxwriter.Workbook) -> dict[str, Format]:
    cell = {"font_name": "宋体", "font_size": 10.5, "border": 1, "valign": "vcenter", "text_wrap": True}
    given: dict[str, dict[str, object]] = {
        "title": {"font_name": "黑体", "font_size": 16},
        "note": {"font_name": "宋体", "font_size": 10.5},
        "head": cell | {"font_name": "黑体", "align": "center", "bg_color": "#EEEEEE"},
        "words": cell,
        "instant": cell | {"num_format": "yyyy-mm-dd hh:mm", "align": "center"},
    }
    return {name: book.add_format(properties) for name, properties in given.items()}


def _write_head(page: Worksheet, sheet: Sheet, formats: dict[str, Format]) -> None:
    page.write_string(_TITLE_ROW, 0, printable(sheet.title), formats["title"])
    page.write_string(_NOTE_ROW, 0, printable(sheet.note), formats["note"])
    for column, heading in enumerate(sheet.columns):
        page.set_column(column, column, heading.width)
        page.write_string(_HEAD_ROW, column, heading.title, formats["head"])


def _write(page: Worksheet, row: int, column: int, cell: Cell, formats: dict[str, Format]) -> None:
    match cell:
        case None:
            page.write_blank(row, column, None, formats["words"])
        case datetime():
            page.write_datetime(row, column, _local(cell), formats["instant"])
        case int():
            page.write_number(row, column, cell, formats["words"])
        case str():
            page.write_string(row, column, printable(cell)[:_LONGEST], formats["words"])


def _local(at: datetime) -> datetime:
    """On the county's clocks, without a zone: Excel knows none."""
    return at.astimezone(SHANGHAI).replace(tzinfo=None)
