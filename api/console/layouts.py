"""How the form of a command is set out where the plain one would be clumsy, and what is said beside it."""

from typing import NamedTuple

from api.console.language import N_
from domain.vocabulary import CommandName as Name


class Section(NamedTuple):
    """Fields under a heading; an empty heading stands for none. `folded`: opened by whoever needs them."""

    heading: str
    fields: tuple[str, ...]
    folded: bool = False


SECTIONS: dict[Name, tuple[Section, ...]] = {
    Name.ASSESS: (
        Section(N_("性质和等级"), ("level", "category", "respond")),
        Section(N_("涉及单位和牵头单位"), ("townships", "departments", "superior_department", "lead")),
        Section(N_("后续要求"), ("investigation", "rolling_updates")),
        Section(N_("更正发现时间、上级另有时限要求"), ("detected_at", "due_by"), folded=True),
        Section("", ("reason",)),
    ),
    Name.REVIEW_CONFIDENTIALITY: (
        Section("", ("release", "digest", "outcome")),
        Section(N_("不予公开时填写"), ("ground", "law", "redactions"), folded=True),
        Section(N_("不能确定时填写"), ("asked",), folded=True),
        Section(N_("信息由其他单位产生时填写"), ("originator", "consent"), folded=True),
        Section("", ("comment",)),
    ),
    Name.SCHEDULE_CONFERENCE: (
        Section("", ("form", "at", "venue")),
        Section(N_("出席和通报"), ("attendees", "statement", "invited")),
    ),
    Name.RECORD_CONFERENCE: (Section("", ("conference", "form", "held_at", "attendees", "transcript_url")),),
    Name.REFER_RUMOUR: (
        Section(N_("什么谣言"), ("claim", "links", "nature")),
        Section(N_("为何应当移交"), ("falsehood", "intent", "harm", "legal_ground")),
        Section(N_("移交给谁，同时如何回应"), ("receiver", "release")),
    ),
}
"""Whatever a command has beside these stands at the end."""

GUIDES: dict[Name, tuple[str, ...]] = {
    Name.ASSESS: (N_("没有改动的项目保持原样。改动等级、单位、发现时间后，可先“预览结果”再提交。"),),
    Name.REVIEW_CONFIDENTIALITY: (N_("保密审查对事不对稿件质量；请对照文本逐项审查（第11条）。"),),
    Name.SCHEDULE_CONFERENCE: (
        N_("重大、特别重大事件须在 24 小时内举行新闻发布会（第14条）。"),
        N_("出席人为牵头单位负责人和经备案的新闻发言人（第15条）。"),
    ),
    Name.RECORD_CONFERENCE: (N_("请在发布会举行后登记，时间以实际召开为准（第14条、第15条）。"),),
    Name.REFER_RUMOUR: (
        N_("只有事实清楚、故意编造且危害严重的谣言才能移交（第5条）。"),
        N_("批评监督、投诉举报、权利诉求、误解误读，一律通过回应解决，不得移交。"),
        N_("只写事件和公开链接，不得写入任何人的姓名、账号、电话、证件号码。"),
        N_("移交须由另一位人员确认，且不能替代公开回应。"),
    ),
    Name.CONFIRM_REFERRAL: (N_("请独立核对：是否失实、是否故意、危害是否严重、依据是否准确（第5条）。"),),
    Name.MERGE_INTO: (
        N_("并入后，本事件结束，单位、稿件和时限由另一事件承接，时限以最早的为准。"),
        N_("并入不能撤销。"),
    ),
    Name.EMERGENCY_RELEASE: (N_("仅用于人身安全等紧急情况；保密审查不能省略，其余环节事后补办。"),),
    Name.WITHDRAW_RELEASE: (N_("撤回会留下痕迹：公告栏显示“已撤回”，并须尽快发布更正或说明。"),),
    Name.CLOSE: (N_("办结后不再产生时限；以后如有反复，可以重启。"),),
    Name.WAIVE: (N_("免除时限须由领导小组负责人决定，理由永久留存（第16条）。"),),
    Name.RETRY_BLOCKED: (N_("系统将再次尝试受阻的渠道操作，发布前仍会重新核对全部条件。"),),
    Name.RESTRICT_INCIDENT: (
        N_("未列入知悉范围的单位和人员，在看板、检索、通知、文书中均不知有此事件。"),
        N_("再次限定以新的范围为准；已公开的稿件在撤回前仍然公开。"),
    ),
    Name.LIFT_RESTRICTION: (N_("解除后，本来有权查看的单位和人员恢复查看。"),),
    Name.DESIGNATE_LEAD: (N_("牵头单位应在涉及的单位中确定（第3条）。"),),
}
"""What somebody should know before they send the command."""

WEIGHTY = frozenset(
    {
        Name.CANCEL_RELEASE,
        Name.WITHDRAW_RELEASE,
        Name.EMERGENCY_RELEASE,
        Name.WAIVE,
        Name.CANCEL_CONFERENCE,
        Name.MERGE_INTO,
        Name.CLOSE,
        Name.RESTRICT_INCIDENT,
        Name.LIFT_RESTRICTION,
    }
)
"""Asked about once more before they are sent."""


def sections(name: Name, fields: tuple[str, ...]) -> tuple[Section, ...]:
    """All fields of a command, set out."""
    given = SECTIONS.get(name, ())
    placed = {one for section in given for one in section.fields}
    rest = tuple(one for one in fields if one not in placed)
    return (*given, *((Section("", rest),) if rest else ()))
