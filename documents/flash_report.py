"""舆情快报: the first word to those who must know, on a page: what it is about, who answers, what is due by when."""

from collections.abc import Iterator

from documents import duties, manuscript
from documents.dossier import NOTHING, Dossier, at, listed, said
from documents.paper import Block, Field, Form, Paper, Prose, Table, field, pairs, table
from domain.standing import Task, holders_of, open_tasks
from domain.vocabulary import ObligationKind


def flash_report(dossier: Dossier) -> Paper:
    incident = dossier.incident
    numerals = iter("一二三四五六七八九")
    blocks: list[Block] = [
        Form(heading=f"{next(numerals)}、基本情况", rows=basics(dossier)),
        Prose(heading=f"{next(numerals)}、事件概况", paragraphs=tuple(dossier.text(incident.summary).splitlines())),
        duties.present(dossier, f"{next(numerals)}、回应时限"),
    ]
    if incident.releases:
        blocks.append(releases(dossier, f"{next(numerals)}、信息发布"))
    if waits := open_tasks(incident):
        blocks.append(_waits(dossier, waits, f"{next(numerals)}、待办事项"))
    return dossier.paper("舆情快报", blocks, marks(dossier), red_head=True)


def marks(dossier: Dossier) -> Iterator[str]:
    """What has not been found out yet."""
    incident = dossier.incident
    if incident.phase.ended:
        return
    if incident.assessed_at is None:
        yield "等级、类别和责任分工为初报，尚未研判"
    if incident.facts_confirmed_at is None:
        yield "事实尚未核实确认"


def basics(dossier: Dossier) -> tuple[tuple[Field, ...], ...]:
    incident, route = dossier.incident, dossier.incident.route
    return (
        *pairs(
            field("编号", incident.number),
            field("当前阶段", said(incident.phase) + (f"（第 {incident.round} 轮）" if incident.round > 1 else "")),
            field("事件等级", said(incident.level)),
            field("事件类别", said(incident.category)),
            field("发现时间", at(incident.detected_at)),
            field("报送时间", at(incident.submitted_at)),
            field("填报单位", dossier.unit(incident.reporter)),
            field("信息来源", said(incident.source)),
            field("责任主体", dossier.unit(route.lead)),
            field("组织协调", dossier.units(route.coordinators)),
        ),
        (field("配合单位", dossier.units(route.cooperators)),),
        (field("相关链接", "\n".join(map(dossier.text, incident.links)) or NOTHING),),
    )


def releases(dossier: Dossier, heading: str) -> Table:
    """Every release with how it stands; its words are not among it."""
    rows = [
        (
            manuscript.name(release, release.version),
            dossier.unit(release.unit),
            said(release.state),
            at(dossier.incident.published_at(release)),
            listed(said(receipt.channel) for receipt in release.receipts),
        )
        for release in dossier.incident.releases.values()
    ]
    return table(heading, {"稿件": 4, "起草单位": 5, "状态": 4, "发布时间": 4, "已发布渠道": 5}, rows)


def _waits(dossier: Dossier, waits: tuple[Task, ...], heading: str) -> Table:
    incident = dossier.incident
    rows = [
        (
            _named(task),
            dossier.unit(task.unit),
            dossier.people(holders_of(task, incident, dossier.county, dossier.roster)),
            at(task.due_at),
        )
        for task in waits
    ]
    return table(heading, {"事项": 5, "单位": 5, "可办理人": 8, "时限": 4}, rows)


def _named(task: Task) -> str:
    """A duty by its kind, a step by its own name, anything else by the command that does it."""
    if task.step is not None:
        return said(task.step)
    if task.what in list(ObligationKind):
        return said(ObligationKind(task.what))
    return said(task.command) if task.command else "渠道操作进行中"
