"""What people read in place of codes: Chinese and English for every word of the field, names for ids."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from enum import StrEnum

from domain import vocabulary as v
from domain.refusals import Code, Language, RefusalRecord
from domain.routing import RouteReason

# China has had no summer time in any year an instant may lie in, so no zone database is needed.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")

_LABELS: dict[type[StrEnum], dict[str, tuple[str, str]]] = {
    v.Level: {
        "especially_major": ("特别重大", "especially major"),
        "major": ("重大", "major"),
        "significant": ("较大", "significant"),
        "general": ("一般", "general"),
        "ungraded": ("未定级", "ungraded"),
    },
    v.Category: {
        "misread_policy": ("政策误解误读", "misread policy"),
        "public_interest": ("公众切身利益", "public interest"),
        "livelihood": ("民生领域", "livelihood"),
        "emergency": ("突发事件", "emergency"),
        "superior_request": ("上级要求回应", "superior's request"),
        "rumour": ("造谣传谣", "rumour"),
        "other": ("其他", "other"),
    },
    v.Source: {
        "unit_report": ("单位报送", "unit report"),
        "social": ("社交平台", "social media"),
        "hotline": ("县长热线", "hotline"),
        "mailbox": ("领导信箱", "mailbox"),
        "patrol": ("网上巡查", "patrol"),
        "superior": ("上级交办", "superior"),
        "media": ("媒体报道", "media"),
    },
    v.Fault: {
        "no_process": ("有待办时限而没有流程在运行", "nothing runs that would keep its deadlines"),
        "process_ended": ("流程已结束而时限尚未了结", "its process ended with deadlines open"),
        "alarm_missed": ("到点未提醒", "a reminder did not fire"),
        "row_behind": ("列表数据落后于台账", "lists are behind the ledger"),
        "unknown_process": ("流程在运行而台账中没有该事件", "a process runs without a ledger"),
    },
    v.UnitKind: {
        "county_office": ("县政府办公室", "county office"),
        "cyberspace_office": ("网信办", "cyberspace office"),
        "department": ("县级部门", "department"),
        "leading_group": ("领导小组", "leading group"),
        "press_office": ("新闻办", "press office"),
        "publicity": ("宣传部", "publicity department"),
        "township": ("乡镇", "township"),
    },
    v.Role: {
        "editor": ("撰稿人", "editor"),
        "unit_head": ("单位负责人", "unit head"),
        "confidentiality_reviewer": ("保密审查员", "confidentiality reviewer"),
        "county_office": ("县政府办公室", "county office"),
        "press_office": ("新闻办", "press office"),
        "leading_group": ("领导小组", "leading group"),
        "spokesperson": ("新闻发言人", "spokesperson"),
        "ops": ("运维人员", "operations"),
        "auditor": ("审计人员", "auditor"),
        "admin": ("系统管理员", "administrator"),
    },
    RouteReason: {
        "grave": ("重大以上事件，由县政府办公室、宣传部、新闻办组织协调", "major or above: the county coordinates"),
        "several_townships": (
            "涉及多个乡镇，由县级主管部门负责",
            "several townships: the department above answers",
        ),
        "several_departments": ("涉及多个部门，由牵头部门负责", "several departments: the one designated answers"),
        "one_township": ("涉及一个乡镇，由属地负责", "one township: it answers for its own ground"),
        "one_department": ("涉及一个部门，由该部门负责", "one department: it answers"),
        "nobody_named": ("未明确涉事单位，暂由县政府办公室承接", "nobody is named: the county office holds it"),
    },
    v.Phase: {
        "reported": ("已报送", "reported"),
        "responding": ("回应中", "responding"),
        "following_up": ("持续跟进", "following up"),
        "closed": ("办结", "closed"),
        "dismissed": ("研判不予回应", "dismissed"),
        "merged": ("并入", "merged"),
    },
    v.Milestone: {
        "assessed": ("研判", "assessment"),
        "first_release": ("首次发布", "first release"),
        "response": ("回应", "response"),
        "conference": ("新闻发布会", "press conference"),
        "result": ("公布调查处理结果", "result published"),
        "closed": ("办结", "closed"),
    },
    v.ObligationKind: {
        "first_release": ("首次发布", "first release"),
        "press_conference": ("新闻发布会", "press conference"),
        "response": ("回应", "response"),
        "rolling_update": ("滚动发布", "rolling update"),
        "result": ("调查处理结果", "result"),
    },
    v.ObligationState: {
        "pending": ("待完成", "pending"),
        "met": ("按时完成", "met"),
        "met_late": ("逾期完成", "met late"),
        "waived": ("已豁免", "waived"),
        "superseded": ("已被替代", "superseded"),
    },
    v.ReleaseKind: {
        "first": ("首次发布", "first release"),
        "update": ("续发", "update"),
        "response": ("回应", "response"),
        "result": ("调查处理结果", "result"),
        "interpretation": ("解读", "interpretation"),
        "correction": ("更正", "correction"),
    },
    v.ReleaseState: {
        "in_review": ("审签中", "in review"),
        "returned": ("已退回", "returned"),
        "refused": ("保密审查不予公开", "refused"),
        "publishing": ("发布中", "being published"),
        "published": ("已发布", "published"),
        "corrected": ("已更正", "corrected"),
        "withdrawn": ("已撤回", "withdrawn"),
        "cancelled": ("已取消", "cancelled"),
    },
    v.StepKind: {
        "unit_approval": ("单位审签", "unit approval"),
        "cosign": ("会签", "cosign"),
        "confidentiality": ("保密审查", "confidentiality review"),
        "county_approval": ("县级审定", "county approval"),
    },
    v.StepState: {
        "waiting": ("未到", "not yet reached"),
        "open": ("待办", "open"),
        "undecided": ("不能确定，已请示", "undecided"),
        "approved": ("同意", "approved"),
        "cleared": ("可以公开", "cleared"),
        "returned": ("退回", "returned"),
        "refused": ("不予公开", "refused"),
        "settled": ("分歧已裁定", "settled"),
    },
    v.ReviewOutcome: {
        "cleared": ("可以公开", "cleared"),
        "refused": ("不予公开", "refused"),
        "undecided": ("不能确定，已请示", "undecided"),
    },
    v.Consent: {
        "given": ("同意公开", "given"),
        "refused": ("不同意公开", "refused"),
        "awaited": ("待答复", "awaited"),
    },
    v.ClaimNature: {
        "fabrication": ("造谣传谣", "a fabrication"),
        "criticism": ("批评监督", "criticism"),
        "complaint": ("投诉举报", "a complaint"),
        "rights_claim": ("权利诉求", "a claim of rights"),
        "misreading": ("误解误读", "a misreading"),
        "unchecked": ("未经核实", "unchecked"),
    },
    v.Resolution: {
        "published": ("已发布", "published"),
        "taken_down": ("已删除", "taken down"),
        "try_again": ("重新发送", "try again"),
        "give_up": ("放弃", "give up"),
    },
    v.TaskOutcome: {
        "done": ("已办结", "done"),
        "dropped": ("已取消", "dropped"),
    },
    v.Ground: {
        "state_secret": ("国家秘密", "state secret"),
        "work_secret": ("工作秘密", "work secret"),
        "commercial_secret": ("商业秘密", "commercial secret"),
        "personal_privacy": ("个人隐私", "personal privacy"),
    },
    v.Channel: {
        "bulletin": ("本县公告栏", "county bulletin"),
        "website": ("政府网站", "website"),
        "wechat": ("微信公众号", "WeChat"),
        "weibo": ("微博", "Weibo"),
    },
    v.Means: {
        "wecom": ("企业微信", "WeCom"),
        "dingtalk": ("钉钉", "DingTalk"),
        "feishu": ("飞书", "Feishu"),
        "email": ("电子邮件", "e-mail"),
        "sms": ("短信", "text message"),
        "webhook": ("本县系统", "the county’s own system"),
    },
    v.DeliveryState: {
        "waiting": ("待发送", "waiting"),
        "handed_over": ("已交付，待回执", "handed over"),
        "delivered": ("已送达", "delivered"),
        "undelivered": ("未送达", "undelivered"),
        "inbox_only": ("仅站内", "inbox only"),
        "recorded": ("演练记录", "recorded for the drill"),
    },
    v.AttachmentKind: {
        "image": ("图片", "image"),
        "table": ("表格", "table"),
        "audio": ("音频", "audio"),
        "video": ("视频", "video"),
    },
    v.ConferenceForm: {
        "conference": ("新闻发布会", "press conference"),
        "briefing": ("吹风会", "briefing"),
    },
    v.CommandName: {
        "submit": ("报送", "submit"),
        "assess": ("研判", "assess"),
        "confirm_facts": ("确认事实", "confirm facts"),
        "draft_release": ("起草发布稿", "draft a release"),
        "revise_release": ("修改发布稿", "revise a release"),
        "approve": ("审签同意", "approve"),
        "return_release": ("退回发布稿", "return a release"),
        "review_confidentiality": ("保密审查", "review confidentiality"),
        "assign_step": ("指定代办人", "assign a step"),
        "cancel_release": ("取消发布稿", "cancel a release"),
        "pause_updates": ("暂缓滚动发布", "pause updates"),
        "resume_updates": ("恢复滚动发布", "resume updates"),
        "schedule_conference": ("安排发布会", "schedule a conference"),
        "record_conference": ("登记发布会", "record a conference"),
        "waive": ("豁免时限", "waive an obligation"),
        "close": ("办结", "close"),
        "reopen": ("重启", "reopen"),
        "note": ("记事", "note"),
        "retry_blocked": ("重试受阻操作", "retry what is blocked"),
        "acknowledge": ("签收", "acknowledge"),
        "agree_figure": ("确定回应口径", "agree a figure"),
        "withdraw_figure": ("撤销回应口径", "withdraw a figure"),
        "settle_disagreement": ("裁定会签分歧", "settle a disagreement"),
        "emergency_release": ("紧急发布", "order an emergency release"),
        "withdraw_release": ("撤回发布稿", "withdraw a release"),
        "resolve_publication": ("处置受阻发布", "resolve a publication"),
        "record_superior_release": ("登记上级统一发布", "record a superior’s release"),
        "approve_conference": ("审批发布会", "approve a conference"),
        "postpone_conference": ("发布会改期", "postpone a conference"),
        "cancel_conference": ("取消发布会", "cancel a conference"),
        "convene_consultation": ("召集会商", "convene a consultation"),
        "conclude_consultation": ("记录会商结论", "conclude a consultation"),
        "assign_task": ("交办事项", "assign a task"),
        "complete_task": ("办结交办事项", "complete a task"),
        "designate_lead": ("确定牵头单位", "designate the lead"),
        "refer_rumour": ("提出线索移交", "refer a rumour"),
        "confirm_referral": ("确认线索移交", "confirm a referral"),
        "acknowledge_referral": ("接收线索", "acknowledge a referral"),
        "merge_into": ("并入其他事件", "merge into another"),
        "absorb": ("接收并入", "absorb"),
        "restrict_incident": ("限定知悉", "restrict who knows"),
        "lift_restriction": ("解除限定知悉", "lift the restriction"),
    },
    v.ReadName: {
        "read_incident": ("查看事件", "read the incident"),
        "read_release": ("查看稿件与附件", "read releases and attachments"),
        "read_timeline": ("查看台账", "read the timeline"),
        "read_evidence": ("导出证据包", "export the evidence"),
        "read_access": ("查看登录与令牌", "see everybody’s sessions and tokens"),
        "read_referral": ("查看移交线索", "read a referral"),
        "read_payloads": ("解密流程数据", "decode what the process keeps"),
        "know_of_restricted": ("知悉限定事件", "know of a restricted incident"),
    },
    v.Relation: {
        "any": ("任何事件", "any incident"),
        "reporter": ("填报单位", "reporter"),
        "lead": ("责任主体", "lead"),
        "coordinator": ("组织协调单位", "coordinator"),
        "cooperator": ("配合单位", "cooperator"),
        "drafter": ("起草单位", "drafter of the release"),
        "holder": ("本环节经办人", "holder of the step"),
        "participant": ("会商、交办单位", "asked to a consultation or given a task"),
        "receiver": ("线索接收单位", "receiver of a referral"),
        "named": ("列入知悉范围", "named to know of it"),
        "in_charge": ("正副负责人", "head or deputy"),
    },
}

_FACTS = {
    "submitted": ("报送", "submitted"),
    "routed": ("确定责任分工", "routed"),
    "assessed": ("研判", "assessed"),
    "lead_designated": ("确定牵头单位", "lead designated"),
    "phase_changed": ("阶段变更", "phase changed"),
    "facts_confirmed": ("确认事实", "facts confirmed"),
    "obligation_opened": ("时限任务产生", "obligation opened"),
    "acknowledged": ("签收", "acknowledged"),
    "figure_agreed": ("确定回应口径", "figure agreed"),
    "figure_withdrawn": ("撤销回应口径", "figure withdrawn"),
    "obligation_moved": ("时限顺延", "obligation moved"),
    "obligation_met": ("时限任务完成", "obligation met"),
    "obligation_superseded": ("时限任务被替代", "obligation superseded"),
    "obligation_waived": ("时限任务豁免", "obligation waived"),
    "superior_release_recorded": ("登记上级统一发布", "superior’s release recorded"),
    "reminded": ("提醒", "reminded"),
    "chased": ("催办", "chased"),
    "version_drafted": ("起草稿件", "version drafted"),
    "step_decided": ("审签", "step decided"),
    "disagreement_settled": ("裁定会签分歧", "disagreement settled"),
    "emergency_ordered": ("紧急发布令", "emergency ordered"),
    "step_assigned": ("指定代办人", "step assigned"),
    "release_cancelled": ("取消发布稿", "release cancelled"),
    "publication_intended": ("提交发布", "publication intended"),
    "published": ("发布", "published"),
    "publication_lapsed": ("发布退回审签", "publication lapsed"),
    "release_withdrawn": ("撤回发布稿", "release withdrawn"),
    "retraction_intended": ("提交撤稿", "retraction intended"),
    "retracted": ("撤稿完成", "retracted"),
    "effect_parked": ("渠道操作受阻", "effect parked"),
    "effect_renewed": ("渠道操作重发", "effect renewed"),
    "effect_abandoned": ("放弃渠道操作", "effect abandoned"),
    "effect_retried": ("重试受阻操作", "effect retried"),
    "updates_paused": ("暂缓滚动发布", "updates paused"),
    "updates_resumed": ("恢复滚动发布", "updates resumed"),
    "conference_scheduled": ("安排发布会", "conference scheduled"),
    "conference_approved": ("批准发布会", "conference approved"),
    "conference_postponed": ("发布会改期", "conference postponed"),
    "conference_cancelled": ("取消发布会", "conference cancelled"),
    "conference_recorded": ("发布会举行", "conference recorded"),
    "consultation_convened": ("召集会商", "consultation convened"),
    "consultation_concluded": ("会商结论", "consultation concluded"),
    "task_assigned": ("交办事项", "task assigned"),
    "task_completed": ("交办事项办结", "task completed"),
    "rumour_referred": ("提出线索移交", "rumour referred"),
    "referral_confirmed": ("确认线索移交", "referral confirmed"),
    "referral_acknowledged": ("接收线索", "referral acknowledged"),
    "merge_intended": ("申请并入", "merge intended"),
    "merge_refused": ("并入被拒", "merge refused"),
    "merged": ("并入其他事件", "merged"),
    "absorbed": ("接收并入", "absorbed"),
    "closed": ("办结", "closed"),
    "reopened": ("重启", "reopened"),
    "noted": ("记事", "noted"),
    "incident_restricted": ("限定知悉", "restricted"),
    "restriction_lifted": ("解除限定知悉", "restriction lifted"),
    "refused": ("操作被拒", "refused"),
    "refusals_counted": ("被拒次数", "refusals counted"),
}
"""By the type of a ledger entry."""

_SPOKEN: dict[str, dict[str, tuple[str, str]]] = {
    "needed": {
        "county_office_head": ("县政府办公室主任", "the head of the county office"),
        "leading_group_head": ("领导小组组长", "the head of the leading group"),
    },
    "command": {
        "file_spokesperson": ("新闻发言人备案", "file a spokesperson"),
        "file_duty": ("填报值班表", "file a duty roster"),
        "file_delegation": ("安排代岗", "hand a post on"),
        "end_delegation": ("结束代岗", "end a delegation"),
        "edit_templates": ("修改发布稿模板", "edit templates of releases"),
        "keep_contacts": ("维护通知地址", "keep these addresses"),
        "read_deliveries": ("查看通知送达情况", "see deliveries"),
    },
    "kinds": {
        "identity_number": ("证件号码", "an identity number"),
        "phone_number": ("电话号码", "a telephone number"),
        "account": ("网络账号", "an account"),
        "name": ("姓名", "a name"),
    },
    "field": {
        "at": ("举行时间", "The instant it takes place"),
        "changed_on": ("变动日期", "The day of the change"),
        "detected_at": ("发现时间", "The instant of detection"),
        "due_at": ("办理时限", "The due instant"),
        "held_at": ("举行时间", "The instant it was held"),
        "published_at": ("发布时间", "The instant of publication"),
        "valid_until": ("有效期", "The end of validity"),
    },
}
"""Words behind parameters of a refusal that are no word of the process."""

_WORDED: dict[str, tuple[type[StrEnum], ...]] = {
    "step": (v.StepKind,),
    "command": (v.CommandName, v.StepKind),
    "kind": (v.ObligationKind,),
    "kinds": (v.ObligationKind,),
    "phase": (v.Phase,),
    "state": (v.ReleaseState, v.StepState),
    "needed": (v.Role,),
    "channels": (v.Channel,),
    "channel": (v.Channel,),
    "nature": (v.ClaimNature,),
    "attachment": (v.AttachmentKind,),
}
"""What the parameters of a refusal are codes of."""


def label(value: StrEnum, language: Language) -> str:
    """The word for a code. Raises KeyError for a code that is no word of the field."""
    return _LABELS[type(value)][value][language is Language.EN]


def fact_label(type_: str, language: Language) -> str:
    """The word for the type of a ledger entry. Raises KeyError for one that no entry has."""
    return _FACTS[type_][language is Language.EN]


def local_time(at: datetime) -> str:
    """An instant as the county's clocks show it, to the minute."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def refusal_names(record: RefusalRecord, language: Language, people: Mapping[str, str]) -> dict[str, str]:
    """What to put in place of the ids, codes and instants in a refusal's sentence.

    `people` names officers and units. What is known to none of the lists stays as it is.
    """
    named: dict[str, str] = {}
    for parameter, value in record.params.items():
        for part in value.split(","):
            if (word := _word(record.code, parameter, part, language, people)) is not None:
                named[part] = word
    return named


def _word(code: Code, parameter: str, part: str, language: Language, people: Mapping[str, str]) -> str | None:
    if parameter in ("at", "expired_at"):
        return local_time(datetime.fromisoformat(part))
    if (spoken := _SPOKEN.get(parameter, {}).get(part)) is not None:
        return spoken[language is Language.EN]
    kinds = (v.ReleaseKind,) if code is Code.FACTS_NOT_CONFIRMED else _WORDED.get(parameter)
    if kinds is None:
        return people.get(part)
    return next((label(kind(part), language) for kind in kinds if part in list(kind)), None)
