"""舆情专报: the whole of an incident so far: findings, what was said in public, who did what, what is still owed."""

from collections.abc import Callable, Iterator, Sequence

from documents import conference, duties, manuscript
from documents.dossier import Dossier, at, said
from documents.flash_report import basics, marks
from documents.paper import Block, Form, Paper, Prose, Table, table
from domain import events as e
from domain.vocabulary import ReleaseState

_STOPS = tuple("。！？；…”）")
_NUMERALS = "一二三四五六七八九十"
_UNRELIABLE = (ReleaseState.WITHDRAWN, ReleaseState.CANCELLED, ReleaseState.RETURNED, ReleaseState.REFUSED)


def special_report(dossier: Dossier) -> Paper:
    """Sections without anything to say are left out."""
    made = ((title, make(dossier)) for title, make in _SECTIONS.items())
    told = [(title, block) for title, block in made if block is not None]
    blocks = [
        block.model_copy(update={"heading": f"{numeral}、{title}"})
        for numeral, (title, block) in zip(_NUMERALS, told, strict=False)
    ]
    return dossier.paper("舆情专报", blocks, [*marks(dossier), *_withdrawn(dossier)], red_head=True)


def _withdrawn(dossier: Dossier) -> Iterator[str]:
    for release in dossier.incident.releases.values():
        if release.state is ReleaseState.WITHDRAWN:
            yield f"{manuscript.name(release, release.version)}已撤回，见“信息发布”"


def _basics(dossier: Dossier) -> Block:
    return Form(rows=basics(dossier))


def _summary(dossier: Dossier) -> Block:
    return Prose(paragraphs=tuple(dossier.text(dossier.incident.summary).splitlines()))


def _findings(dossier: Dossier) -> Block | None:
    """What the assessment and whoever checked the facts said, in order."""
    found: list[str] = []
    for recorded in dossier.entries:
        entry, fact = recorded.entry, recorded.entry.fact
        who = f"{dossier.post(entry.by)}（{dossier.actor(entry.by)}）"
        match fact:
            case e.Assessed():
                told = (
                    f"等级{said(fact.level)}，类别{said(fact.category)}，{'予以回应' if fact.respond else '不予回应'}"
                )
                why = f"。{dossier.text(fact.reason)}" if fact.reason else ""
                found.append(f"{at(entry.at)}，{who}研判：{told}{why}")
            case e.FactsConfirmed():
                found.append(f"{at(entry.at)}，{who}确认事实：{dossier.text(fact.summary)}")
            case e.Closed():
                found.append(f"{at(entry.at)}，{who}办结：{dossier.text(fact.summary)}")
            case e.Reopened():
                found.append(f"{at(entry.at)}，{who}重启（第 {fact.round} 轮）：{dossier.text(fact.reason)}")
    return Prose(paragraphs=tuple(map(_sentence, found))) if found else None


def _sentence(words: str) -> str:
    """With its full stop, whether or not whoever typed the reason gave it one."""
    words = words.rstrip()
    return words if words.endswith(_STOPS) else f"{words}。"


def _figures(dossier: Dossier) -> Block | None:
    rows = [
        (
            dossier.text(figure.text),
            "已核实" if figure.checked else "未核实",
            "可以公开" if figure.may_say else "不得公开",
            dossier.unit(figure.verified_by),
            at(figure.valid_until),
            "有效" if figure.holds(dossier.now) else "已撤销" if figure.withdrawn_at else "已过有效期",
        )
        for figure in dossier.incident.figures
    ]
    return _table({"口径": 9, "核实": 3, "公开": 3, "核实单位": 4, "有效至": 4, "状态": 3}, rows)


def _releases(dossier: Dossier) -> Block | None:
    rows: list[tuple[str, ...]] = []
    for release in dossier.incident.releases.values():
        version, state = release.version, said(release.state)
        # Where exactly it stands is on the sign-off sheet; four long addresses a line would hide the rest here.
        public = "\n".join(f"{said(receipt.channel)} {at(receipt.at)}" for receipt in release.receipts)
        shown = f"【{state}】" if release.state in _UNRELIABLE else state
        title = manuscript.title(dossier, version)
        rows.append((manuscript.name(release, version), title, dossier.unit(release.unit), shown, public or "尚未发布"))
    return _table({"稿件": 4, "标题": 6, "起草单位": 4, "状态": 3, "发布情况": 7}, rows)


def _conferences(dossier: Dossier) -> Block | None:
    rows = [
        (
            said(held.form),
            at(held.held_at or held.at),
            dossier.text(held.venue),
            dossier.people(held.attendees),
            conference.state(dossier, held),
        )
        for held in dossier.incident.conferences
    ]
    return _table({"形式": 4, "时间": 4, "地点": 5, "出席人员": 6, "状态": 3}, rows)


def _consultations(dossier: Dossier) -> Block | None:
    paragraphs: list[str] = []
    for held in dossier.incident.consultations:
        told = (
            ("议题", held.agenda),
            ("结论", held.conclusions),
            ("发布", held.release_plan),
            ("处置", held.handling_plan),
        )
        state = "" if held.concluded_at else "（尚无结论）"
        paragraphs.append(f"{at(held.at)}，{dossier.units(held.participants)}会商{state}。")
        paragraphs.extend(_sentence(f"{label}：{dossier.text(words)}") for label, words in told if words)
    return Prose(paragraphs=tuple(paragraphs)) if paragraphs else None


def _tasks(dossier: Dossier) -> Block | None:
    rows = [
        (
            dossier.text(task.what),
            dossier.unit(task.unit),
            at(task.due_at),
            said(task.outcome) if task.outcome else "已逾期" if task.overdue(dossier.now) else "办理中",
            at(task.ended_at),
        )
        for task in dossier.incident.assignments
    ]
    return _table({"事项": 8, "承办单位": 5, "时限": 4, "状态": 3, "办结时间": 4}, rows)


def _referrals(dossier: Dossier) -> Block | None:
    """Where a rumour went and how far. The claim itself stays in the referral (Art. 5)."""
    rows = [
        (
            dossier.proceeding("referral", referral.id),
            dossier.unit(referral.receiver),
            at(referral.proposed_at),
            at(referral.confirmed_at) if not referral.declined_at else "未予移交",
            at(referral.acknowledged_at),
        )
        for referral in dossier.incident.referrals
    ]
    return _table({"编号": 4, "接收单位": 5, "提出时间": 4, "确认移交": 4, "接收时间": 4}, rows)


def _table(columns: dict[str, int], rows: Sequence[tuple[str, ...]]) -> Table | None:
    return table("", columns, rows) if rows else None


_SECTIONS: dict[str, Callable[[Dossier], Block | None]] = {
    "基本情况": _basics,
    "事件概况": _summary,
    "研判与核实": _findings,
    "回应口径": _figures,
    "信息发布": _releases,
    "新闻发布": _conferences,
    "会商": _consultations,
    "交办事项": _tasks,
    "线索移交": _referrals,
    "时限履行": duties.every,
}
