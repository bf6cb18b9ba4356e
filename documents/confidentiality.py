"""保密审查表: what the reviewers of one release version found (Art. 11)."""

from documents import manuscript
from documents.dossier import NOTHING, Dossier, Recorded, at, listed, said, short
from documents.paper import Form, Paper, field, pairs
from domain import events as e
from domain.releases import Release, Version
from domain.vocabulary import ReviewOutcome, StepKind, StepState


def confidentiality_review(dossier: Dossier, release: Release, version: Version) -> Paper:
    """Every finding on the version in order: one that was undecided first stays beside what was decided later."""
    reviews = [
        (recorded, fact)
        for recorded in dossier.entries
        if isinstance(fact := recorded.entry.fact, e.StepDecided)
        and fact.step is StepKind.CONFIDENTIALITY
        and (fact.release, fact.version) == (release.id, version.number)
    ]
    forms = [_finding(dossier, recorded, fact, number) for number, (recorded, fact) in enumerate(reviews, 1)]
    cleared = bool(reviews) and reviews[-1][1].outcome is ReviewOutcome.CLEARED
    unreviewed = [] if cleared else ["保密审查尚未通过，不得公开"]
    return dossier.paper(
        "信息发布保密审查表",
        [Form(rows=manuscript.form(dossier, release, version)), *(forms or [_blank()])],
        [*manuscript.marks(dossier, release, version), *unreviewed],
    )


def _finding(dossier: Dossier, recorded: Recorded, fact: e.StepDecided, number: int) -> Form:
    by = recorded.entry.by
    consent = f"{dossier.unit(fact.originator)}：{said(fact.consent)}" if fact.originator else "不涉及其他单位"
    redactions = "\n".join(f"{i}. {dossier.text(one)}" for i, one in enumerate(fact.redactions, 1))
    return Form(
        heading=f"第 {number} 次审查（台账号 {recorded.entry.seq}）",
        rows=(
            *pairs(
                field("审查结论", said(StepState(fact.outcome))),
                field("不予公开事由", said(fact.ground)),
                field("审查单位", dossier.unit(fact.unit)),
                field("审查时间", at(recorded.entry.at)),
                field("审查人", f"{dossier.actor(by)}\n{dossier.post(by)}"),
                field("代谁审查", dossier.principal(by)),
            ),
            (field("法律依据", dossier.text(fact.law)),),
            (field("产生单位意见", consent),),
            (field("请示机关", dossier.text(fact.asked)),),
            (field("须删改内容", redactions or NOTHING),),
            (field("审查意见", dossier.text(fact.words)),),
            (field("所审稿件", listed([f"第 {fact.version} 版", f"指纹 {short(fact.digest)}"])),),
        ),
    )


def _blank() -> Form:
    labels = ("审查结论", "不予公开事由", "审查单位", "审查时间", "审查人", "代谁审查")
    wide = ("法律依据", "产生单位意见", "请示机关", "须删改内容", "审查意见")
    rows = (*pairs(*(field(label, "") for label in labels)), *((field(label, ""),) for label in wide))
    return Form(heading="尚未审查", rows=rows)
