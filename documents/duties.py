"""What is owed by when, as documents tell it (Art. 10, 14)."""

from datetime import datetime

from documents.dossier import NOTHING, Dossier, at, said
from documents.paper import Table, table
from domain.obligations import Obligation, explain
from domain.refusals import Language
from domain.vocabulary import ObligationState


def standing(duty: Obligation, now: datetime) -> str:
    """How a duty stands; lateness is never left out."""
    if duty.overdue(now):
        return "已逾期，未完成"
    late = "（此前已逾期）" if duty.ran_late and duty.state is not ObligationState.MET_LATE else ""
    because = "（上级统一发布）" if duty.because == "superior_release" else ""
    return said(duty.state) + because + late


def due(duty: Obligation) -> str:
    if duty.due_at is None:
        return "首次发布后起算" if duty.pending else NOTHING
    return at(duty.due_at)


_BRIEF = {"任务": 4, "性质": 2, "时限": 5, "完成时间": 5, "状态": 6}


def present(dossier: Dossier, heading: str) -> Table:
    """What counts in this round, in brief."""
    incident = dossier.incident
    counting = [duty for duty in incident.obligations if duty.round == incident.round]
    shown = [duty for duty in counting if duty.state is not ObligationState.SUPERSEDED]
    return table(heading, _BRIEF, [_row(duty, dossier) for duty in shown])


def every(dossier: Dossier) -> Table:
    """All there ever were, each with the article it comes from."""
    policy, duties = dossier.incident.policy, dossier.incident.obligations
    rows = [(*_row(duty, dossier), explain(duty, policy, Language.ZH)) for duty in duties]
    return table("", {"任务": 8, "性质": 4, "时限": 8, "完成时间": 8, "状态": 8, "依据": 18}, rows)


def _row(duty: Obligation, dossier: Dossier) -> tuple[str, ...]:
    return (
        said(duty.kind) + (f"（第 {duty.round} 轮）" if dossier.incident.round > 1 else ""),
        "硬性" if duty.hard else "参考",
        due(duty),
        at(duty.met_at),
        standing(duty, dossier.now),
    )
