"""A notice in four words of at most six characters: as much as the templates of text messages let vary."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from domain.delivering import Data
from domain.labels import SHANGHAI, label
from domain.notices import NoticeKind
from domain.refusals import Language
from domain.vocabulary import ObligationKind, StepKind

LONGEST = 6
"""Characters of one word, whatever they are."""
_MOST = 99

_ASKED: dict[NoticeKind, str] = {
    NoticeKind.SUBMITTED: "研判回应",
    NoticeKind.REOPENED: "重新研判",
    NoticeKind.LEAD_NAMED: "牵头回应",
    NoticeKind.STEP_OPENED: "{step}",
    NoticeKind.STEP_ASSIGNED: "{step}",
    NoticeKind.RETURNED: "退回修改",
    NoticeKind.REFUSED: "删改送审",
    NoticeKind.REMINDED: "{kind}",
    NoticeKind.CHASED: "{subject}",
    NoticeKind.PUBLISHED: "稿件已发布",
    NoticeKind.PARKED: "发布受阻",
    NoticeKind.DUTY_OPENED: "时限签收",
    NoticeKind.EMERGENCY_ORDERED: "紧急发布",
    NoticeKind.SETTLED: "分歧已裁定",
    NoticeKind.WITHDRAWN: "更正说明",
    NoticeKind.SUPERIOR_RELEASE: "上级已发布",
    NoticeKind.CONFERENCE_PLANNED: "发布会准备",
    NoticeKind.CONFERENCE_APPROVED: "发布会获批",
    NoticeKind.CONFERENCE_POSTPONED: "发布会改期",
    NoticeKind.CONFERENCE_CANCELLED: "发布会取消",
    NoticeKind.CONFERENCE_UNAPPROVED: "会未经审批",
    NoticeKind.CONSULTATION_CONVENED: "参加会商",
    NoticeKind.TASK_ASSIGNED: "交办事项",
    NoticeKind.TASK_COMPLETED: "交办有结果",
    NoticeKind.REFERRAL_PROPOSED: "移交待确认",
    NoticeKind.REFERRAL_CONFIRMED: "移交有决定",
    NoticeKind.REFERRAL_ACKNOWLEDGED: "移交已接收",
    NoticeKind.MERGE_REFUSED: "并入未接受",
    NoticeKind.MADE_KNOWN: "限定知悉",
    NoticeKind.MERGED: "已并入",
    NoticeKind.ABSORBED: "另件已并入",
    NoticeKind.SPOKESPERSON_OWED: "发言人报备",
    NoticeKind.CLOCKS_FAULTY: "时钟异常",
}
_SUBJECTS = {
    "assessment": "研判",
    "step": "{step}",
    "parked": "发布受阻",
    "acknowledgement": "时限签收",
    "remedy": "更正说明",
    "conference": "登记发布会",
    "consultation": "会商结论",
    "task": "交办事项",
    "referral": "移交办理",
}
_CODES: dict[str, type[StrEnum]] = {"step": StepKind, "kind": ObligationKind}
_NOW, _SOON, _NO_NUMBER = "已到时限", "尽快", "见系统"


class Brief(NamedTuple):
    """The parameters of the template, in their order."""

    notices: str
    asked: str
    due: str
    number: str


def brief(count: int, kind: NoticeKind, data: Data, number: str | None, now: datetime) -> Brief:
    """How many notices came together; of one, what is asked, by when, and its incident."""
    known = {name: label(of(str(data[name])), Language.ZH) for name, of in _CODES.items() if name in data}
    said = _SUBJECTS[str(data["subject"])] if kind is NoticeKind.CHASED else _ASKED[kind]
    serial = (number or "").rpartition("〕")[2]
    return Brief(
        notices=str(count) if count <= _MOST else f"{_MOST}+",
        asked=said.format_map(known),
        due=_due(data, now),
        number=serial if serial and len(serial) <= LONGEST else _NO_NUMBER,
    )


def _due(data: Data, now: datetime) -> str:
    """Today by the clock, tomorrow too, later by the day and the hour that it lies in; never later than it is."""
    told = data.get("due_at") or data.get("at")
    if told is None:
        return _SOON
    at, today = datetime.fromisoformat(str(told)).astimezone(SHANGHAI), now.astimezone(SHANGHAI).date()
    if at <= now:
        return _NOW
    if at.date() == today:
        return f"{at:%H:%M}"
    return f"明{at:%H:%M}" if at.date() == today + timedelta(days=1) else f"{at.day}日{at.hour}时"
