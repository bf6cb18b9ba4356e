"""Why a command is refused: a code for programs, a sentence for people in both languages.

Parameters are ids, codes and instants, never words of a text. The place that shows a sentence may
replace ids by names.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


class Nature(StrEnum):
    """What kind of no it is. The HTTP layer maps these to status codes."""

    FORBIDDEN = "forbidden"
    CONFLICT = "conflict"
    INVALID = "invalid"
    MISSING = "missing"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"


class Code(StrEnum):
    # who
    UNSEALED = "unsealed"
    SEAL_MISMATCH = "seal_mismatch"
    SEAL_EXPIRED = "seal_expired"
    UNENCRYPTED = "unencrypted"
    UNREADABLE = "unreadable"
    UNKNOWN_ACTOR = "unknown_actor"
    NOT_PERMITTED = "not_permitted"
    NOT_YOUR_STEP = "not_your_step"
    OWN_DRAFT = "own_draft"
    SECOND_STEP = "second_step"
    HIGHER_APPROVAL = "higher_approval"
    # what
    MALFORMED = "malformed"
    UNKNOWN_COMMAND = "unknown_command"
    PLAIN_TEXT = "plain_text"
    TEXT_MISSING = "text_missing"
    UNKNOWN_UNIT = "unknown_unit"
    WRONG_UNIT_KIND = "wrong_unit_kind"
    UNKNOWN_OFFICER = "unknown_officer"
    IN_THE_FUTURE = "in_the_future"
    BEFORE_DETECTION = "before_detection"
    IN_THE_PAST = "in_the_past"
    HOUR_SECONDS_OUTSIDE_DRILL = "hour_seconds_outside_drill"
    REASON_NEEDED = "reason_needed"
    GROUND_NEEDED = "ground_needed"
    AUTHORITY_NEEDED = "authority_needed"
    LEAD_NOT_INVOLVED = "lead_not_involved"
    CHANNEL_UNKNOWN = "channel_unknown"
    CHANNEL_MISSING = "channel_missing"
    ATTENDEE_MISSING = "attendee_missing"
    NOT_SHORTER = "not_shorter"
    # when
    NO_INCIDENT = "no_incident"
    NOT_ASSESSED = "not_assessed"
    ALREADY_SUBMITTED = "already_submitted"
    INCIDENT_ENDED = "incident_ended"
    NOT_ENDED = "not_ended"
    FACTS_NOT_CONFIRMED = "facts_not_confirmed"
    NO_RELEASE = "no_release"
    RELEASE_EXISTS = "release_exists"
    STALE_DIGEST = "stale_digest"
    NOTHING_CHANGED = "nothing_changed"
    VERSION_FROZEN = "version_frozen"
    RELEASE_DECIDED = "release_decided"
    STEP_NOT_OPEN = "step_not_open"
    NO_SUCH_STEP = "no_such_step"
    NOT_PUBLISHED = "not_published"
    NO_OBLIGATION = "no_obligation"
    HARD_DUTY_PENDING = "hard_duty_pending"
    RESULT_OWED = "result_owed"
    PUBLICATION_UNDER_WAY = "publication_under_way"
    NO_UPDATES_OWED = "no_updates_owed"
    ALREADY_PAUSED = "already_paused"
    NOT_PAUSED = "not_paused"
    NOTHING_BLOCKED = "nothing_blocked"
    # releases
    NOT_DISAGREED = "not_disagreed"
    NOT_IN_REVIEW = "not_in_review"
    ALREADY_ORDERED = "already_ordered"
    NOT_PUBLIC = "not_public"
    ALREADY_WITHDRAWN = "already_withdrawn"
    CONSENT_MISSING = "consent_missing"
    REDACTIONS_NEED_REFUSAL = "redactions_need_refusal"
    REDACTION_REMAINS = "redaction_remains"
    PRINCIPAL_FIRST = "principal_first"
    NOT_PARKED = "not_parked"
    URL_NEEDED = "url_needed"
    WRONG_RESOLUTION = "wrong_resolution"
    BEFORE_THE_CALL = "before_the_call"
    REMEDY_OWED = "remedy_owed"
    STEPS_OWED = "steps_owed"
    ALREADY_RESPONDED = "already_responded"
    # attachments
    ATTACHMENT_TYPE = "attachment_type"
    ATTACHMENT_TOO_LARGE = "attachment_too_large"
    ATTACHMENT_DAMAGED = "attachment_damaged"
    ATTACHMENT_ACTIVE = "attachment_active"
    ATTACHMENT_UNKNOWN = "attachment_unknown"
    # people and meetings
    ALREADY_ACKNOWLEDGED = "already_acknowledged"
    NO_FIGURE = "no_figure"
    VERIFIER_NEEDED = "verifier_needed"
    NO_CONFERENCE = "no_conference"
    WHICH_CONFERENCE = "which_conference"
    ALREADY_APPROVED = "already_approved"
    OWN_PLAN = "own_plan"
    STATEMENT_NEEDED = "statement_needed"
    STATEMENT_NOT_APPROVED = "statement_not_approved"
    NO_CONSULTATION = "no_consultation"
    NO_TASK = "no_task"
    TASKS_PENDING = "tasks_pending"
    WRONG_OFFICER = "wrong_officer"
    SAME_LEAD = "same_lead"
    SAME_OFFICER = "same_officer"
    PERIOD_TOO_LONG = "period_too_long"
    NO_DELEGATION = "no_delegation"
    # referral and merging
    NOT_REFERABLE = "not_referable"
    NO_RESPONSE_BESIDE = "no_response_beside"
    NO_REFERRAL = "no_referral"
    OWN_REFERRAL = "own_referral"
    REFERRAL_DECIDED = "referral_decided"
    NOT_CONFIRMED = "not_confirmed"
    PERSONAL_DATA = "personal_data"
    NOT_A_PUBLIC_LINK = "not_a_public_link"
    SAME_INCIDENT = "same_incident"
    DRILL_MIXED = "drill_mixed"
    RESTRICTION_MIXED = "restriction_mixed"
    SAME_RESTRICTION = "same_restriction"
    NOT_RESTRICTED = "not_restricted"
    NOT_IN_THE_KNOW = "not_in_the_know"
    MERGE_UNDER_WAY = "merge_under_way"
    MERGED_AWAY = "merged_away"
    NO_MERGE_INTENDED = "no_merge_intended"


_TABLE: dict[Code, tuple[Nature, str, str]] = {
    Code.UNSEALED: (Nature.FORBIDDEN, "指令没有签章，不予受理", "The command carries no seal"),
    Code.SEAL_MISMATCH: (
        Nature.FORBIDDEN,
        "签章与指令内容不符，可能被改动或挪用",
        "The seal does not fit the command: it was altered, or sealed for another incident",
    ),
    Code.SEAL_EXPIRED: (
        Nature.FORBIDDEN,
        "签章已于 {expired_at} 过期，请重新签发",
        "The seal expired at {expired_at}",
    ),
    Code.UNENCRYPTED: (
        Nature.FORBIDDEN,
        "指令未加密，不予受理；明文已留在流程引擎中，请运维处置",
        "The command came unencrypted, and Temporal's history holds it: operations must see to that",
    ),
    Code.UNREADABLE: (
        Nature.FORBIDDEN,
        "指令无法解密，不予受理",
        "The command cannot be decrypted: under another key, or altered on its way",
    ),
    Code.UNKNOWN_ACTOR: (Nature.FORBIDDEN, "{actor} 不是在册人员", "{actor} is not an officer on record"),
    Code.NOT_PERMITTED: (
        Nature.FORBIDDEN,
        "{actor} 的岗位无权对本事件执行“{command}”",
        "No post of {actor} entitles to “{command}” on this incident",
    ),
    Code.NOT_YOUR_STEP: (
        Nature.FORBIDDEN,
        "“{step}”由 {holders} 办理，不由 {actor} 办理",
        "“{step}” is waiting for {holders}, not for {actor}",
    ),
    Code.OWN_DRAFT: (
        Nature.FORBIDDEN,
        "{actor} 是本稿撰稿人，不得审签自己起草的稿件；“{step}”由 {holders} 办理",
        "{actor} wrote this release and decides nothing on it; “{step}” is waiting for {holders}",
    ),
    Code.SECOND_STEP: (
        Nature.FORBIDDEN,
        "{actor} 已在本版本审签过另一环节，同一人不得审签两个环节；“{step}”由 {holders} 办理",
        "{actor} already decided another step of this version; “{step}” is waiting for {holders}",
    ),
    Code.HIGHER_APPROVAL: (
        Nature.FORBIDDEN,
        "此决定须由 {needed} 作出",
        "This decision belongs to {needed}",
    ),
    Code.MALFORMED: (Nature.INVALID, "指令格式不正确：{fields}", "The command is malformed: {fields}"),
    Code.UNKNOWN_COMMAND: (Nature.MISSING, "没有名为“{command}”的指令", "There is no command “{command}”"),
    Code.PLAIN_TEXT: (
        Nature.INVALID,
        "指令中只能引用已存入的文本，不得直接携带文字：{fields}",
        "A command refers to stored texts and never carries words: {fields}",
    ),
    Code.TEXT_MISSING: (
        Nature.CONFLICT,
        "指令引用的文本不存在",
        "A text the command refers to is not stored",
    ),
    Code.UNKNOWN_UNIT: (Nature.INVALID, "没有这些单位：{units}", "There are no such units: {units}"),
    Code.WRONG_UNIT_KIND: (
        Nature.INVALID,
        "单位类别不符：{units}",
        "These units are of the wrong kind for their place: {units}",
    ),
    Code.UNKNOWN_OFFICER: (
        Nature.INVALID,
        "没有这些人员：{officers}",
        "There are no such officers: {officers}",
    ),
    Code.IN_THE_FUTURE: (
        Nature.INVALID,
        "{field}（{at}）晚于当前时间，时限只能从已发生的时刻起算",
        "{field} ({at}) lies in the future; clocks count from what has happened",
    ),
    Code.BEFORE_DETECTION: (
        Nature.INVALID,
        "{field} 早于事件发现时间（{at}）",
        "{field} lies before the incident was detected ({at})",
    ),
    Code.IN_THE_PAST: (Nature.INVALID, "{field}（{at}）已经过去", "{field} ({at}) has already passed"),
    Code.HOUR_SECONDS_OUTSIDE_DRILL: (
        Nature.INVALID,
        "只有演练可以加速时钟",
        "Only a drill may run on a compressed clock",
    ),
    Code.REASON_NEEDED: (Nature.INVALID, "须写明理由", "A reason is needed"),
    Code.GROUND_NEEDED: (Nature.INVALID, "不予公开须写明依据（ground）", "A refusal needs its ground"),
    Code.AUTHORITY_NEEDED: (
        Nature.INVALID,
        "“不能确定”须在说明中写明请示的机关",
        "“Undecided” needs a comment that names the authority asked",
    ),
    Code.LEAD_NOT_INVOLVED: (
        Nature.CONFLICT,
        "{unit} 不在涉事单位之列，不能作为责任主体",
        "{unit} is not among the units involved and cannot lead",
    ),
    Code.CHANNEL_UNKNOWN: (
        Nature.INVALID,
        "未配置的发布渠道：{channels}",
        "Channels not configured: {channels}",
    ),
    Code.CHANNEL_MISSING: (
        Nature.INVALID,
        "发布渠道须包含 {channels}",
        "The channels must include {channels}",
    ),
    Code.ATTENDEE_MISSING: (
        Nature.CONFLICT,
        "出席人员须包括责任主体 {unit} 的负责人或新闻发言人",
        "A responsible person or the spokesperson of the lead {unit} must attend (Art. 15)",
    ),
    Code.NOT_SHORTER: (
        Nature.INVALID,
        "上级要求的时限（{kind}）只能短于制度规定",
        "An instant ordered by a superior ({kind}) can only be earlier than the policy's",
    ),
    Code.NO_INCIDENT: (Nature.MISSING, "没有这一事件", "There is no such incident"),
    Code.NOT_ASSESSED: (
        Nature.CONFLICT,
        "事件尚未研判，不能办结",
        "The incident has not been assessed yet",
    ),
    Code.ALREADY_SUBMITTED: (Nature.CONFLICT, "该事件已经报送", "The incident was submitted already"),
    Code.INCIDENT_ENDED: (
        Nature.CONFLICT,
        "事件已终结（{phase}），如需继续请先重启",
        "The incident has ended ({phase}); reopen it first",
    ),
    Code.NOT_ENDED: (
        Nature.CONFLICT,
        "事件尚未终结，无须重启",
        "The incident has not ended; there is nothing to reopen",
    ),
    Code.FACTS_NOT_CONFIRMED: (
        Nature.CONFLICT,
        "事实尚未确认，“{kind}”类稿件须在事实基本清楚后起草",
        "Facts are not confirmed yet; a release of kind {kind} needs them (Art. 4)",
    ),
    Code.NO_RELEASE: (Nature.MISSING, "没有这份发布稿", "There is no such release"),
    Code.RELEASE_EXISTS: (Nature.CONFLICT, "该发布稿编号已存在", "A release of this id exists already"),
    Code.STALE_DIGEST: (
        Nature.CONFLICT,
        "稿件已有新版本（第 {version} 版），请重新阅读后再审签",
        "The release has a newer version ({version}); read it before deciding",
    ),
    Code.NOTHING_CHANGED: (
        Nature.CONFLICT,
        "内容与当前版本完全相同",
        "The text is byte for byte the current version",
    ),
    Code.VERSION_FROZEN: (
        Nature.CONFLICT,
        "该版本已进入发布，不能再修改；如有错误请发布更正",
        "This version is being published or is public; correct it instead of changing it",
    ),
    Code.RELEASE_DECIDED: (
        Nature.CONFLICT,
        "该稿件已处于“{state}”状态，须修改后重新送审",
        "The release is {state}; it needs a new version before it can be decided on",
    ),
    Code.STEP_NOT_OPEN: (
        Nature.CONFLICT,
        "“{step}”当前未开放（{state}）",
        "“{step}” is not open ({state})",
    ),
    Code.NO_SUCH_STEP: (Nature.CONFLICT, "本稿不需要“{step}”环节", "This release has no step “{step}”"),
    Code.NOT_PUBLISHED: (
        Nature.CONFLICT,
        "只能更正已发布的稿件",
        "Only a published release can be corrected",
    ),
    Code.NO_OBLIGATION: (
        Nature.CONFLICT,
        "没有待办的“{kind}”时限任务",
        "No obligation “{kind}” is pending",
    ),
    Code.HARD_DUTY_PENDING: (
        Nature.CONFLICT,
        "尚有未完成的硬性时限任务：{kinds}",
        "Hard duties are still pending: {kinds}",
    ),
    Code.RESULT_OWED: (
        Nature.CONFLICT,
        "调查处理结果尚未公开发布，不能办结",
        "The result of the investigation is not published yet (Art. 14)",
    ),
    Code.PUBLICATION_UNDER_WAY: (
        Nature.CONFLICT,
        "有稿件正在发布，待其完成后再操作",
        "A publication is under way; wait until it is done",
    ),
    Code.NO_UPDATES_OWED: (
        Nature.CONFLICT,
        "当前没有滚动发布任务",
        "No rolling updates are owed",
    ),
    Code.ALREADY_PAUSED: (Nature.CONFLICT, "滚动发布已经暂缓", "The rolling updates are paused already"),
    Code.NOT_PAUSED: (Nature.CONFLICT, "滚动发布没有暂缓", "The rolling updates are not paused"),
    Code.NOTHING_BLOCKED: (
        Nature.CONFLICT,
        "没有可以重试的受阻操作",
        "Nothing is blocked that trying again could help",
    ),
    Code.NOT_DISAGREED: (
        Nature.CONFLICT,
        "{unit} 没有对当前版本提出会签异议，无须裁定",
        "{unit} has not returned the current version at its cosigning; there is nothing to settle",
    ),
    Code.NOT_IN_REVIEW: (
        Nature.CONFLICT,
        "稿件处于“{state}”状态，不能紧急发布",
        "The release is {state}; only one in review can be ordered out",
    ),
    Code.ALREADY_ORDERED: (
        Nature.CONFLICT,
        "该版本已下达紧急发布，待保密审查通过即发布",
        "This version has been ordered out already; it goes once confidentiality is cleared",
    ),
    Code.NOT_PUBLIC: (Nature.CONFLICT, "稿件尚未公开，请改用撤销", "The release is not public; cancel it instead"),
    Code.ALREADY_WITHDRAWN: (Nature.CONFLICT, "稿件已经撤回", "The release was withdrawn already"),
    Code.CONSENT_MISSING: (
        Nature.CONFLICT,
        "信息来源单位 {unit} 尚未同意公开，不能通过保密审查",
        "{unit}, whose information it is, has not agreed to its publication (Art. 11)",
    ),
    Code.REDACTIONS_NEED_REFUSAL: (
        Nature.INVALID,
        "要求删除的内容须与“不予公开”一并提出，修改后重新送审",
        "Required redactions go with a refusal: the next version is reviewed anew",
    ),
    Code.REDACTION_REMAINS: (
        Nature.CONFLICT,
        "保密审查要求删除的内容仍有 {count} 处未删除",
        "{count} of the passages that the confidentiality reviewer wanted out are still there",
    ),
    Code.PRINCIPAL_FIRST: (
        Nature.CONFLICT,
        "首次解读须由责任主体 {unit} 的主要负责人作出（第一解读人）",
        "The principal leader of the lead {unit} is the first to interpret (Art. 12)",
    ),
    Code.NOT_PARKED: (
        Nature.CONFLICT,
        "“{channel}”上没有等待人工处置的发布",
        "Nothing waits for a person on {channel}",
    ),
    Code.URL_NEEDED: (Nature.INVALID, "须填写已发布内容的网址", "The address it is published at is needed"),
    Code.WRONG_RESOLUTION: (
        Nature.CONFLICT,
        "该处置方式不适用于“{channel}”上等待的操作",
        "That is no answer to what waits on {channel}",
    ),
    Code.BEFORE_THE_CALL: (
        Nature.INVALID,
        "填写的时间早于发布开始的时间（{at}）",
        "It cannot have happened before the publication began ({at})",
    ),
    Code.REMEDY_OWED: (
        Nature.CONFLICT,
        "撤回或事后退回的稿件尚未更正、说明：{releases}",
        "A correction or an explanation is still owed for {releases}",
    ),
    Code.STEPS_OWED: (
        Nature.CONFLICT,
        "紧急发布的稿件尚有未补办的审签环节：{releases}",
        "Steps skipped by an emergency order are still open on {releases}",
    ),
    Code.ALREADY_RESPONDED: (
        Nature.CONFLICT,
        "已有公开发布的稿件，不能再研判为不予回应，请按程序办结",
        "Something was already published; close the incident instead of dismissing it",
    ),
    Code.ATTACHMENT_TYPE: (
        Nature.UNSUPPORTED,
        "按文件内容判断，不是可以随稿发布的格式；可用格式：{types}",
        "By its content this is no file that may go with a release; these may: {types}",
    ),
    Code.ATTACHMENT_TOO_LARGE: (
        Nature.TOO_LARGE,
        "{attachment}附件不得超过 {most} MiB",
        "An attachment of kind {attachment} may have at most {most} MiB",
    ),
    Code.ATTACHMENT_DAMAGED: (
        Nature.INVALID,
        "文件内容不完整或不符合其格式（{type}），请重新导出后上传",
        "The file is cut short or does not keep to its format ({type}); export it again",
    ),
    Code.ATTACHMENT_ACTIVE: (
        Nature.INVALID,
        "工作簿含有宏、嵌入对象、外部数据连接、批注或隐藏工作表，请只留数据另存为 xlsx 后上传",
        "The workbook holds macros, embedded objects, links to other data, comments or hidden sheets; save only data",
    ),
    Code.ATTACHMENT_UNKNOWN: (
        Nature.INVALID,
        "本事件没有这些附件：{attachments}；请先上传",
        "This incident has no such attachments: {attachments}; upload them first",
    ),
    Code.ALREADY_ACKNOWLEDGED: (Nature.CONFLICT, "没有待签收的硬性时限任务", "No hard duty waits to be acknowledged"),
    Code.NO_FIGURE: (Nature.MISSING, "没有这条回应口径", "There is no such agreed figure"),
    Code.VERIFIER_NEEDED: (
        Nature.INVALID,
        "已核实的口径须写明核实单位",
        "A checked fact needs the unit that verified it",
    ),
    Code.NO_CONFERENCE: (Nature.MISSING, "没有待办的新闻发布会", "There is no such open conference"),
    Code.WHICH_CONFERENCE: (
        Nature.INVALID,
        "有多场待办的新闻发布会，请指明：{conferences}",
        "Several conferences are open; say which: {conferences}",
    ),
    Code.ALREADY_APPROVED: (Nature.CONFLICT, "该新闻发布会已经审批", "The conference was approved already"),
    Code.OWN_PLAN: (
        Nature.FORBIDDEN,
        "{actor} 提出了该新闻发布会方案，须由他人审批",
        "{actor} planned this conference; somebody else approves it",
    ),
    Code.STATEMENT_NEEDED: (
        Nature.CONFLICT,
        "新闻发布会须附开场发布稿，方可审批",
        "A press conference needs its opening statement before it can be approved",
    ),
    Code.STATEMENT_NOT_APPROVED: (
        Nature.CONFLICT,
        "开场发布稿尚未完成审签",
        "The opening statement has not passed its review",
    ),
    Code.NO_CONSULTATION: (Nature.MISSING, "没有待出结论的会商", "There is no such open consultation"),
    Code.NO_TASK: (Nature.MISSING, "没有这项待办的交办事项", "There is no such open task"),
    Code.TASKS_PENDING: (
        Nature.CONFLICT,
        "尚有未办结的交办事项：{tasks}",
        "Tasks are still open: {tasks}",
    ),
    Code.WRONG_OFFICER: (
        Nature.INVALID,
        "{officer} 不是 {unit} 的人员",
        "{officer} holds no post in {unit}",
    ),
    Code.SAME_OFFICER: (Nature.INVALID, "不能由同一人担任", "One person cannot be both"),
    Code.PERIOD_TOO_LONG: (Nature.INVALID, "期限不得超过 {days} 天", "The period may last {days} days at most"),
    Code.NO_DELEGATION: (Nature.MISSING, "没有这项有效的代岗安排", "There is no such delegation in force"),
    Code.SAME_LEAD: (Nature.CONFLICT, "{unit} 已是牵头单位", "{unit} leads already"),
    Code.NOT_REFERABLE: (
        Nature.CONFLICT,
        "“{nature}”不属于造谣传谣，不得移交",
        "A claim found to be {nature} is not a rumour and is never referred (Art. 5)",
    ),
    Code.NO_RESPONSE_BESIDE: (
        Nature.CONFLICT,
        "移交线索须同时有已发布或正在审签的回应稿件",
        "A referral needs a public response beside it, published or in review (Art. 5)",
    ),
    Code.NO_REFERRAL: (Nature.MISSING, "没有这项线索移交", "There is no such referral"),
    Code.OWN_REFERRAL: (
        Nature.FORBIDDEN,
        "{actor} 提出了该线索移交，须由县政府办公室另一人确认",
        "{actor} proposed this referral; another officer of the county office confirms it",
    ),
    Code.REFERRAL_DECIDED: (Nature.CONFLICT, "该线索移交已有结论", "The referral has been decided already"),
    Code.NOT_CONFIRMED: (Nature.CONFLICT, "该线索移交尚未确认", "The referral has not been confirmed"),
    Code.PERSONAL_DATA: (
        Nature.INVALID,
        "不得包含公民个人信息（{kinds}），只写事件、说法和公开链接：{fields}",
        "No personal data ({kinds}): state the event, the claim and public links only: {fields}",
    ),
    Code.NOT_A_PUBLIC_LINK: (
        Nature.INVALID,
        "只能使用公开内容的链接，不得指向个人主页：{fields}",
        "Links lead to public content, never to a person's profile: {fields}",
    ),
    Code.SAME_INCIDENT: (Nature.INVALID, "不能并入自身", "An incident cannot be merged into itself"),
    Code.RESTRICTION_MIXED: (
        Nature.CONFLICT,
        "并入的两件事件须同为限定知悉，或同不限定",
        "Two incidents are merged only if both are restricted or neither is",
    ),
    Code.SAME_RESTRICTION: (
        Nature.CONFLICT,
        "知悉范围没有变化",
        "It is known to the same units and officers already",
    ),
    Code.NOT_RESTRICTED: (Nature.CONFLICT, "事件未限定知悉", "The incident is not restricted"),
    Code.NOT_IN_THE_KNOW: (
        Nature.CONFLICT,
        "{units}不在限定知悉范围内，请先列入",
        "{units} may not know of this incident: name them first",
    ),
    Code.DRILL_MIXED: (Nature.CONFLICT, "演练与真实事件不能合并", "A drill and a real incident are never merged"),
    Code.MERGE_UNDER_WAY: (
        Nature.CONFLICT,
        "正在并入另一事件，待其答复后再操作",
        "A merge is under way; wait until the other incident has answered",
    ),
    Code.MERGED_AWAY: (
        Nature.CONFLICT,
        "事件已并入 {survivor}，请在该事件中办理",
        "The incident was merged into {survivor}; go on there",
    ),
    Code.NO_MERGE_INTENDED: (
        Nature.CONFLICT,
        "对方事件没有提出并入",
        "The other incident has not asked to be merged into this one",
    ),
}


class Language(StrEnum):
    ZH = "zh"
    EN = "en"


_CODES = re.compile(r"[A-Za-z0-9_.,:+-]{0,400}")


def _no_words(value: str) -> str:
    """What somebody else chose to call a field or a command may be a text; it is not kept."""
    return value if _CODES.fullmatch(value) else "…"


CodeText = Annotated[str, AfterValidator(_no_words)]


class RefusalRecord(BaseModel):
    """A refusal as it travels and rests: a code with its parameters."""

    model_config = ConfigDict(frozen=True)

    code: Code
    params: dict[str, CodeText] = {}

    @property
    def nature(self) -> Nature:
        return _TABLE[self.code][0]

    def sentence(self, language: Language, names: Mapping[str, str] | None = None) -> str:
        """The sentence, with ids replaced by `names` where one is known (comma-separated lists too)."""
        template = _TABLE[self.code][1 if language is Language.ZH else 2]
        joint = "、" if language is Language.ZH else ", "
        known = names or {}
        return template.format(
            **{
                key: joint.join(known.get(part, part) for part in value.split(","))
                for key, value in self.params.items()
            }
        )


class Refusal(Exception):
    """Raised by rules, caught once in `decide`. Lists of ids are joined with commas."""

    def __init__(self, code: Code, **params: object) -> None:
        super().__init__(code)
        self.record = RefusalRecord(code=code, params={key: _flat(value) for key, value in params.items()})


def _flat(value: object) -> str:
    if isinstance(value, tuple | list | set | frozenset):
        return ",".join(str(part) for part in value)
    return str(value)
