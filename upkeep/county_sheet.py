"""A county as a spreadsheet: four sheets that an office fills in, and what is wrong with them by cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from pydantic import BaseModel, ValidationError

from domain.county import County, Officer, Post, Unit
from domain.labels import label
from domain.refusals import Language
from domain.vocabulary import Rank, Role, UnitKind

COUNTY, UNITS, OFFICERS, POSTS = "县", "单位", "人员", "岗位"
COLUMNS: Mapping[str, Mapping[str, str]] = {
    COUNTY: {"名称": "name", "时区": "timezone", "制度": "policy"},
    UNITS: {"编号": "id", "名称": "name", "类型": "kind"},
    OFFICERS: {"编号": "id", "姓名": "name"},
    POSTS: {"人员编号": "officer", "单位编号": "unit", "职务": "title", "角色": "roles", "级别": "rank"},
}
_RANKS = {"正职": Rank.HEAD, "副职": Rank.DEPUTY, "一般": Rank.MEMBER}
_KINDS = {label(kind, Language.ZH): kind for kind in UnitKind}
_ROLES = {label(role, Language.ZH): role for role in Role}
_SHOWN_AT_MOST = 30
_EXAMPLES: Mapping[str, Sequence[Sequence[str]]] = {
    COUNTY: (("某某县", "Asia/Shanghai", "xiangyun-2019-54"),),
    UNITS: (
        ("office", "县政府办公室", UnitKind.COUNTY_OFFICE),
        ("publicity", "县委宣传部", UnitKind.PUBLICITY),
        ("press", "县政府新闻办", UnitKind.PRESS_OFFICE),
        ("leading", "领导小组", UnitKind.LEADING_GROUP),
    ),
    OFFICERS: (("office.admin", "某某"),),
    POSTS: (("office.admin", "office", "系统管理员", Role.ADMIN, "一般"),),
}

M = TypeVar("M", bound=BaseModel)


class SheetWrong(ValueError):
    """What is wrong, a line for each cell: `岗位!B7: …`."""


@dataclass(frozen=True)
class _Row:
    """A row's values by field, and where it stands."""

    sheet: str
    number: int
    values: dict[str, str]
    letters: Mapping[str, str]

    def at(self, column: str) -> str:
        return f"{self.sheet}!{self.letters.get(column, 'A')}{self.number}"


@dataclass
class _Faults:
    found: list[str] = field(default_factory=list)

    def add(self, row: _Row, column: str, why: str) -> None:
        self.found.append(f"{row.at(column)}: {why}")

    def refuse(self) -> None:
        if self.found:
            more = len(self.found) - _SHOWN_AT_MOST
            raise SheetWrong("\n".join([*self.found[:_SHOWN_AT_MOST], *([f"… {more} more"] if more > 0 else [])]))


def read_sheet(path: Path) -> County:
    """The county in a spreadsheet. Raises OSError, and SheetWrong naming every cell that is wrong."""
    # Its own handle: a sheet that is not read to its end would keep the library's open.
    with path.open("rb") as file:
        try:
            book = load_workbook(file, read_only=True, data_only=True)
        except (InvalidFileException, BadZipFile, KeyError, ValueError) as e:
            raise SheetWrong(f"{path.name} is no .xlsx spreadsheet") from e
        rows = {sheet: list(_rows(book, sheet)) for sheet in COLUMNS}
    faults = _Faults()
    units = [unit for row in rows[UNITS] if (unit := _made(Unit, row, _unit_of(row, faults), faults))]
    posts = _posts_by_officer(rows, faults)
    officers = [one for row in rows[OFFICERS] if (one := _made(Officer, row, _officer_of(row, posts), faults))]
    _check_ids(rows, faults)
    if len(rows[COUNTY]) != 1:
        faults.found.append(f"{COUNTY}: exactly one row is needed below the headings")
    faults.refuse()
    return _county(rows[COUNTY][0], units, officers)


def _rows(book: Workbook, sheet: str) -> Iterator[_Row]:
    if sheet not in book.sheetnames:
        raise SheetWrong(f"the sheet {sheet} is missing")
    lines = book[sheet].iter_rows(values_only=True)
    heads = [_text(value) for value in next(lines, ())]
    if missing := [head for head in COLUMNS[sheet] if head not in heads]:
        raise SheetWrong(f"{sheet}!1: columns are missing: {', '.join(missing)}")
    places = {COLUMNS[sheet][head]: at for at, head in enumerate(heads) if head in COLUMNS[sheet]}
    letters = {name: get_column_letter(at + 1) for name, at in places.items()}
    for number, line in enumerate(lines, start=2):
        values = {name: _text(line[at]) if at < len(line) else "" for name, at in places.items()}
        if any(values.values()):
            yield _Row(sheet, number, values, letters)


def _text(value: object) -> str:
    """A cell as it was meant: an id of digits alone comes as a number."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def _made(model: type[M], row: _Row, given: dict[str, Any], faults: _Faults) -> M | None:
    try:
        return model.model_validate(given)
    except ValidationError as e:
        for error in e.errors(include_input=False, include_url=False):
            faults.add(row, str(error["loc"][0]) if error["loc"] else "", error["msg"])
        return None


def _unit_of(row: _Row, faults: _Faults) -> dict[str, Any]:
    kind = row.values["kind"]
    if kind not in (*UnitKind, *_KINDS):
        faults.add(row, "kind", f"none of {', '.join((*UnitKind, *_KINDS))}")
        return row.values | {"kind": UnitKind.DEPARTMENT}
    return row.values | {"kind": _KINDS.get(kind, kind)}


def _officer_of(row: _Row, posts: Mapping[str, Sequence[Post]]) -> dict[str, Any]:
    return row.values | {"posts": tuple(posts.get(row.values["id"], ()))}


def _posts_by_officer(rows: Mapping[str, Sequence[_Row]], faults: _Faults) -> dict[str, list[Post]]:
    units, officers = ({row.values["id"] for row in rows[sheet]} for sheet in (UNITS, OFFICERS))
    found: dict[str, list[Post]] = {}
    for row in rows[POSTS]:
        officer, unit = row.values["officer"], row.values["unit"]
        if officer not in officers:
            faults.add(row, "officer", f"no such officer in {OFFICERS}")
        if unit not in units:
            faults.add(row, "unit", f"no such unit in {UNITS}")
        if post := _made(Post, row, _post_of(row, faults), faults):
            found.setdefault(officer, []).append(post)
    return found


def _post_of(row: _Row, faults: _Faults) -> dict[str, Any]:
    """The rank is read from the title where the sheet gives none."""
    roles = [
        one for one in row.values["roles"].replace("、", ",").replace("，", ",").replace(" ", "").split(",") if one
    ]
    if not roles or any(role not in (*Role, *_ROLES) for role in roles):
        faults.add(row, "roles", f"one or more of {', '.join((*Role, *_ROLES))}")
        roles = []
    given: dict[str, Any] = {
        "unit": row.values["unit"],
        "title": row.values["title"],
        "roles": [_ROLES.get(role, role) for role in roles],
    }
    rank = row.values["rank"]
    if rank and rank not in (*Rank, *_RANKS):
        faults.add(row, "rank", f"none of {', '.join((*Rank, *_RANKS))}")
    elif rank:
        given["rank"] = _RANKS.get(rank, rank)
    return given


def _check_ids(rows: Mapping[str, Sequence[_Row]], faults: _Faults) -> None:
    for sheet in (UNITS, OFFICERS):
        seen: set[str] = set()
        for row in rows[sheet]:
            if row.values["id"] in seen:
                faults.add(row, "id", "occurs twice")
            seen.add(row.values["id"])


def _county(row: _Row, units: Sequence[Unit], officers: Sequence[Officer]) -> County:
    try:
        return County.model_validate(row.values | {"units": tuple(units), "officers": tuple(officers)})
    except ValidationError as e:
        told = (error["msg"].removeprefix("Value error, ") for error in e.errors(include_input=False))
        raise SheetWrong("\n".join(f"{UNITS}: {why}" for why in told)) from None


def write_template(path: Path) -> None:
    """A spreadsheet to fill in, with examples that make sense by themselves."""
    book = Workbook()
    book.remove(book.active)
    for sheet, columns in COLUMNS.items():
        page = book.create_sheet(sheet)
        page.append(list(columns))
        for line in _EXAMPLES[sheet]:
            page.append([str(value) for value in line])
        for number in range(1, len(columns) + 1):
            page.cell(1, number).font = Font(bold=True)
            page.column_dimensions[get_column_letter(number)].width = 24
        page.freeze_panes = "A2"
    codes = book.create_sheet("可填内容")
    codes.append(["类型", "含义", "角色", "含义", "级别"])
    pairs: list[tuple[type[UnitKind | Role], int]] = [(UnitKind, 1), (Role, 3)]
    for words, column in pairs:
        for number, word in enumerate(list[UnitKind | Role](words), start=2):
            codes.cell(number, column, word.value)
            codes.cell(number, column + 1, label(word, Language.ZH))
    for number, rank in enumerate(_RANKS, start=2):
        codes.cell(number, 5, rank)
    book.save(path)
