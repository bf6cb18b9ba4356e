"""Statistics as a sheet: on-time rates by duty, unit and month, and how long each step took."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from documents.dossier import at
from documents.sheet import Cell, Heading, Sheet
from domain.county import County
from domain.labels import label
from domain.refusals import Language
from domain.statistics import Course, Tally, month_due, spreads, standing, tallies

_COLUMNS = (
    Heading("分组", 14),
    Heading("项目", 24),
    Heading("按时", 8),
    Heading("逾期", 8),
    Heading("按时率（%）", 12),
    Heading("件数", 8),
    Heading("四分之一（分钟）", 16),
    Heading("中位数（分钟）", 14),
    Heading("四分之三（分钟）", 16),
    Heading("最长（分钟）", 12),
)


def statistics_sheet(courses: Sequence[Course], county: County, period: str, now: datetime, *, drills: bool) -> Sheet:
    """`period` says which incidents, in words."""
    names = {str(unit.id): unit.name for unit in county.units}
    by_duty = tallies(courses, now, lambda _, owed: label(owed.kind, Language.ZH))
    by_unit = tallies(courses, now, lambda course, _: names.get(course.lead, course.lead))
    by_month = dict(sorted(tallies(courses, now, month_due).items()))
    rows: list[tuple[Cell, ...]] = [
        *_rates("时限任务", by_duty),
        *_rates("责任主体", by_unit),
        *_rates("月份", by_month),
    ]
    for step, took in spreads(courses).items():
        minutes = (round(one.total_seconds() / 60) for one in (took.lower, took.median, took.upper, took.longest))
        rows.append(("发现至", label(step, Language.ZH), None, None, None, took.number, *minutes))
    open_now = standing(courses, now)
    drill = "演练，" if drills else ""
    return Sheet(
        title=f"{county.name}政务舆情回应统计",
        note=f"{drill}{period}，截至 {at(now)}；在办 {open_now.open} 件，其中逾期 {open_now.overdue} 件",
        columns=_COLUMNS,
        rows=rows,
        tab="统计",
    )


def _rates(group: str, counted: Mapping[str, Tally]) -> list[tuple[Cell, ...]]:
    return [
        (group, name, tally.on_time, tally.late, round(tally.rate * 100), None, None, None, None, None)
        for name, tally in counted.items()
    ]
