"""统计: what came on time, how long each step took, what is overdue now; of what the visitor may read, as of now."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from math import sqrt
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict

from api.console.language import chosen
from api.console.rendering import page
from api.console.session import Visit, Visiting
from api.parts import AppParts, Parts
from api.printing import MEDIA_TYPES
from api.problems import Problem, Trouble
from db import reads
from documents import comma_separated, sheet
from documents.catalogue import Format
from documents.statistics import statistics_sheet
from domain.labels import SHANGHAI, label
from domain.refusals import Language
from domain.standing import sight_of
from domain.statistics import Course, Spread, Tally, month_due, spreads, standing, tallies
from domain.vocabulary import Milestone

router = APIRouter(prefix="/console/statistics", include_in_schema=False)


class Period(StrEnum):
    """Which incidents, by when they were detected."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ALL = "all"


_MONTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}
_SAID = {Period.MONTH: "本月", Period.QUARTER: "近三个月", Period.YEAR: "近十二个月", Period.ALL: "全部"}


class Wanted(BaseModel):
    model_config = ConfigDict(extra="ignore")

    period: Period = Period.YEAR
    drills: bool = False

    def other(self, **changes: object) -> str:
        return urlencode(self.model_copy(update=changes).model_dump(mode="json"))


class Rate(NamedTuple):
    """A row of a table and its bar: `share` of 100 units of width."""

    name: str
    tally: Tally
    share: float


class Way(NamedTuple):
    """A step's row and its box: where the quartiles lie on an axis of 100 units, which grows as the square root, so
    that minutes and weeks are both seen.
    """

    step: Milestone
    took: Spread
    lower: float
    median: float
    upper: float


Asked = Annotated[Wanted, Query()]


@router.get("", response_class=HTMLResponse)
async def show_statistics(request: Request, parts: AppParts, visit: Visiting, wanted: Asked) -> HTMLResponse:
    now = await parts.clock.now()
    courses = await _courses(parts, visit, wanted, now)
    language = chosen(request)
    names = {str(unit.id): unit.name for unit in visit.caller.county.units}
    by_duty = tallies(courses, now, lambda _, owed: label(owed.kind, language))
    by_unit = tallies(courses, now, lambda course, _: names.get(course.lead, course.lead))
    months = dict(sorted(tallies(courses, now, month_due).items()))
    shown: dict[str, Any] = {
        "tables": (
            ("duty", list(_rates(by_duty))),
            ("unit", list(_rates(dict(sorted(by_unit.items(), key=lambda one: (one[1].rate, -one[1].total)))))),
            ("month", list(_rates(months))),
        ),
        "ways": list(_ways(spreads(courses))),
        "standing": standing(courses, now),
        "whole": _whole(courses, now),
        "count": len(courses),
        "spoken": lambda length: spoken(length, language),
        "periods": list(Period),
        "wanted": wanted,
        "now": now,
    }
    return page(request, visit, "statistics.html", **shown)


@router.get("/statistics.{format_}")
async def download(parts: AppParts, visit: Visiting, format_: str, wanted: Asked) -> Response:
    """The tables, for Excel and for programs."""
    if format_ not in ("csv", "xlsx"):
        raise Problem(Trouble.NOT_FOUND)
    now = await parts.clock.now()
    courses = await _courses(parts, visit, wanted, now)
    made = statistics_sheet(courses, visit.caller.county, _SAID[wanted.period], now, drills=wanted.drills)
    if format_ == "csv":
        body, media_type = comma_separated.render(made), "text/csv; charset=utf-8"
    else:
        body, media_type = await asyncio.to_thread(sheet.render, made, now), MEDIA_TYPES[Format.XLSX]
    title = quote(f"{made.title}-{_SAID[wanted.period]}.{format_}", safe="")
    disposition = f"attachment; filename=\"statistics.{format_}\"; filename*=UTF-8''{title}"
    return Response(
        body, media_type=media_type, headers={"Content-Disposition": disposition, "Cache-Control": "no-store"}
    )


async def _courses(parts: Parts, visit: Visit, wanted: Wanted, now: datetime) -> list[Course]:
    async with parts.sessions() as session:
        sight = sight_of(visit.caller.actor)
        return await reads.courses(session, sight, _since(wanted.period, now), drills=wanted.drills)


def _since(period: Period, now: datetime) -> datetime | None:
    """The beginning of the month, by the county's clocks, so many months ago; None for all there ever was."""
    if period is Period.ALL:
        return None
    local = now.astimezone(SHANGHAI)
    months = local.year * 12 + local.month - _MONTHS[period]
    return datetime.combine(date(months // 12, months % 12 + 1, 1), time(), SHANGHAI)


def _whole(courses: list[Course], now: datetime) -> Tally | None:
    return tallies(courses, now, lambda *_: None).get(None)


def _rates(counted: Mapping[str, Tally]) -> Iterator[Rate]:
    return (Rate(name, tally, round(tally.rate * 100, 1)) for name, tally in counted.items())


def _ways(found: Mapping[Milestone, Spread]) -> Iterator[Way]:
    longest = max((took.upper for took in found.values()), default=timedelta()) or timedelta(hours=1)

    def place(length: timedelta) -> float:
        return round(100 * sqrt(length / longest), 1)

    return (Way(step, took, *map(place, (took.lower, took.median, took.upper))) for step, took in found.items())


def spoken(length: timedelta, language: Language) -> str:
    """`2 天 3 小时`, `3 小时 5 分`, `5 分钟`."""
    minutes = round(length.total_seconds() / 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    english = language is Language.EN
    if days:
        return f"{days} d {hours} h" if english else f"{days} 天 {hours} 小时"
    if hours:
        return f"{hours} h {rest} min" if english else f"{hours} 小时 {rest} 分"
    return f"{rest} min" if english else f"{rest} 分钟"
