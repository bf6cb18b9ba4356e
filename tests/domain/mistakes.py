"""Every mistake a rule knows, made once: where, by whom, with what, and the code of the refusal it earns."""

from collections.abc import Callable
from typing import Any, NamedTuple

from domain.refusals import Code
from domain.vocabulary import CommandName
from tests.domain import situations as s
from tests.domain.situations import BEFORE, FIRST, LATER, NOW, OTHER_WORDS, TOMORROW, UNKNOWN, WORDS
from tests.domain.world import DETECTED, INCIDENT, Play, hours, submission


class Mistake(NamedTuple):
    code: Code
    world: Callable[[], Play]
    officer: str
    command: CommandName
    body: dict[str, Any]


MISTAKES: list[Mistake] = []


def no(code: Code, world: Callable[[], Play], officer: str, command: str, /, **body: object) -> None:
    MISTAKES.append(Mistake(code, world, officer, CommandName(command), body))


# -- submit ------------------------------------------------------------------------------

no(Code.NOT_PERMITTED, s.nothing, "qixia.reviewer", "submit", **submission())
no(Code.NOT_PERMITTED, s.nothing, "ops.oncall", "submit", **submission())
no(Code.IN_THE_FUTURE, s.nothing, "qixia.editor", "submit", **submission(detected_at=LATER))
no(Code.UNKNOWN_UNIT, s.nothing, "qixia.editor", "submit", **submission(departments=["nowhere"]))
no(Code.WRONG_UNIT_KIND, s.nothing, "qixia.editor", "submit", **submission(departments=["liuba"]))
no(Code.WRONG_UNIT_KIND, s.nothing, "qixia.editor", "submit", **submission(townships=["water"]))
no(Code.WRONG_UNIT_KIND, s.nothing, "qixia.editor", "submit", **submission(superior_department="leading"))
no(Code.HOUR_SECONDS_OUTSIDE_DRILL, s.nothing, "qixia.editor", "submit", **submission(hour_seconds=60))
no(Code.ALREADY_SUBMITTED, s.general, "qixia.editor", "submit", **submission())

# -- assess ------------------------------------------------------------------------------

no(Code.NO_INCIDENT, s.nothing, "office.duty", "assess")
no(Code.NOT_PERMITTED, s.general, "qixia.head", "assess")
no(Code.UNKNOWN_UNIT, s.general, "office.duty", "assess", departments=["nowhere"])
no(Code.WRONG_UNIT_KIND, s.general, "office.duty", "assess", townships=["water"])
no(Code.LEAD_NOT_INVOLVED, s.general, "office.duty", "assess", lead="liuba")
no(Code.LEAD_NOT_INVOLVED, s.several, "office.duty", "assess", departments=["market"], lead="health")
no(Code.NOT_SHORTER, s.general, "office.duty", "assess", due_by={"press_conference": LATER})
no(Code.NOT_SHORTER, s.general, "office.duty", "assess", due_by={"rolling_update": LATER})
no(Code.NOT_SHORTER, s.general, "office.duty", "assess", due_by={"response": (DETECTED + hours(36)).isoformat()})
no(Code.NOT_SHORTER, s.general, "office.duty", "assess", due_by={"response": NOW})
no(Code.REASON_NEEDED, s.general, "office.duty", "assess", detected_at=BEFORE)
no(Code.IN_THE_FUTURE, s.general, "leading.head", "assess", detected_at=LATER, reason="有误")
no(Code.HIGHER_APPROVAL, s.older, "office.duty", "assess", detected_at=LATER, reason="有误")
no(Code.REASON_NEEDED, s.general, "office.head", "assess", respond=False)
no(Code.HIGHER_APPROVAL, s.general, "office.duty", "assess", respond=False, reason="不属实")
no(Code.HIGHER_APPROVAL, s.general, "office.deputy", "assess", respond=False, reason="不属实")
no(Code.HIGHER_APPROVAL, s.grave, "office.deputy", "assess", respond=False, reason="不属实", level="general")
no(Code.HIGHER_APPROVAL, s.asked, "office.deputy", "assess", respond=False, reason="不属实", category="other")
no(Code.HIGHER_APPROVAL, s.grave_once, "office.head", "assess", respond=False, reason="不属实")
no(Code.HIGHER_APPROVAL, s.asked_once, "office.head", "assess", respond=False, reason="不属实")
no(Code.PUBLICATION_UNDER_WAY, s.going_out, "office.head", "assess", respond=False, reason="不属实")

# -- facts ------------------------------------------------------------------------------

no(Code.NOT_PERMITTED, s.several, "health.head", "confirm_facts", summary="属实")
no(Code.NOT_PERMITTED, s.several, "qixia.editor", "confirm_facts", summary="属实")
no(Code.REASON_NEEDED, s.general, "office.duty", "confirm_facts", summary="属实")

# -- draft and revise --------------------------------------------------------------------------------------

V = s.VERSION
NEW: dict[str, Any] = V | {"release": UNKNOWN}

no(Code.NOT_PERMITTED, s.general, "liuba.editor", "draft_release", **V, kind="first")
no(Code.NOT_PERMITTED, s.general, "qixia.reviewer", "draft_release", **V, kind="first")
no(Code.NOT_PERMITTED, s.general, "leading.head", "draft_release", **V, kind="first")
no(Code.RELEASE_EXISTS, s.drafted, "qixia.editor", "draft_release", **V, kind="first")
no(Code.FACTS_NOT_CONFIRMED, s.general, "qixia.editor", "draft_release", **V, kind="response")
no(Code.FACTS_NOT_CONFIRMED, s.general, "qixia.editor", "draft_release", **V, kind="interpretation")
no(Code.FACTS_NOT_CONFIRMED, s.general, "qixia.editor", "draft_release", **V, kind="result")
no(Code.MALFORMED, s.general, "qixia.editor", "draft_release", **V, kind="correction")
no(Code.MALFORMED, s.public, "qixia.editor", "draft_release", **NEW, kind="first", corrects=FIRST)
no(Code.NO_RELEASE, s.general, "qixia.editor", "draft_release", **V, kind="correction", corrects=UNKNOWN)
no(Code.NOT_PUBLISHED, s.drafted, "qixia.editor", "draft_release", **NEW, kind="correction", corrects=FIRST)
no(Code.NOT_PUBLISHED, s.going_out, "qixia.editor", "draft_release", **NEW, kind="correction", corrects=FIRST)
no(
    Code.CHANNEL_UNKNOWN,
    s.with_wechat,
    "qixia.editor",
    "draft_release",
    **V | {"channels": ["bulletin", "wechat", "weibo"]},
    kind="first",
)
no(Code.CHANNEL_MISSING, s.with_wechat, "qixia.editor", "draft_release", **V | {"channels": ["wechat"]}, kind="first")
no(Code.NO_RELEASE, s.general, "qixia.editor", "revise_release", **NEW)
no(Code.NOTHING_CHANGED, s.drafted, "qixia.editor", "revise_release", **V)
no(Code.NOT_PERMITTED, s.drafted, "liuba.editor", "revise_release", **V)
no(Code.VERSION_FROZEN, s.going_out, "qixia.editor", "revise_release", **V | {"digest": OTHER_WORDS})

# -- decide ------------------------------------------------------------------------------

UNIT: dict[str, Any] = {"release": FIRST, "step": "unit_approval", "digest": WORDS}
REVIEW: dict[str, Any] = {"release": FIRST, "digest": WORDS}

no(Code.NO_RELEASE, s.general, "qixia.head", "approve", **UNIT)
no(Code.NO_SUCH_STEP, s.drafted, "office.duty", "approve", **UNIT | {"step": "county_approval"})
no(Code.NOT_YOUR_STEP, s.drafted, "liuba.head", "approve", **UNIT)
no(Code.NOT_YOUR_STEP, s.drafted, "office.head", "approve", **UNIT)
no(Code.OWN_DRAFT, s.drafted, "qixia.editor", "approve", **UNIT)
no(Code.SECOND_STEP, s.for_the_county, "office.head", "approve", **UNIT | {"step": "county_approval"})
no(Code.STALE_DIGEST, s.drafted, "qixia.head", "approve", **UNIT | {"digest": OTHER_WORDS})
no(Code.STEP_NOT_OPEN, s.approved, "qixia.deputy", "approve", **UNIT)
no(Code.MALFORMED, s.approved, "qixia.reviewer", "approve", **UNIT | {"step": "confidentiality"})
no(Code.RELEASE_DECIDED, s.public, "qixia.deputy", "approve", **UNIT)
no(Code.NOT_YOUR_STEP, s.drafted, "liuba.head", "return_release", **UNIT, reason="有误")
no(Code.STALE_DIGEST, s.drafted, "qixia.head", "return_release", **UNIT | {"digest": OTHER_WORDS}, reason="有误")
no(Code.NOT_YOUR_STEP, s.drafted, "qixia.head", "review_confidentiality", **REVIEW, outcome="cleared")
no(Code.STEP_NOT_OPEN, s.drafted, "qixia.reviewer", "review_confidentiality", **REVIEW, outcome="cleared")
no(Code.GROUND_NEEDED, s.approved, "qixia.reviewer", "review_confidentiality", **REVIEW, outcome="refused")
no(Code.AUTHORITY_NEEDED, s.approved, "qixia.reviewer", "review_confidentiality", **REVIEW, outcome="undecided")

# -- assign and cancel -------------------------------------------------------------------------------------

GIVE: dict[str, Any] = {"release": FIRST, "step": "unit_approval", "officer": "liuba.head", "reason": "外出"}

no(Code.NOT_PERMITTED, s.drafted, "qixia.head", "assign_step", **GIVE)
no(Code.NO_RELEASE, s.general, "office.duty", "assign_step", **GIVE)
no(Code.NO_SUCH_STEP, s.drafted, "office.duty", "assign_step", **GIVE | {"step": "cosign"})
no(Code.NO_SUCH_STEP, s.drafted, "office.duty", "assign_step", **GIVE, unit="market")
no(Code.NO_SUCH_STEP, s.approved, "office.duty", "assign_step", **GIVE)
no(Code.MALFORMED, s.two_heads_needed, "office.duty", "assign_step", **GIVE)
no(Code.NOT_PERMITTED, s.drafted, "office.duty", "assign_step", **GIVE | {"officer": "liuba.editor"})
no(Code.OWN_DRAFT, s.drafted, "office.duty", "assign_step", **GIVE | {"officer": "qixia.editor"})
no(
    Code.SECOND_STEP,
    s.approved,
    "office.duty",
    "assign_step",
    **GIVE | {"step": "confidentiality", "officer": "qixia.head"},
)
no(Code.VERSION_FROZEN, s.public, "office.duty", "assign_step", **GIVE)
no(Code.NO_RELEASE, s.general, "office.duty", "cancel_release", release=UNKNOWN, reason="撤")
no(Code.NOT_PERMITTED, s.drafted, "qixia.editor", "cancel_release", release=FIRST, reason="撤")
no(Code.VERSION_FROZEN, s.public, "office.duty", "cancel_release", release=FIRST, reason="撤")

# -- updates and conferences --------------------------------------------------------------------------------

PLAN = s.PLAN
HELD: dict[str, Any] = {"held_at": NOW, "attendees": ["water.head"]}

no(Code.NO_UPDATES_OWED, s.general, "office.duty", "pause_updates", reason="间歇")
no(Code.NOT_PERMITTED, s.general, "qixia.head", "pause_updates", reason="间歇")
no(Code.ALREADY_PAUSED, s.paused, "office.duty", "pause_updates", reason="间歇")
no(Code.NOT_PAUSED, s.general, "office.duty", "resume_updates")
no(Code.NOT_PERMITTED, s.grave, "water.head", "schedule_conference", **PLAN)
no(Code.IN_THE_PAST, s.grave, "press.desk", "schedule_conference", **PLAN | {"at": NOW})
no(Code.ATTENDEE_MISSING, s.grave, "press.desk", "schedule_conference", **PLAN | {"attendees": ["water.editor"]})
no(Code.NOT_PERMITTED, s.grave, "office.duty", "record_conference", **HELD)
no(Code.IN_THE_FUTURE, s.grave, "press.desk", "record_conference", **HELD | {"held_at": LATER})
no(Code.BEFORE_DETECTION, s.grave, "press.desk", "record_conference", **HELD | {"held_at": BEFORE})
no(Code.ATTENDEE_MISSING, s.grave, "press.desk", "record_conference", **HELD | {"attendees": ["liuba.head"]})

# -- supervise ------------------------------------------------------------------------------

no(Code.NOT_PERMITTED, s.general, "office.duty", "waive", obligation="response", reason="免")
no(Code.HIGHER_APPROVAL, s.general, "office.head", "waive", obligation="response", reason="免")
no(Code.NO_OBLIGATION, s.general, "leading.head", "waive", obligation="press_conference", reason="免")
no(Code.NOT_PERMITTED, s.general, "qixia.head", "close", summary="办结")
no(Code.HARD_DUTY_PENDING, s.general, "office.duty", "close", summary="办结")
no(Code.NOT_ASSESSED, s.waived, "office.duty", "close", summary="办结")
no(Code.RESULT_OWED, s.investigating, "office.duty", "close", summary="办结")
no(Code.PUBLICATION_UNDER_WAY, s.going_out_waived, "office.duty", "close", summary="办结")
no(Code.INCIDENT_ENDED, s.closed, "office.duty", "close", summary="办结")
no(Code.INCIDENT_ENDED, s.closed, "office.duty", "assess")
no(Code.INCIDENT_ENDED, s.closed, "qixia.editor", "draft_release", **NEW, kind="update")
no(Code.INCIDENT_ENDED, s.closed, "qixia.head", "approve", **UNIT)
no(Code.NOT_ENDED, s.general, "office.duty", "reopen", reason="再次发酵")
no(Code.IN_THE_FUTURE, s.closed, "office.duty", "reopen", reason="再次发酵", detected_at=LATER)
no(Code.NOT_PERMITTED, s.closed, "qixia.head", "reopen", reason="再次发酵")
no(Code.NOT_PERMITTED, s.general, "liuba.editor", "note", text="附记")
no(Code.NOTHING_BLOCKED, s.general, "ops.oncall", "retry_blocked")
no(Code.NOT_PERMITTED, s.general, "qixia.head", "retry_blocked")

# -- figures and tasks -------------------------------------------------------------------------------------

FIGURE = s.FIGURE
TASK: dict[str, Any] = {"what": "抢修", "unit": "water", "due_at": LATER}

no(Code.NOT_PERMITTED, s.general, "office.duty", "acknowledge")
no(Code.ALREADY_ACKNOWLEDGED, s.acknowledged, "qixia.editor", "acknowledge")
no(Code.ALREADY_ACKNOWLEDGED, s.general, "qixia.editor", "acknowledge", obligation="first_release")
no(Code.NOT_PERMITTED, s.several, "health.head", "agree_figure", **FIGURE)
no(Code.NO_FIGURE, s.general, "qixia.editor", "agree_figure", **FIGURE, figure="f1")
no(Code.VERIFIER_NEEDED, s.general, "qixia.editor", "agree_figure", **FIGURE | {"verified_by": None})
no(Code.UNKNOWN_UNIT, s.general, "qixia.editor", "agree_figure", **FIGURE | {"verified_by": "nowhere"})
no(Code.IN_THE_PAST, s.general, "qixia.editor", "agree_figure", **FIGURE, valid_until=NOW)
no(Code.NO_FIGURE, s.general, "qixia.editor", "withdraw_figure", figure="f1", reason="有误")
no(Code.UNKNOWN_UNIT, s.general, "office.duty", "convene_consultation", participants=["nowhere"])
no(Code.MALFORMED, s.general, "office.duty", "convene_consultation", participants=["water"], release_plan="先发")
no(Code.NO_CONSULTATION, s.general, "office.duty", "conclude_consultation", conclusions="统一口径")
no(Code.NO_CONSULTATION, s.convened, "office.duty", "conclude_consultation", conclusions="统一", consultation="m2")
no(Code.UNKNOWN_UNIT, s.general, "office.duty", "assign_task", **TASK | {"unit": "nowhere"})
no(Code.IN_THE_PAST, s.general, "office.duty", "assign_task", **TASK | {"due_at": NOW})
no(Code.WRONG_OFFICER, s.general, "office.duty", "assign_task", **TASK, officer="land.editor")
no(Code.NO_CONSULTATION, s.general, "office.duty", "assign_task", **TASK, consultation="m1")
no(Code.NO_TASK, s.task_done, "water.editor", "complete_task", task="t1", report="已修复")
no(Code.NOT_PERMITTED, s.tasked, "land.editor", "complete_task", task="t1", report="已修复")
no(Code.HIGHER_APPROVAL, s.tasked, "water.editor", "complete_task", task="t1", report="无力", outcome="dropped")
no(Code.TASKS_PENDING, s.tasked, "office.duty", "merge_into", survivor=s.SURVIVOR, reason="同一事件")
no(Code.LEAD_NOT_INVOLVED, s.several, "office.duty", "designate_lead", lead="water", reason="主管")
no(Code.SAME_LEAD, s.designated, "office.duty", "designate_lead", lead="health", reason="主管")

# -- conferences planned ------------------------------------------------------------------------------------

MOVED: dict[str, Any] = {"at": TOMORROW, "reason": "人员未到"}

no(Code.NO_CONFERENCE, s.grave, "office.duty", "approve_conference")
no(Code.WHICH_CONFERENCE, s.two_conferences, "office.duty", "approve_conference")
no(Code.STATEMENT_NEEDED, s.planned, "office.duty", "approve_conference")
no(Code.STATEMENT_NOT_APPROVED, s.planned_with_draft, "office.duty", "approve_conference")
no(Code.ALREADY_APPROVED, s.conference_approved, "office.duty", "approve_conference")
no(Code.OWN_PLAN, s.in_two_offices, "office.duty", "approve_conference")
no(Code.NO_CONFERENCE, s.grave, "press.desk", "postpone_conference", **MOVED)
no(Code.IN_THE_PAST, s.planned, "press.desk", "postpone_conference", **MOVED | {"at": NOW})
no(Code.NO_CONFERENCE, s.planned, "press.desk", "cancel_conference", conference="c2", reason="取消")
no(Code.NO_CONFERENCE, s.planned, "press.desk", "record_conference", **HELD, conference="c2")

# -- releases outside the ordinary course ---------------------------------------------------------------------

ORDER: dict[str, Any] = {"release": FIRST, "digest": WORDS, "reason": "险情紧急"}
SETTLED: dict[str, Any] = {"release": FIRST, "unit": "health", "digest": WORDS, "reason": "以主管部门为准"}
FOUND: dict[str, Any] = {"release": FIRST, "channel": "website"}
SUPERIOR: dict[str, Any] = {"link": "https://example.gov.cn/1", "scope": "全州供水", "obligations": ["response"]}
CLEARED: dict[str, Any] = REVIEW | {"outcome": "cleared"}

no(
    Code.PRINCIPAL_FIRST,
    s.confirmed,
    "qixia.editor",
    "draft_release",
    **V,
    kind="interpretation",
    interpreters=["qixia.deputy"],
)
no(Code.MALFORMED, s.general, "qixia.editor", "draft_release", **V, kind="first", interpreters=["qixia.head"])
no(Code.CONSENT_MISSING, s.approved, "qixia.reviewer", "review_confidentiality", **CLEARED, originator="health")
no(Code.CONSENT_MISSING, s.awaiting_consent, "qixia.reviewer", "review_confidentiality", **CLEARED)
no(
    Code.MALFORMED,
    s.approved,
    "qixia.reviewer",
    "review_confidentiality",
    **CLEARED,
    consent="given",
)
no(Code.UNKNOWN_UNIT, s.approved, "qixia.reviewer", "review_confidentiality", **CLEARED, originator="nowhere")
no(Code.REDACTIONS_NEED_REFUSAL, s.approved, "qixia.reviewer", "review_confidentiality", **CLEARED, redactions=["门牌"])
no(Code.NOT_DISAGREED, s.cosigning, "office.duty", "settle_disagreement", **SETTLED)
no(Code.NOT_DISAGREED, s.disagreed, "office.duty", "settle_disagreement", **SETTLED | {"unit": "market"})
no(Code.STALE_DIGEST, s.disagreed, "office.duty", "settle_disagreement", **SETTLED | {"digest": OTHER_WORDS})
no(Code.NOT_PERMITTED, s.drafted, "office.duty", "emergency_release", **ORDER)
no(Code.STALE_DIGEST, s.drafted, "leading.head", "emergency_release", **ORDER | {"digest": OTHER_WORDS})
no(Code.NOT_IN_REVIEW, s.returned, "leading.head", "emergency_release", **ORDER)
no(Code.ALREADY_ORDERED, s.ordered, "leading.head", "emergency_release", **ORDER)
no(Code.STEPS_OWED, s.ordered_out, "office.duty", "merge_into", survivor=s.SURVIVOR, reason="同一事件")
no(Code.NOT_PUBLIC, s.drafted, "office.duty", "withdraw_release", release=FIRST, reason="有误")
no(Code.ALREADY_WITHDRAWN, s.withdrawn, "office.duty", "withdraw_release", release=FIRST, reason="有误")
no(Code.REMEDY_OWED, s.withdrawn, "office.duty", "close", summary="办结")
no(Code.ALREADY_RESPONDED, s.public, "office.head", "assess", respond=False, reason="不属实")
no(Code.NOT_PARKED, s.public, "office.duty", "resolve_publication", **FOUND, outcome="try_again")
no(Code.URL_NEEDED, s.lost, "office.duty", "resolve_publication", **FOUND, outcome="published")
no(Code.REASON_NEEDED, s.lost, "office.duty", "resolve_publication", **FOUND, outcome="give_up")
no(Code.WRONG_RESOLUTION, s.lost, "office.duty", "resolve_publication", **FOUND, outcome="taken_down")
no(
    Code.WRONG_RESOLUTION,
    s.blocked,
    "office.duty",
    "resolve_publication",
    **FOUND | {"channel": "bulletin"},
    outcome="published",
    url="https://example.gov.cn/1",
)
no(
    Code.BEFORE_THE_CALL,
    s.lost,
    "office.duty",
    "resolve_publication",
    **FOUND,
    outcome="published",
    url="https://example.gov.cn/1",
    published_at=BEFORE,
)
no(Code.NO_OBLIGATION, s.waived, "office.duty", "record_superior_release", **SUPERIOR)

# -- referrals and merging --------------------------------------------------------------------------------------

RUMOUR, MERGE = s.RUMOUR, {"survivor": s.SURVIVOR, "reason": "同一事件"}

for nature in ("criticism", "complaint", "rights_claim", "misreading", "unchecked"):
    no(Code.NOT_REFERABLE, s.answering, "qixia.editor", "refer_rumour", **RUMOUR | {"nature": nature})
no(Code.WRONG_UNIT_KIND, s.answering, "qixia.editor", "refer_rumour", **RUMOUR | {"receiver": "liuba"})
no(Code.UNKNOWN_UNIT, s.answering, "qixia.editor", "refer_rumour", **RUMOUR | {"receiver": "nowhere"})
no(Code.NO_RESPONSE_BESIDE, s.drafted, "qixia.editor", "refer_rumour", **RUMOUR)
no(Code.NO_REFERRAL, s.answering, "office.duty", "confirm_referral", referral="r1")
no(Code.OWN_REFERRAL, s.referred, "office.duty", "confirm_referral", referral="r1")
no(Code.REASON_NEEDED, s.referred, "office.duty2", "confirm_referral", referral="r1", confirmed=False)
no(Code.REFERRAL_DECIDED, s.referral_confirmed, "office.deputy", "confirm_referral", referral="r1")
no(Code.NOT_PERMITTED, s.referral_confirmed, "cyberspace.editor", "acknowledge_referral", referral="r1")
no(Code.REFERRAL_DECIDED, s.referral_received, "police.editor", "acknowledge_referral", referral="r1")
no(Code.NOT_CONFIRMED, s.two_referrals, "police.editor", "acknowledge_referral", referral="r2")
no(Code.SAME_INCIDENT, s.general, "office.duty", "merge_into", survivor=INCIDENT, reason="同一事件")
no(Code.MERGE_UNDER_WAY, s.merging, "office.duty", "merge_into", **MERGE)
no(Code.MERGED_AWAY, s.merged, "office.duty", "reopen", reason="再次发酵")
no(Code.RESTRICTION_MIXED, s.restricted_unlike, "office.duty", "merge_into", survivor=s.SURVIVOR, reason="同一事件")
no(Code.NO_MERGE_INTENDED, s.absorbing_unasked, "office.duty", "absorb", incident=INCIDENT)
no(Code.DRILL_MIXED, s.absorbing_a_drill, "office.duty", "absorb", incident=INCIDENT)

# -- restricting ------------------------------------------------------------------------------

KNOWN = {"officers": ["office.duty"], "reason": "案件侦办"}
no(Code.NOT_PERMITTED, s.general, "office.duty", "restrict_incident", **KNOWN)
no(Code.NOT_PERMITTED, s.general, "qixia.head", "restrict_incident", **KNOWN)
no(Code.NO_INCIDENT, s.restricted, "office.duty2", "restrict_incident", **KNOWN)
no(Code.UNKNOWN_UNIT, s.general, "office.deputy", "restrict_incident", units=["nowhere"], reason="案件侦办")
no(Code.SAME_RESTRICTION, s.restricted, "office.deputy", "restrict_incident", **KNOWN)
no(Code.NOT_RESTRICTED, s.general, "office.deputy", "lift_restriction", reason="已公开")
no(Code.NOT_PERMITTED, s.restricted, "office.duty", "lift_restriction", reason="已公开")
no(Code.NOT_IN_THE_KNOW, s.restricted, "office.duty", "convene_consultation", participants=["water"])
no(Code.NOT_IN_THE_KNOW, s.restricted, "office.duty", "assign_task", what="抢修", unit="water", due_at=LATER)
no(Code.REASON_NEEDED, s.restricted, "office.duty", "assess", townships=["liuba"])

ELSEWHERE: dict[Code, dict[str, object]] = {
    Code.UNSEALED: {},
    Code.SEAL_MISMATCH: {},
    Code.SEAL_EXPIRED: {"expired_at": NOW},
    Code.UNENCRYPTED: {},
    Code.UNREADABLE: {},
    Code.UNKNOWN_ACTOR: {"actor": "qixia.editor"},
    Code.UNKNOWN_COMMAND: {"command": "publish"},
    Code.PLAIN_TEXT: {"fields": ["reason", "summary"]},
    Code.TEXT_MISSING: {},
    Code.UNKNOWN_OFFICER: {"officers": ["nobody.here"]},
    Code.REDACTION_REMAINS: {"count": 2},
    Code.PERSONAL_DATA: {"kinds": ["name", "phone_number"], "fields": ["claim", "links"]},
    Code.NOT_A_PUBLIC_LINK: {"fields": "links"},
    Code.SAME_OFFICER: {},
    Code.PERIOD_TOO_LONG: {"days": 90},
    Code.NO_DELEGATION: {},
    Code.ATTACHMENT_TYPE: {"types": ["jpg", "png"]},
    Code.ATTACHMENT_TOO_LARGE: {"attachment": "image", "most": 10},
    Code.ATTACHMENT_DAMAGED: {"type": "png"},
    Code.ATTACHMENT_ACTIVE: {},
    Code.ATTACHMENT_UNKNOWN: {"attachments": ["0123456789ab"]},
}
"""What is said before any rule of the process is asked, by admission, whatever takes words or files, or a register."""
