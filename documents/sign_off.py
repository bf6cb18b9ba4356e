"""审签单: every decision that was made on one release version, by whom, for whom and on which bytes."""

from collections.abc import Iterator

from documents import manuscript
from documents.dossier import NOTHING, Dossier, Recorded, at, said, short
from documents.paper import Block, Form, Paper, Table, table
from domain import events as e
from domain.releases import Release, Version, holders
from domain.vocabulary import StepKind, StepState

_COLUMNS = {
    "环节": 8,
    "单位": 9,
    "签署人": 13,
    "代谁签署": 8,
    "结论与意见": 13,
    "签署时间": 10,
    "稿件指纹": 10,
    "台账号": 6,
}


def sign_off(dossier: Dossier, release: Release, version: Version) -> Paper:
    """The sheet of one version. What is still open on the current one is listed beside what was decided."""
    decisions = [_row(dossier, recorded) for recorded in _decisions(dossier, release, version)]
    blocks: list[Block] = [
        Form(rows=manuscript.form(dossier, release, version)),
        table("审签意见", _COLUMNS, decisions or [("尚无审签意见", *[NOTHING] * (len(_COLUMNS) - 1))]),
        *([_outstanding(dossier, release)] if version == release.version else []),
        *([manuscript.receipts(release, "发布情况")] if version == release.version and release.receipts else []),
        manuscript.body(dossier, version, "稿件正文"),
    ]
    shown = [block for block in blocks if not isinstance(block, Table) or block.rows]
    return dossier.paper("信息发布稿审签单", shown, manuscript.marks(dossier, release, version))


def _decisions(dossier: Dossier, release: Release, version: Version) -> Iterator[Recorded]:
    """The entries that decided on the version. Who may stand in was named while it was the current one."""
    current = 0
    for recorded in dossier.entries:
        match recorded.entry.fact:
            case e.VersionDrafted(release=release.id, version=number):
                current = number
            case e.StepDecided() | e.DisagreementSettled() | e.EmergencyOrdered() as fact:
                if (fact.release, fact.version) == (release.id, version.number):
                    yield recorded
            case e.StepAssigned(release=release.id) if current == version.number:
                yield recorded


def _row(dossier: Dossier, recorded: Recorded) -> tuple[str, ...]:
    entry = recorded.entry
    step, unit, outcome, words, digest = _decided(dossier, entry.fact)
    comment = dossier.text(words) if words else ""
    return (
        step,
        unit,
        f"{dossier.actor(entry.by)}\n{dossier.post(entry.by)}",
        dossier.principal(entry.by),
        f"{outcome}\n{comment}".strip(),
        at(entry.at),
        short(digest) if digest else NOTHING,
        str(entry.seq),
    )


def _decided(dossier: Dossier, fact: e.Fact) -> tuple[str, str, str, str | None, str | None]:
    """Step, unit, outcome, words, digest."""
    match fact:
        case e.StepDecided():
            outcome = said(StepState(fact.outcome)) + (f"（{said(fact.ground)}）" if fact.ground else "")
            return said(fact.step), dossier.unit(fact.unit), outcome, fact.words, fact.digest
        case e.DisagreementSettled():
            settled = said(StepState.SETTLED)
            return f"{said(StepKind.COSIGN)}（裁定）", dossier.unit(fact.unit), settled, fact.reason, fact.digest
        case e.EmergencyOrdered():
            return "紧急发布令", NOTHING, "保密审查通过即发布", fact.reason, fact.digest
        case e.StepAssigned():
            named = f"指定{dossier.person(fact.officer)}代办"
            return f"{said(fact.step)}（指定代办）", dossier.unit(fact.unit), named, fact.reason, None
    raise TypeError(type(fact).__name__)


def _outstanding(dossier: Dossier, release: Release) -> Table:
    rows = [
        (
            said(view.step.kind),
            dossier.unit(view.step.unit),
            manuscript.waiting(view),
            dossier.people(holders(release, view.step, dossier.roster)) if release.open_to_decisions else NOTHING,
            at(view.opened_at),
        )
        for view in manuscript.open_steps(dossier, release)
    ]
    return table("尚未通过的环节", {"环节": 4, "单位": 5, "状态": 5, "可办理人": 6, "待办起始": 4}, rows)
