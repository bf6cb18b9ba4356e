"""A notice in words: what is asked of whom by when. The number and codes of an incident, never its title or texts."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from domain import vocabulary as v
from domain.delivering import Data
from domain.labels import label, local_time
from domain.notices import NoticeKind
from domain.refusals import Language

_SAID: dict[NoticeKind, tuple[str, str]] = {
    NoticeKind.SUBMITTED: (
        "新报送事件，请及时研判、核实并准备首次发布",
        "A new incident: assess, check, prepare a release",
    ),
    NoticeKind.REOPENED: ("事件已重启，请重新研判", "Reopened: assess it anew"),
    NoticeKind.LEAD_NAMED: ("你单位为责任主体，请牵头回应", "Your unit leads: answer for the response"),
    NoticeKind.STEP_OPENED: ("稿件待办：{step}", "A release waits for you: {step}"),
    NoticeKind.STEP_ASSIGNED: ("已指定你代办：{step}", "You are named as substitute for: {step}"),
    NoticeKind.RETURNED: ("稿件被退回，请修改后重新送审", "A release was returned: revise it"),
    NoticeKind.REFUSED: ("保密审查不予公开，请按意见删改", "Confidentiality refused: take out what was named"),
    NoticeKind.REMINDED: ("{kind}须按时完成", "{kind} is owed"),
    NoticeKind.CHASED: ("催办：{subject}", "Still waiting: {subject}"),
    NoticeKind.PUBLISHED: ("稿件已在{channel}发布", "Published on {channel}"),
    NoticeKind.PARKED: ("{channel}上的操作受阻，请处置", "Blocked on {channel}: look into it"),
    NoticeKind.DUTY_OPENED: ("硬性时限任务“{kind}”，请签收", "A hard duty, {kind}: please acknowledge it"),
    NoticeKind.EMERGENCY_ORDERED: (
        "已下达紧急发布，请立即办理保密审查及补办审签",
        "Emergency release ordered: review it now",
    ),
    NoticeKind.SETTLED: ("会签分歧已裁定", "A disagreement was settled"),
    NoticeKind.WITHDRAWN: (
        "已公开的稿件已撤回，须作出更正或说明",
        "A public release was withdrawn: correct or explain",
    ),
    NoticeKind.SUPERIOR_RELEASE: (
        "上级已统一发布，相应时限任务豁免",
        "A superior has released: duties it covers are waived",
    ),
    NoticeKind.CONFERENCE_PLANNED: ("{form}已安排，请准备", "A {form} is planned: prepare for it"),
    NoticeKind.CONFERENCE_APPROVED: ("发布会已审批同意", "The conference was approved"),
    NoticeKind.CONFERENCE_POSTPONED: ("发布会已改期", "The conference was postponed"),
    NoticeKind.CONFERENCE_CANCELLED: ("发布会已取消", "The conference was cancelled"),
    NoticeKind.CONFERENCE_UNAPPROVED: ("{form}未经审批已举行", "A {form} was held without approval"),
    NoticeKind.CONSULTATION_CONVENED: ("请参加会商", "You are asked to a consultation"),
    NoticeKind.TASK_ASSIGNED: ("交办事项，请按时办结", "A task was given to you"),
    NoticeKind.TASK_COMPLETED: ("交办事项已有结果", "A task has come to an end"),
    NoticeKind.REFERRAL_PROPOSED: ("有线索移交待确认", "A referral waits to be confirmed"),
    NoticeKind.REFERRAL_CONFIRMED: (
        "线索移交已有决定，接收单位请签收",
        "A referral was decided: its receiver acknowledges",
    ),
    NoticeKind.REFERRAL_ACKNOWLEDGED: ("移交线索已被接收", "A referral was acknowledged"),
    NoticeKind.MERGE_REFUSED: ("并入未被接受，请继续办理", "The merge was refused: go on here"),
    NoticeKind.MERGED: ("已并入其他事件", "Merged into another incident"),
    NoticeKind.ABSORBED: ("另一事件已并入本事件", "Another incident was merged into this one"),
    NoticeKind.MADE_KNOWN: (
        "事件限定知悉，您在知悉范围内，请勿扩散",
        "A restricted incident was made known to you: tell nobody else",
    ),
    NoticeKind.SPOKESPERSON_OWED: ("{unit}须报备新闻发言人", "{unit} owes the filing of its spokesperson"),
    NoticeKind.CLOCKS_FAULTY: (
        "时钟核查发现{count}起异常：{fault}，请处置",
        "The audit of the clocks found {count}: {fault}",
    ),
}
"""What is asked. Each is complete without what stands in brackets after it."""

_SUBJECTS: dict[str, tuple[str, str]] = {
    "assessment": ("尚未研判", "the assessment"),
    "step": ("{step}尚未办理", "{step}"),
    "parked": ("受阻的发布尚未处置", "a blocked publication"),
    "acknowledgement": ("硬性时限任务尚未签收", "a hard duty nobody has acknowledged"),
    "remedy": ("撤回或退回的稿件尚未更正、说明", "a correction or an explanation"),
    "conference": ("发布会尚未登记", "a conference to be recorded"),
    "consultation": ("会商结论尚未记录", "the conclusions of a consultation"),
    "task": ("交办事项逾期未办结", "an overdue task"),
    "referral": ("线索移交尚未办理", "a referral"),
}
_NO_NUMBER = ("回应", "Huiying")
_CODES: dict[str, type[StrEnum]] = {
    "kind": v.ObligationKind,
    "step": v.StepKind,
    "channel": v.Channel,
    "form": v.ConferenceForm,
    "fault": v.Fault,
}


def sentence(
    kind: NoticeKind, data: Data, number: str | None, names: Mapping[str, str], language: Language = Language.ZH
) -> str:
    """One line: the incident's number, what is asked, by when. `names` are those of units by id."""
    english = language is Language.EN
    words = {name: label(of(str(data[name])), language) for name, of in _CODES.items() if name in data}
    words["unit"] = names.get(str(data.get("unit", "")), "")
    words["count"] = str(data.get("count", ""))
    if "subject" in data:
        words["subject"] = _SUBJECTS[str(data["subject"])][english].format_map(words)
    said = _SAID[kind][english].format_map(words)
    when = _when(data, language)
    head = number or _NO_NUMBER[english]
    return f"{head}: {said}{when}" if english else f"{head}：{said}{when}"


def _when(data: Data, language: Language) -> str:
    for name, zh, en in (
        ("due_at", "时限", "due"),
        ("at", "时间", "at"),
        ("held_at", "时间", "at"),
        ("since", "自", "since"),
    ):
        if name in data:
            at = local_time(datetime.fromisoformat(str(data[name])))
            late = data.get("fraction") == 1
            overdue = ("，已到时限", ", now") if late else ("", "")
            return f" ({en} {at}{overdue[1]})" if language is Language.EN else f"（{zh} {at}{overdue[0]}）"
    return ""
