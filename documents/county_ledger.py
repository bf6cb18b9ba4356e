"""The county's ledger: one line for each incident, with what it owed and how each duty came out."""

from collections.abc import Sequence
from datetime import datetime

from documents.dossier import ERASED, at, said
from documents.duties import standing
from documents.sheet import Cell, Heading, Sheet
from domain.county import County
from domain.incident import Incident
from domain.obligations import Obligation
from domain.vocabulary import ObligationKind, ObligationState, UnitId

_INCIDENT = (
    Heading("编号", 20),
    Heading("标题", 40),
    Heading("是否演练", 9),
    Heading("等级", 9),
    Heading("类别", 14),
    Heading("阶段", 12),
    Heading("发现时间", 17),
    Heading("报送时间", 17),
    Heading("填报单位", 18),
    Heading("责任主体", 18),
    Heading("组织协调", 26),
    Heading("配合单位", 26),
)
_DUTY = (("时限", 17), ("完成时间", 17), ("状态", 16))
_RELEASES = (Heading("已发布稿件", 11), Heading("台账条数", 9))


def county_sheet(lines: Sequence[tuple[Cell, ...]], county: County, now: datetime, *, cut: bool) -> Sheet:
    """`cut`: there are more incidents than the sheet holds."""
    duties = tuple(Heading(f"{said(kind)}{part}", width) for kind in ObligationKind for part, width in _DUTY)
    missing = "；只列最近的部分，其余未列" if cut else ""
    return Sheet(
        title=f"{county.name}政务舆情台账（全县）",
        note=f"截至 {at(now)}，共 {len(lines)} 件{missing}",
        columns=(*_INCIDENT, *duties, *_RELEASES),
        rows=lines,
    )


def line(incident: Incident, title: str | None, county: County, now: datetime) -> tuple[Cell, ...]:
    """An incident's line; a title that was erased says so."""
    names = {unit.id: unit.name for unit in county.units}

    def named(*units: UnitId) -> str:
        return "、".join(names.get(unit, unit) for unit in units)

    route = incident.route
    published = sum(bool(release.receipts) for release in incident.releases.values())
    return (
        incident.number,
        title or ERASED,
        "演练" if incident.drill else "否",
        said(incident.level),
        said(incident.category),
        said(incident.phase),
        incident.detected_at,
        incident.submitted_at,
        named(incident.reporter),
        named(route.lead),
        named(*route.coordinators),
        named(*route.cooperators),
        *(cell for kind in ObligationKind for cell in _duty(incident, kind, now)),
        published,
        incident.seq,
    )


def _duty(incident: Incident, kind: ObligationKind, now: datetime) -> tuple[Cell, Cell, Cell]:
    """The last of its kind that still counts in this round; nothing where none was owed."""
    owed = [duty for duty in incident.obligations if duty.kind is kind and duty.round == incident.round]
    counting = [duty for duty in owed if duty.state is not ObligationState.SUPERSEDED] or owed
    if not counting:
        return (None, None, None)
    last: Obligation = counting[-1]
    return (last.due_at, last.met_at, standing(last, now))
