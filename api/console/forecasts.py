"""What a report or an assessment would bring about, as a page shows it: who leads and why, what is owed by when."""

from datetime import datetime
from typing import NamedTuple, Self

from api.console.language import N_, translations
from domain.incident import Incident
from domain.labels import label
from domain.obligations import explain
from domain.refusals import Language
from domain.routing import RouteReason
from domain.vocabulary import UnitId

_WHY = {
    RouteReason.GRAVE: N_("重大以上事件：县级主管部门或主要责任部门牵头，县政府办公室、宣传部、新闻办统筹"),
    RouteReason.SEVERAL_TOWNSHIPS: N_("涉及多个乡镇：县级主管部门或县政府办公室牵头"),
    RouteReason.SEVERAL_DEPARTMENTS: N_("涉及多个部门：主要责任部门牵头，县政府办公室、宣传部统筹"),
    RouteReason.ONE_TOWNSHIP: N_("涉及一个乡镇：由该乡镇牵头"),
    RouteReason.ONE_DEPARTMENT: N_("涉及一个部门：由该部门牵头"),
    RouteReason.NOBODY_NAMED: N_("未指明单位：由县政府办公室研判后确定"),
}


class Owed(NamedTuple):
    """A duty, and why its instant."""

    name: str
    due_at: datetime | None
    hard: bool
    why: str


class Forecast(NamedTuple):
    """`dismissed`: it would be decided that nothing is owed."""

    lead: UnitId
    coordinators: tuple[UnitId, ...]
    cooperators: tuple[UnitId, ...]
    why: str
    article: str
    designated: bool
    duties: tuple[Owed, ...]
    dismissed: bool

    @classmethod
    def of(cls, incident: Incident, language: Language) -> Self:
        route, policy = incident.route, incident.policy
        duties = sorted(incident.pending, key=lambda one: (one.due_at is None, one.due_at or incident.submitted_at))
        return cls(
            lead=route.lead,
            coordinators=route.coordinators,
            cooperators=route.cooperators,
            why=translations(language).gettext(_WHY[route.reason]),
            article=route.article,
            designated=incident.designated is not None,
            duties=tuple(
                Owed(label(one.kind, language), one.due_at, one.hard, explain(one, policy, language)) for one in duties
            ),
            dismissed=incident.phase.ended,
        )
