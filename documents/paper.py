"""A document before it is Word or PDF: a head, marks, and blocks of words that are final already."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

# XML knows no other characters than these; what turns the direction of writing could make a form say something else.
_UNPRINTABLE = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029]")


def printable(words: str) -> str:
    """The words without what no page can show: control characters go, every end of a line is LF."""
    return _UNPRINTABLE.sub("", _LINE_ENDS.sub("\n", words))


Words = Annotated[str, AfterValidator(printable)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Prose(_Part):
    """Paragraphs under a heading."""

    block: Literal["prose"] = "prose"
    heading: Words = ""
    paragraphs: tuple[Words, ...]


class Field(_Part):
    label: Words
    value: Words


class Form(_Part):
    """A grid of labels and values. A row has one field, as wide as the page, or two side by side."""

    block: Literal["form"] = "form"
    heading: Words = ""
    rows: tuple[tuple[Field, ...], ...]


class Column(_Part):
    """`width` is its share of the page beside the other columns'."""

    title: Words
    width: int


class Table(_Part):
    """Rows under a head that is repeated on every page."""

    block: Literal["table"] = "table"
    heading: Words = ""
    columns: tuple[Column, ...]
    rows: tuple[tuple[Words, ...], ...]


Block = Prose | Form | Table


class Paper(_Part):
    """`marks` say in red what a reader must not miss: that it is a drill, that nothing was approved yet, that it was
    withdrawn. `red_head` gives it the head of a county's report in place of a form's title.
    """

    title: Words
    county: Words
    number: Words
    subject: Words
    marks: tuple[Words, ...]
    drill: bool
    blocks: tuple[Block, ...]
    printed_by: Words
    printed_at: datetime
    red_head: bool = False
    landscape: bool = False


def field(label: str, value: str) -> Field:
    return Field(label=label, value=value)


def pairs(*fields: Field) -> tuple[tuple[Field, ...], ...]:
    """Two fields a row."""
    return tuple(fields[start : start + 2] for start in range(0, len(fields), 2))


def table(heading: str, columns: dict[str, int], rows: Sequence[tuple[str, ...]]) -> Table:
    titled = tuple(Column(title=title, width=width) for title, width in columns.items())
    return Table(heading=heading, columns=titled, rows=tuple(rows))
