"""The words, in two languages: for every wait, every kind of fact, whoever is told, and what idles."""

from __future__ import annotations

from typing import NamedTuple

from domain import events as e
from domain import waiting as w
from domain.vocabulary import Audience

Pair = tuple[str, str]
"""Chinese, then English."""

WAITS: dict[str, Pair] = {
    w.ASSESSMENT: ("研判", "assessment"),
    w.FACTS: ("确认事实", "facts"),
    w.REVISION: ("修改稿件", "revision"),
    w.PUBLICATION: ("发布", "publication"),
    w.BLOCKED: ("受阻", "blocked"),
    w.ACKNOWLEDGEMENT: ("签收", "signing for it"),
    w.DISAGREEMENT: ("裁定分歧", "disagreement"),
    w.CONFIRMATION: ("查看渠道", "a look at the channel"),
    w.REMEDY: ("更正或说明", "correction or explanation"),
    w.APPROVAL: ("审批发布会", "the conference's approval"),
    w.CONFERENCE: ("召开发布会", "holding the conference"),
    w.CONSULTATION: ("会商结论", "conclusions"),
    w.TASK: ("交办事项", "task"),
    w.REFERRAL: ("确认移交", "referral"),
    w.RECEIPT: ("接收线索", "the receiver's word"),
    w.MERGE: ("并入", "merging"),
}
"""What is waited for beside the steps of a review and the duties, which have their labels."""

AUDIENCES: dict[Audience, Pair] = {
    Audience.LEAD: ("责任主体", "the lead"),
    Audience.UNIT: ("承办单位", "the unit"),
    Audience.UNIT_HEAD: ("单位负责人", "the unit's head"),
    Audience.HOLDERS: ("经办人", "whoever holds it"),
    Audience.COUNTY_OFFICE: ("县政府办公室", "the county office"),
    Audience.PRESS_OFFICE: ("新闻办", "the press office"),
    Audience.LEADING_GROUP: ("领导小组", "the leading group"),
    Audience.OPS: ("运维", "operations"),
}

SUBJECTS: dict[str, Pair] = {
    "assessment": ("研判", "the assessment"),
    "step": ("审签", "a review step"),
    "parked": ("受阻的发布", "a blocked publication"),
    "acknowledgement": ("时限签收", "signing for a duty"),
    "remedy": ("更正或说明", "a correction or explanation"),
    "conference": ("新闻发布会", "the conference"),
    "consultation": ("会商结论", "a consultation"),
    "task": ("交办事项", "a task"),
    "referral": ("线索移交", "a referral"),
}
"""What may idle, by the subject of a chase."""

OUTCOMES: dict[str, Pair] = {
    "approved": ("同意", "approved"),
    "returned": ("退回", "returned"),
    "cleared": ("可以公开", "cleared"),
    "refused": ("不予公开", "refused"),
    "undecided": ("暂不能确定", "undecided"),
}


class Telling(NamedTuple):
    """A word of a few letters and a sentence, in both languages, and how it is set off: as rich's styles are written.

    A sentence names `{who}` acted and fields of its fact; what a field leaves empty takes the comma before it away.
    """

    word: Pair
    sentence: Pair
    style: str = ""


FACTS: dict[type[e.Fact], Telling] = {
    e.Submitted: Telling(("报送", "report"), ("{who}：{number}", "{who}: {number}"), "bold"),
    e.Assessed: Telling(("研判", "assess"), ("{who}：{verdict}，{reason}", "{who}: {verdict}, {reason}"), "bold"),
    e.LeadDesignated: Telling(
        ("牵头", "lead"), ("{who}：确定{lead}牵头，{reason}", "{who}: {lead} leads, {reason}"), "bold"
    ),
    e.FactsConfirmed: Telling(("事实", "facts"), ("{who}：事实基本清楚", "{who}: facts confirmed"), "bold"),
    e.PhaseChanged: Telling(("阶段", "phase"), ("进入“{phase}”", "now {phase}"), "magenta"),
    e.FigureAgreed: Telling(
        ("口径", "figure"), ("{who}：{figure} “{text}”，{usage}", "{who}: {figure} “{text}”, {usage}")
    ),
    e.FigureWithdrawn: Telling(
        ("口径", "figure"), ("{who}：撤销 {figure}，{reason}", "{who}: {figure} withdrawn, {reason}"), "yellow"
    ),
    e.SuperiorReleaseRecorded: Telling(
        ("上级", "above"), ("{who}：上级统一发布，{scope}", "{who}: a superior publishes, {scope}"), "bold"
    ),
    e.DisagreementSettled: Telling(
        ("裁定", "settle"), ("{who}：{unit}会签异议，{reason}", "{who}: over {unit}, {reason}"), "yellow"
    ),
    e.EmergencyOrdered: Telling(
        ("紧急", "urgent"),
        ("{who}：{release}保密审查后即发，其余环节事后补，{reason}", "{who}: {release} goes once cleared, {reason}"),
        "bold red",
    ),
    e.StepAssigned: Telling(
        ("代办", "assign"),
        ("{who}：{unit}{step}交{officer}办，{reason}", "{who}: {step} of {unit} to {officer}, {reason}"),
    ),
    e.ReleaseCancelled: Telling(
        ("取消", "cancel"), ("{who}：{release}不再发布，{reason}", "{who}: {release} given up, {reason}"), "yellow"
    ),
    e.PublicationLapsed: Telling(
        ("退审", "lapsed"), ("{release}须补审签后再发", "{release} needs more decisions before it goes"), "yellow"
    ),
    e.ReleaseWithdrawn: Telling(
        ("撤回", "recall"), ("{who}：撤回{release}，{reason}", "{who}: {release} withdrawn, {reason}"), "bold yellow"
    ),
    e.Retracted: Telling(
        ("撤回", "recall"), ("{release}：{channel}已撤", "{release}: taken back on {channel}"), "yellow"
    ),
    e.EffectParked: Telling(("受阻", "blocked"), ("{channel}受阻（{code}）", "{channel} blocked: {code}"), "red"),
    e.EffectRenewed: Telling(("重发", "again"), ("{who}：{channel}再发一次", "{who}: {channel} once more")),
    e.EffectAbandoned: Telling(
        ("放弃", "given up"), ("{who}：{channel}不再发，{reason}", "{who}: not on {channel}, {reason}"), "yellow"
    ),
    e.EffectRetried: Telling(("重试", "retry"), ("{who}：重试受阻的发布", "{who}: what is blocked is tried again")),
    e.UpdatesPaused: Telling(
        ("暂缓", "pause"), ("{who}：暂缓滚动发布，{reason}", "{who}: updates paused, {reason}"), "yellow"
    ),
    e.UpdatesResumed: Telling(
        ("恢复", "resume"), ("{who}：恢复滚动发布，{reason}", "{who}: updates resumed, {reason}")
    ),
    e.ConferenceScheduled: Telling(
        ("发布会", "meeting"), ("{who}：拟于{at}召开{form}", "{who}: {form} planned for {at}")
    ),
    e.ConferenceApproved: Telling(
        ("发布会", "meeting"), ("{who}：同意召开，{comment}", "{who}: approved, {comment}"), "bold"
    ),
    e.ConferencePostponed: Telling(
        ("改期", "moved"), ("{who}：改在{at}，{reason}", "{who}: moved to {at}, {reason}"), "yellow"
    ),
    e.ConferenceCancelled: Telling(
        ("发布会", "meeting"), ("{who}：取消，{reason}", "{who}: cancelled, {reason}"), "yellow"
    ),
    e.ConferenceRecorded: Telling(
        ("发布会", "meeting"), ("{who}：{form}已召开{approval}", "{who}: {form} held{approval}"), "bold"
    ),
    e.ConsultationConvened: Telling(
        ("会商", "consult"), ("{who}：召集{participants}，{agenda}", "{who}: with {participants}, {agenda}"), "bold"
    ),
    e.ConsultationConcluded: Telling(("结论", "outcome"), ("{who}：{conclusions}", "{who}: {conclusions}"), "bold"),
    e.TaskAssigned: Telling(("交办", "task"), ("{unit}：{what}，{due_at}前", "{unit}: {what}, by {due_at}")),
    e.TaskCompleted: Telling(
        ("交办", "task"), ("{who}：{task} {outcome}，{report}", "{who}: {task} {outcome}, {report}"), "green"
    ),
    e.RumourReferred: Telling(
        ("移交", "refer"), ("{who}：拟移交{receiver}，“{claim}”", "{who}: to {receiver}, “{claim}”"), "yellow"
    ),
    e.ReferralConfirmed: Telling(
        ("移交", "refer"), ("{who}：{referral} {verdict}，{reason}", "{who}: {referral} {verdict}, {reason}"), "yellow"
    ),
    e.ReferralAcknowledged: Telling(
        ("移交", "refer"), ("{who}：已接收 {referral}，{receipt}", "{who}: has {referral}, {receipt}"), "green"
    ),
    e.MergeIntended: Telling(("并入", "merge"), ("{who}：拟并入另一事件，{reason}", "{who}: asked for, {reason}")),
    e.MergeRefused: Telling(("并入", "merge"), ("对方事件未接收", "the other incident does not take it"), "red"),
    e.Merged: Telling(("并入", "merge"), ("本事件到此为止，续在并入的事件", "it goes on within the other"), "bold"),
    e.Absorbed: Telling(
        ("接收", "absorb"),
        ("{number} 并入，时限自最早发现时起算", "{number} comes in; the earliest detection counts"),
        "bold",
    ),
    e.Closed: Telling(("办结", "closed"), ("{who}", "{who}"), "bold green"),
    e.Reopened: Telling(
        ("重启", "reopen"), ("{who}：第 {round} 轮，{reason}", "{who}: round {round}, {reason}"), "bold"
    ),
    e.Noted: Telling(("备注", "note"), ("{who}：{text}", "{who}: {text}"), "dim"),
    e.IncidentRestricted: Telling(("限定", "restrict"), ("{who}：限定知悉", "{who}: known to few only"), "bold"),
    e.RestrictionLifted: Telling(("解除", "lifted"), ("{who}：解除限定，{reason}", "{who}: not restricted, {reason}")),
    e.RefusalsCounted: Telling(
        ("拒绝", "refused"), ("又拒绝 {count} 次，不再逐条记", "{count} more, no longer listed one by one"), "red"
    ),
}
"""Facts that one sentence tells. `domain.telling.tales` has the others, which take more than that."""

DUTIES: dict[type[e.Fact], Telling] = {
    e.ObligationMoved: Telling(("计时", "clock"), ("{duty} 重新起算", "{duty} counts anew"), "cyan"),
    e.ObligationMet: Telling(("完成", "met"), ("{duty} 按时完成", "{duty} met in time"), "green"),
    e.ObligationSuperseded: Telling(("替代", "dropped"), ("{duty} 不再适用", "{duty} no longer owed"), "dim"),
    e.Acknowledged: Telling(("签收", "signed"), ("{unit}：{duty}", "{unit}: {duty}")),
}
"""What becomes of a duty, which these facts only name by its id."""
MET_LATE = Telling(("逾期", "late"), ("{duty} 逾期完成", "{duty} met late"), "red")

SILENT: frozenset[type[e.Fact]] = frozenset({e.PublicationIntended, e.RetractionIntended, e.Refused})
"""Told in other words: a call on a channel by what comes of it, a refusal as its officer reads it."""
