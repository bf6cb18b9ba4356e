"""Renders a paper as a Word file that an office can go on working in: real styles, headings, tables, page numbers."""

import io
from collections.abc import Iterable, Sequence
from datetime import UTC

from docx import Document
from docx.document import Document as WordFile
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Length, Pt
from docx.table import Table as Grid
from docx.table import _Cell

from documents.paper import Field, Form, Paper, Prose, Table
from documents.word_style import CELL, HEAD, LABEL, MARK, keep_together, repeat, set_page, set_styles, shade, underline
from domain.labels import local_time

_FORM = (5, 10, 5, 10)
"""Shares of a form's width: a label, a value, and again."""


def render(paper: Paper) -> bytes:
    """The file's bytes. Words go in as text of XML: nothing in them is a field, a macro or markup."""
    word = Document()
    set_styles(word, paper)
    width = set_page(word.sections[0], paper)
    _write_head(word, paper)
    for block in paper.blocks:
        if block.heading:
            word.add_heading(block.heading, level=2)
        match block:
            case Prose():
                _write_prose(word, block)
            case Form():
                _write_form(word, block, width)
            case Table():
                _write_table(word, block, width)
    _set_properties(word, paper)
    written = io.BytesIO()
    word.save(written)
    return written.getvalue()


def _write_head(word: WordFile, paper: Paper) -> None:
    if paper.red_head:
        word.add_paragraph(paper.county, style=HEAD)
        word.add_paragraph(paper.title, style="Title")
        line = word.add_paragraph(f"{paper.number}　　{local_time(paper.printed_at)[:10]}", style=CELL)
        line.alignment, line.paragraph_format.space_after = WD_ALIGN_PARAGRAPH.CENTER, Pt(12)
        underline(line)
    else:
        word.add_paragraph(paper.county + paper.title, style="Title")
    for mark in paper.marks:
        word.add_paragraph(mark, style=MARK)
    if paper.red_head:
        word.add_heading(paper.subject, level=1)


def _write_prose(word: WordFile, prose: Prose) -> None:
    for words in prose.paragraphs:
        paragraph = word.add_paragraph(words)
        paragraph.paragraph_format.first_line_indent, paragraph.paragraph_format.space_after = Pt(28), Pt(6)


def _write_form(word: WordFile, form: Form, width: Length) -> None:
    grid = _grid(word, len(form.rows), _FORM, width)
    for row, fields in zip(grid.rows, form.rows, strict=True):
        cells = row.cells
        places = [cells[0], cells[1].merge(cells[3])] if len(fields) == 1 else list(cells)
        for place, words in zip(places, _words(fields), strict=True):
            _fill(place, *words)


def _words(fields: Sequence[Field]) -> Iterable[tuple[str, str]]:
    for field in fields:
        yield field.label, LABEL
        yield field.value, CELL


def _write_table(word: WordFile, table: Table, width: Length) -> None:
    grid = _grid(word, len(table.rows) + 1, [column.width for column in table.columns], width)
    head, *rows = grid.rows
    repeat(head)
    for cell, column in zip(head.cells, table.columns, strict=True):
        _fill(cell, column.title, LABEL)
        shade(cell)
    for row, values in zip(rows, table.rows, strict=True):
        keep_together(row)
        for cell, value in zip(row.cells, values, strict=True):
            _fill(cell, value, CELL)


def _grid(word: WordFile, rows: int, shares: Sequence[int], width: Length) -> Grid:
    grid: Grid = word.add_table(rows, len(shares), style="Table Grid")
    grid.alignment, grid.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    widths = [Length(width * share // sum(shares)) for share in shares]
    for column, share in zip(grid.columns, widths, strict=True):
        column.width = share
    for row in grid.rows:
        for cell, share in zip(row.cells, widths, strict=True):
            cell.width, cell.vertical_alignment = share, WD_ALIGN_VERTICAL.CENTER
    return grid


def _fill(cell: _Cell, words: str, style: str) -> None:
    cell.text = words
    for paragraph in cell.paragraphs:
        paragraph.style = style


def _set_properties(word: WordFile, paper: Paper) -> None:
    at = paper.printed_at.astimezone(UTC).replace(tzinfo=None)
    told = word.core_properties
    told.title, told.author, told.comments = f"{paper.county}{paper.title} {paper.number}", paper.county, ""
    told.created = told.modified = at
    told.language = "zh-CN"
