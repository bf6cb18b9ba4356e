"""What the fields of forms are called, what to write into them, and the article behind them. The one table."""

from typing import NamedTuple

from api.console.language import N_, translations
from domain.refusals import Language


class Wording(NamedTuple):
    """Messages to be translated. `yes` and `no` are the answers to a question; `article` is a number (第…条)."""

    label: str
    hint: str = ""
    article: str = ""
    yes: str = N_("是")
    no: str = N_("否")


_REASON = Wording(N_("理由"), N_("写明依据，记入台账。"))

_WORDINGS: dict[str, Wording] = {
    # --- reporting and assessing -------------------------------------------------------------------
    "title": Wording(N_("标题"), N_("一句话说清何地何事，如“栖霞镇自来水异味”。")),
    "submit.summary": Wording(N_("基本情况"), N_("时间、地点、经过、涉及人数、网上反映；尚未核实的写明“待核实”。")),
    "category": Wording(N_("类别"), "", "4"),
    "level": Wording(N_("事件等级"), N_("拿不准选“未定级”，由县政府办公室研判。"), "14"),
    "townships": Wording(N_("涉及乡镇"), N_("涉及多个乡镇的，由上级业务主管部门牵头回应。"), "2"),
    "departments": Wording(N_("涉及部门"), N_("涉及多个部门的，先选主要责任部门。"), "3"),
    "superior_department": Wording(N_("县级主管部门"), N_("上级主管部门已介入时填写。"), "2"),
    "detected_at": Wording(N_("发现时间"), N_("各项时限自此起算，自然小时连续计算。"), "14"),
    "source": Wording(N_("发现渠道")),
    "links": Wording(N_("相关链接"), N_("每行一个；只填公开网址。")),
    "drill": Wording(N_("演练"), N_("演练内容不对外发布。"), yes=N_("演练"), no=N_("真实事件")),
    "hour_seconds": Wording(N_("演练时钟"), N_("演练中每小时按多少秒计；留空按实际时间。")),
    "restricted": Wording(
        N_("知悉范围"),
        N_("涉密、敏感事件选“限定知悉”：只有责任主体、报送人和固定知悉人员知道有此事件。"),
        yes=N_("限定知悉"),
        no=N_("不限定"),
    ),
    "lead": Wording(N_("牵头单位"), N_("从涉及的单位中指定；不指定的按规则确定。"), "3"),
    "respond": Wording(
        N_("是否回应"), N_("不予回应须写明理由，由有权人员决定。"), "4", yes=N_("予以回应"), no=N_("不予回应")
    ),
    "investigation": Wording(
        N_("调查处理"), N_("需要调查的，处理结果须公开。"), "14", yes=N_("需要调查"), no=N_("不需要")
    ),
    "rolling_updates": Wording(N_("滚动发布"), N_("处置过程中持续发布进展。"), "14", yes=N_("需要"), no=N_("不需要")),
    "due_by": Wording(N_("上级要求的时限"), N_("只能比规定时限更短；没有要求的留空。"), "10"),
    "assess.reason": Wording(N_("研判理由"), N_("更正发现时间、不予回应时必填。")),
    "confirm_facts.summary": Wording(N_("已查清的事实"), N_("写明查清了什么、由谁核实。"), "4"),
    "confirm_facts.reason": Wording(N_("代为确认的理由"), N_("非牵头单位确认时必填。")),
    "acknowledge.obligation": Wording(N_("签收的时限"), N_("不选即签收全部待完成的硬性时限。")),
    # --- what all releases say alike ----------------------------------------------------------------
    "figure": Wording(N_("原有口径"), N_("更新已有口径时选择；新增口径不选。")),
    "fact": Wording(N_("口径内容"), N_("一条只写一个事实，如“受影响居民约两千户”。"), "13"),
    "checked": Wording(N_("核实情况"), yes=N_("已核实"), no=N_("尚未核实")),
    "may_say": Wording(N_("对外口径"), yes=N_("可以对外"), no=N_("不得对外")),
    "verified_by": Wording(N_("核实单位")),
    "valid_until": Wording(N_("有效至"), N_("过时自动失效；留空为长期有效。")),
    # --- releases -------------------------------------------------------------------------------------
    "release": Wording(N_("发布稿")),
    "digest": Wording(N_("文本指纹")),
    "channels": Wording(N_("发布渠道"), N_("公告栏必选，其他渠道的文字指向公告栏。"), "8"),
    "embargo_until": Wording(N_("定时发布"), N_("在此之前不发布；留空则审签完成即发布。")),
    "attachments": Wording(N_("附件"), N_("图片、表格、音频、视频；按所列顺序展示。"), "8"),
    "draft.title": Wording(N_("标题"), N_("不换行，如“关于……的情况说明”。")),
    "draft.body": Wording(N_("正文"), N_("纯文字；空一行分段。")),
    "draft.kind": Wording(N_("稿件类型"), "", "14"),
    "kind": Wording(N_("类型")),
    "corrects": Wording(N_("更正哪一篇"), N_("仅更正稿填写。")),
    "interpreters": Wording(N_("解读人"), N_("对政策作出解读的负责人。"), "12"),
    "experts": Wording(N_("受邀专家、媒体"), N_("每行一位，写姓名或机构。"), "12"),
    "step": Wording(N_("审签环节")),
    "approve.comment": Wording(N_("审签意见"), N_("可不填。")),
    "return_release.reason": Wording(N_("退回理由"), N_("写明改什么、怎样改。")),
    "settle_disagreement.unit": Wording(N_("不同意的部门")),
    "settle_disagreement.reason": Wording(N_("裁定理由"), N_("写明会商情况和依据。"), "3"),
    "assign_step.unit": Wording(N_("环节所在单位")),
    "assign_step.officer": Wording(N_("代办人"), N_("须有办理该环节的资格，且不是起草人。")),
    "assign_step.reason": Wording(N_("指定理由"), N_("如原承办人外出。")),
    "emergency_release.reason": Wording(N_("紧急发布理由"), N_("保密审查通过后立即发布，跳过的环节须事后补办。"), "11"),
    "cancel_release.reason": Wording(N_("撤销理由")),
    "withdraw_release.reason": Wording(N_("撤回理由"), N_("撤回后须尽快发布更正或说明。")),
    "channel": Wording(N_("渠道")),
    "resolve_publication.outcome": Wording(N_("核实结果"), N_("请先到该渠道查看，再选。")),
    "url": Wording(N_("网址"), N_("选“已发布”时必填，填能打开的地址。")),
    "published_at": Wording(N_("发布时间")),
    "resolve_publication.reason": Wording(N_("情况说明"), N_("放弃时必填。")),
    # --- the confidentiality review ----------------------------------------------------------------
    "review_confidentiality.outcome": Wording(N_("审查结论"), "", "11"),
    "ground": Wording(N_("不予公开的事由"), N_("不予公开时必选。"), "11"),
    "review_confidentiality.comment": Wording(N_("审查意见"), N_("不能确定时写明向谁请示。")),
    "law": Wording(N_("法律依据"), N_("留空则用该事由的通用依据。")),
    "asked": Wording(N_("请示的机关"), N_("不能确定时填写有权确定的机关。"), "11"),
    "originator": Wording(N_("信息来源单位"), N_("信息由其他单位产生时填写。")),
    "consent": Wording(N_("来源单位意见")),
    "redactions": Wording(N_("须删去的文字"), N_("每行一处，照录原文；修改稿中不得再出现。")),
    # --- superiors, pauses, duties ---------------------------------------------------------------------
    "link": Wording(N_("上级发布的网址")),
    "scope": Wording(N_("覆盖范围"), N_("写明上级发布了哪些内容。")),
    "obligations": Wording(N_("由上级发布替代的时限")),
    "pause_updates.reason": Wording(N_("暂缓理由"), N_("如“救援结束，等待检测结果”。")),
    "resume_updates.reason": Wording(N_("恢复理由"), N_("可不填。")),
    "waive.obligation": Wording(N_("免除的时限"), "", "16"),
    "waive.reason": Wording(N_("免除理由"), N_("由领导小组负责人决定，记入台账。"), "16"),
    # --- conferences ---------------------------------------------------------------------------------------
    "form": Wording(N_("形式"), N_("吹风会不能替代新闻发布会的时限。"), "14"),
    "attendees": Wording(N_("出席人"), N_("牵头单位负责人和新闻发言人，至少一位。"), "15"),
    "schedule_conference.at": Wording(N_("召开时间")),
    "postpone_conference.at": Wording(N_("改期至"), N_("改期后须重新审批；法定时限不变。")),
    "venue": Wording(N_("地点")),
    "statement": Wording(N_("通报稿"), N_("开场宣读的发布稿，须经审签。"), "14"),
    "invited": Wording(N_("邀请媒体"), N_("每行一家。")),
    "conference": Wording(N_("发布会")),
    "approve_conference.comment": Wording(N_("审批意见"), N_("可不填。")),
    "postpone_conference.reason": Wording(N_("改期理由")),
    "cancel_conference.reason": Wording(N_("取消理由"), N_("取消发布会不免除时限。")),
    "held_at": Wording(N_("实际召开时间"), N_("以此判定 24 小时时限是否完成。"), "14"),
    "transcript_url": Wording(N_("实录网址"), N_("可事后补登。")),
    # --- consultations and tasks --------------------------------------------------------------------------
    "participants": Wording(N_("参加单位"), "", "13"),
    "convene_consultation.at": Wording(N_("会商时间"), N_("留空为现在。")),
    "agenda": Wording(N_("议题")),
    "conclusions": Wording(N_("会商结论"), "", "13"),
    "release_plan": Wording(N_("发布方案"), N_("何时、以何种形式、发布什么。"), "13"),
    "handling_plan": Wording(N_("处置方案"), N_("谁、在何时前、做什么。"), "13"),
    "consultation": Wording(N_("所属会商")),
    "what": Wording(N_("交办内容")),
    "assign_task.unit": Wording(N_("承办单位")),
    "assign_task.officer": Wording(N_("承办人"), N_("可不指定。")),
    "due_at": Wording(N_("完成时限"), N_("到期未办结将逐级催办。")),
    "task": Wording(N_("交办事项")),
    "complete_task.outcome": Wording(N_("办理结果")),
    "report": Wording(N_("办理情况")),
    "designate_lead.lead": Wording(N_("牵头单位"), N_("从涉及的单位中确定。"), "3"),
    # --- rumours --------------------------------------------------------------------------------------------
    "claim": Wording(N_("谣言内容"), N_("只写说法本身，不写任何人的姓名、账号、电话。"), "5"),
    "nature": Wording(N_("性质认定"), N_("只有“造谣传谣”可以移交；批评、投诉、诉求应当回应。"), "5"),
    "falsehood": Wording(N_("失实之处"), N_("逐项写明与事实不符的内容和依据。"), "5"),
    "intent": Wording(N_("故意编造的依据"), "", "5"),
    "harm": Wording(N_("造成的严重危害"), "", "5"),
    "legal_ground": Wording(N_("法律依据"), N_("写明法律名称和条款。"), "5"),
    "refer_rumour.links": Wording(N_("公开链接"), N_("每行一个，至少一个；只填公开网址。"), "5"),
    "receiver": Wording(N_("接收单位"), N_("依法有管辖权的机关。"), "5"),
    "refer_rumour.release": Wording(N_("同时作出的回应"), N_("移交不能替代回应。"), "5"),
    "referral": Wording(N_("线索")),
    "confirmed": Wording(N_("确认意见"), N_("确认人不得是提出人。"), "5", yes=N_("确认移交"), no=N_("不予移交")),
    "confirm_referral.reason": Wording(N_("理由"), N_("不予移交时必填。")),
    "receipt": Wording(N_("受理文号"), N_("贵单位的受理编号，可不填。")),
    # --- who knows of it ---------------------------------------------------------------------------------------
    "units": Wording(N_("知悉单位")),
    "officers": Wording(N_("知悉人员")),
    # --- how an incident ends ------------------------------------------------------------------------------
    "survivor": Wording(N_("并入的事件"), N_("并入后时限以其中最早的为准。")),
    "incident": Wording(N_("事件")),
    "merge_into.reason": Wording(N_("并入理由"), N_("写明为何是同一事件。")),
    "close.summary": Wording(N_("办结情况"), N_("写明处置结果、诉求答复情况。")),
    "reopen.reason": Wording(N_("重启理由")),
    "reopen.detected_at": Wording(N_("再次发现时间"), N_("时限自此重新起算；留空为现在。")),
    "restrict_incident.units": Wording(
        N_("知悉单位"), N_("责任主体、县政府办公室负责人和领导小组始终知悉，无须选择。")
    ),
    "restrict_incident.officers": Wording(N_("知悉人员"), N_("办公室值班人员、审签人等须知悉的，逐人选择。")),
    "restrict_incident.reason": Wording(N_("限定理由"), N_("写明依据，记入台账。")),
    "lift_restriction.reason": Wording(N_("解除理由"), N_("写明依据，记入台账。")),
    # --- registers ---------------------------------------------------------------------------------------------
    "filing.unit": Wording(N_("单位")),
    "spokesperson": Wording(N_("新闻发言人"), N_("须在本单位任职。"), "7"),
    "deputy": Wording(N_("代理人"), N_("发言人不在时代为发布；可不填。"), "7"),
    "changed_on": Wording(N_("变更日期"), N_("实际变更的日期，据此认定是否按时报备。"), "7"),
    "starts_at": Wording(N_("开始时间")),
    "ends_at": Wording(N_("结束时间"), N_("值班表最长 31 天，授权最长 90 天。")),
    "leader": Wording(N_("带班领导")),
    "on_duty": Wording(N_("值班人员"), N_("按呼叫次序填写：前一位不签收，再通知下一位。")),
    "principal": Wording(N_("授权人"), N_("其在本单位的岗位由代办人一并行使。")),
    "delegate": Wording(N_("代办人"), N_("须是同一单位的人员。")),
    "filing.reason": Wording(N_("事由"), N_("如出差、请假；县政府办公室代为授权时必填。")),
    "text": Wording(N_("记事内容"), N_("记入台账，不对外公开。")),
    "reason": _REASON,
}
"""By `command.field`, or by the field alone where all mean the same."""


def of(about: str, name: str) -> Wording:
    """The wording of a field. Raises KeyError for one that nobody has named."""
    return _WORDINGS.get(f"{about.lower()}.{name}") or _WORDINGS[name]


def common(name: str, about: str = "") -> Wording:
    """The wording of a field where it may not be known what it is about: its own, or that of the first that has it."""
    own = _WORDINGS.get(f"{about}.{name}") or _WORDINGS.get(name)
    return own or next(words for key, words in _WORDINGS.items() if key.endswith(f".{name}"))


def translated(words: Wording, language: Language) -> Wording:
    say = translations(language).gettext
    return Wording(
        say(words.label), say(words.hint) if words.hint else "", words.article, say(words.yes), say(words.no)
    )
