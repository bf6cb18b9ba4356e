"""台账: every entry of an incident's ledger, told by its codes; the words of an incident are not in it."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from documents.dossier import Dossier, at, listed, short
from documents.paper import Paper, Prose, table
from documents.sheet import Cell, Heading, Sheet
from domain.commands import is_reference
from domain.events import Fact
from domain.labels import fact_label, label, refusal_names
from domain.naming import PROCEEDINGS
from domain.refusals import Language, RefusalRecord
from domain.routing import Route
from domain.vocabulary import StepState

_UNITS = frozenset({"unit", "lead", "receiver", "reporter", "originator", "verified_by", "designated"})
_COUNTED = {"version": "第 {} 版", "round": "第 {} 轮", "count": "{} 次"}
_PERIODS = {
    "due_at": "时限",
    "at": "时间",
    "held_at": "举行",
    "detected_at": "发现",
    "valid_until": "有效至",
    "since": "自",
}


def ledger(dossier: Dossier) -> Paper:
    rows = [
        (
            str(entry.seq),
            at(entry.at),
            fact_label(entry.fact.type, Language.ZH),
            particulars(entry.fact, dossier),
            dossier.actor(entry.by),
            dossier.post(entry.by),
            dossier.principal(entry.by),
            short(hash_),
        )
        for entry, hash_ in dossier.entries
    ]
    columns = {"序号": 4, "时间": 13, "类型": 11, "内容": 27, "经办人": 8, "岗位": 15, "代谁办理": 8, "哈希": 14}
    count = (
        f"事件：{dossier.text(dossier.incident.title)}。共 {len(rows)} 条，每条以哈希与前一条相连；完整哈希见电子台账。"
    )
    return dossier.paper("政务舆情台账", [Prose(paragraphs=(count,)), table("", columns, rows)], landscape=True)


def ledger_sheet(dossier: Dossier) -> Sheet:
    """The same for Excel, with whole hashes."""
    incident = dossier.incident
    rows: list[tuple[Cell, ...]] = [
        (
            entry.seq,
            entry.at,
            fact_label(entry.fact.type, Language.ZH),
            particulars(entry.fact, dossier),
            dossier.actor(entry.by),
            dossier.post(entry.by),
            dossier.principal(entry.by),
            hash_,
        )
        for entry, hash_ in dossier.entries
    ]
    titles = ("序号", "时间", "类型", "内容", "经办人", "岗位", "代谁办理", "哈希")
    widths = (6, 17, 18, 60, 16, 28, 12, 68)
    return Sheet(
        title=f"{dossier.county.name}政务舆情台账　{incident.number}",
        note=("演练　" if incident.drill else "") + dossier.text(incident.title),
        columns=tuple(Heading(title, width) for title, width in zip(titles, widths, strict=True)),
        rows=rows,
    )


def particulars(fact: Fact, dossier: Dossier) -> str:
    """What an entry says beside its type, in the words for its codes."""
    told = (_told(name, value, dossier) for name, value in fact if name != "type")
    return "；".join(dict.fromkeys(words for words in told if words))


def _told(name: str, value: object, dossier: Dossier) -> str | None:
    told: str | None = None
    match value:
        case RefusalRecord():
            told = _refusal(value, dossier)
        case Route():
            told = f"责任主体 {dossier.unit(value.lead)}，组织协调 {dossier.units(value.coordinators)}"
        case StrEnum():
            told = _labelled(value)
        case False if name == "approved":
            told = "未经审批"
        case datetime() if name in _PERIODS:
            told = f"{_PERIODS[name]} {at(value)}"
        case int() if name in _COUNTED:
            told = _COUNTED[name].format(value)
        case tuple() if name == "participants":
            told = dossier.units(value)
        case tuple() if name == "channels":
            told = listed(label(channel, Language.ZH) for channel in value)
        case str() if not is_reference(value):
            told = _named(name, value, dossier)
    return told


def _refusal(record: RefusalRecord, dossier: Dossier) -> str:
    people: dict[str, str] = {officer.id: officer.name for officer in dossier.county.officers}
    people |= {unit.id: unit.name for unit in dossier.county.units}
    people |= {held.id: dossier.proceeding("conference", held.id) for held in dossier.incident.conferences}
    return record.sentence(Language.ZH, refusal_names(record, Language.ZH, people))


def _labelled(value: StrEnum) -> str | None:
    try:
        return label(value, Language.ZH)
    except KeyError:
        # A code that is about how the process works has no word.
        return None


def _named(name: str, value: str, dossier: Dossier) -> str | None:
    if name in _UNITS:
        return dossier.unit(value)
    if name in PROCEEDINGS:
        return dossier.proceeding(name, value)
    if name == "number":
        return value
    kinds: Iterable[StrEnum]
    match name:
        case "id" | "obligation":
            kinds = (duty.kind for duty in dossier.incident.obligations if duty.id == value)
        case "release":
            kinds = (release.kind for release in dossier.incident.releases.values() if release.id == value)
        case "outcome":
            kinds = (state for state in StepState if state == value)
        case _:
            return {"officer": dossier.person(value), "digest": f"指纹 {short(value)}"}.get(name)
    return next((label(kind, Language.ZH) for kind in kinds), None)
