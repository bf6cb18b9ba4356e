"""A sheet as comma-separated values, for programs and for Excel: UTF-8 with its mark, no cell that could compute."""

import csv
import io
from datetime import datetime

from documents.paper import printable
from documents.sheet import Cell, Sheet
from domain.labels import SHANGHAI

_COMPUTES = ("=", "+", "-", "@")


def render(sheet: Sheet) -> bytes:
    """Its head and rows. What a spreadsheet would take for a formula begins with an apostrophe instead."""
    written = io.StringIO(newline="")
    lines = csv.writer(written)
    lines.writerow(_plain(heading.title) for heading in sheet.columns)
    lines.writerows([_plain(cell) for cell in row] for row in sheet.rows)
    return written.getvalue().encode("utf-8-sig")


def _plain(cell: Cell) -> str | int:
    match cell:
        case None:
            return ""
        case datetime():
            return f"{cell.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        case int():
            return cell
        case str():
            words = printable(cell)
            return f"'{words}" if words.lstrip().startswith(_COMPUTES) else words
