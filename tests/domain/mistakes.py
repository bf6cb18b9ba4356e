"""Every mistake a rule knows, made once: where, by whom, with what, and the code of the refusal it earns."""

from collections.abc import Callable
from typing import Any, NamedTuple

from domain import commands as c
from domain.refusals import Code
from domain.vocabulary import Channel, CommandName, ReleaseId
from tests.domain.world import DETECTED, Play, digest, hours, submission

FIRST, UNKNOWN = f"{1:012x}", "ffffffffffff"
BEFORE, NOW, LATER = ((DETECTED + hours(h)).isoformat() for h in (-1, 0, 1))
WORDS, OTHER_WORDS = digest("甲"), digest("乙")


class Mistake(NamedTuple):
    code: Code
    world: Callable[[], Play]
    officer: str
    command: CommandName
    body: dict[str, Any]


MISTAKES: list[Mistake] = []


def no(code: Code, world: Callable[[], Play], officer: str, command: str, /, **body: object) -> None:
    MISTAKES.append(Mistake(code, world, officer, CommandName(command), body))


# -- worlds in which they are made: the release is always the first, its words are 甲 ---------------------


def nothing() -> Play:
    return Play()


def general() -> Play:
    return Play.of()


def several() -> Play:
    return Play.of(departments=["market", "health"])


def grave() -> Play:
    return Play.of(level="major", departments=["water"])


def asked() -> Play:
    return Play.of(category="superior_request")


def older() -> Play:
    play = Play.of()
    play.wait(hours(2))
    return play


def waived() -> Play:
    play = Play.of()
    play.do("leading.head", c.Waive.model_validate({"obligation": "response", "reason": "统一发布"}))
    return play


def investigating() -> Play:
    play = Play.of()
    play.assess(investigation=True)
    play.confirm_facts()
    play.publish("qixia.editor", "response")
    return play


def with_wechat() -> Play:
    play = Play()
    play.policy = play.policy.model_copy(update={"channels": (Channel.BULLETIN, Channel.WECHAT)})
    play.do("qixia.editor", c.Submit.model_validate(submission()))
    return play


def drafted() -> Play:
    play = Play.of()
    play.draft("qixia.editor", text="甲")
    return play


def approved() -> Play:
    play = drafted()
    play.sign("qixia.head", ReleaseId(FIRST), "unit_approval")
    return play


def two_heads_needed() -> Play:
    play = several()
    play.draft("health.editor", text="甲")
    return play


def for_the_county() -> Play:
    play = Play.of(level="major", townships=[])
    release = play.draft("office.duty", text="甲")
    play.sign("office.head", release, "unit_approval")
    play.sign("office.reviewer", release, "confidentiality")
    return play


def going_out() -> Play:
    play = Play.of()
    play.assess()
    play.confirm_facts()
    play.sign_all(play.draft("qixia.editor", "response", text="甲"))
    return play


def going_out_waived() -> Play:
    play = going_out()
    play.do("leading.head", c.Waive.model_validate({"obligation": "response", "reason": "统一发布"}))
    return play


def public() -> Play:
    play = going_out()
    play.receive(ReleaseId(FIRST))
    return play


def closed() -> Play:
    play = public()
    play.do("office.duty", c.Close(summary="办结"))
    return play


# -- submit ----------------------------------------------------------------------------------------------

no(Code.NOT_PERMITTED, nothing, "qixia.reviewer", "submit", **submission())
no(Code.NOT_PERMITTED, nothing, "ops.oncall", "submit", **submission())
no(Code.IN_THE_FUTURE, nothing, "qixia.editor", "submit", **submission(detected_at=LATER))
no(Code.UNKNOWN_UNIT, nothing, "qixia.editor", "submit", **submission(departments=["nowhere"]))
no(Code.WRONG_UNIT_KIND, nothing, "qixia.editor", "submit", **submission(departments=["liuba"]))
no(Code.WRONG_UNIT_KIND, nothing, "qixia.editor", "submit", **submission(townships=["water"]))
no(Code.WRONG_UNIT_KIND, nothing, "qixia.editor", "submit", **submission(superior_department="leading"))
no(Code.HOUR_SECONDS_OUTSIDE_DRILL, nothing, "qixia.editor", "submit", **submission(hour_seconds=60))
no(Code.ALREADY_SUBMITTED, general, "qixia.editor", "submit", **submission())

# -- assess ----------------------------------------------------------------------------------------------

no(Code.NO_INCIDENT, nothing, "office.duty", "assess")
no(Code.NOT_PERMITTED, general, "qixia.head", "assess")
no(Code.UNKNOWN_UNIT, general, "office.duty", "assess", departments=["nowhere"])
no(Code.WRONG_UNIT_KIND, general, "office.duty", "assess", townships=["water"])
no(Code.LEAD_NOT_INVOLVED, general, "office.duty", "assess", lead="liuba")
no(Code.LEAD_NOT_INVOLVED, several, "office.duty", "assess", departments=["market"], lead="health")
no(Code.NOT_SHORTER, general, "office.duty", "assess", due_by={"press_conference": LATER})
no(Code.NOT_SHORTER, general, "office.duty", "assess", due_by={"rolling_update": LATER})
no(Code.NOT_SHORTER, general, "office.duty", "assess", due_by={"response": (DETECTED + hours(36)).isoformat()})
no(Code.NOT_SHORTER, general, "office.duty", "assess", due_by={"response": NOW})
no(Code.REASON_NEEDED, general, "office.duty", "assess", detected_at=BEFORE)
no(Code.IN_THE_FUTURE, general, "leading.head", "assess", detected_at=LATER, reason="有误")
no(Code.HIGHER_APPROVAL, older, "office.duty", "assess", detected_at=LATER, reason="有误")
no(Code.REASON_NEEDED, general, "office.head", "assess", respond=False)
no(Code.HIGHER_APPROVAL, general, "office.duty", "assess", respond=False, reason="不属实")
no(Code.HIGHER_APPROVAL, general, "office.deputy", "assess", respond=False, reason="不属实")
no(Code.HIGHER_APPROVAL, grave, "office.deputy", "assess", respond=False, reason="不属实", level="general")
no(Code.HIGHER_APPROVAL, asked, "office.deputy", "assess", respond=False, reason="不属实", category="other")
no(Code.PUBLICATION_UNDER_WAY, going_out, "office.head", "assess", respond=False, reason="不属实")

# -- facts -----------------------------------------------------------------------------------------------

no(Code.NOT_PERMITTED, several, "health.head", "confirm_facts", summary="属实")
no(Code.NOT_PERMITTED, several, "qixia.editor", "confirm_facts", summary="属实")
no(Code.REASON_NEEDED, general, "office.duty", "confirm_facts", summary="属实")

# -- draft and revise --------------------------------------------------------------------------------------

V: dict[str, Any] = {"release": FIRST, "digest": WORDS, "channels": ["bulletin"]}
NEW: dict[str, Any] = V | {"release": UNKNOWN}

no(Code.NOT_PERMITTED, general, "liuba.editor", "draft_release", **V, kind="first")
no(Code.NOT_PERMITTED, general, "qixia.reviewer", "draft_release", **V, kind="first")
no(Code.NOT_PERMITTED, general, "leading.head", "draft_release", **V, kind="first")
no(Code.RELEASE_EXISTS, drafted, "qixia.editor", "draft_release", **V, kind="first")
no(Code.FACTS_NOT_CONFIRMED, general, "qixia.editor", "draft_release", **V, kind="response")
no(Code.FACTS_NOT_CONFIRMED, general, "qixia.editor", "draft_release", **V, kind="interpretation")
no(Code.FACTS_NOT_CONFIRMED, general, "qixia.editor", "draft_release", **V, kind="result")
no(Code.MALFORMED, general, "qixia.editor", "draft_release", **V, kind="correction")
no(Code.MALFORMED, public, "qixia.editor", "draft_release", **NEW, kind="first", corrects=FIRST)
no(Code.NO_RELEASE, general, "qixia.editor", "draft_release", **V, kind="correction", corrects=UNKNOWN)
no(Code.NOT_PUBLISHED, drafted, "qixia.editor", "draft_release", **NEW, kind="correction", corrects=FIRST)
no(Code.NOT_PUBLISHED, going_out, "qixia.editor", "draft_release", **NEW, kind="correction", corrects=FIRST)
no(
    Code.CHANNEL_UNKNOWN,
    general,
    "qixia.editor",
    "draft_release",
    **V | {"channels": ["bulletin", "weibo"]},
    kind="first",
)
no(Code.CHANNEL_MISSING, with_wechat, "qixia.editor", "draft_release", **V | {"channels": ["wechat"]}, kind="first")
no(Code.NO_RELEASE, general, "qixia.editor", "revise_release", **NEW)
no(Code.NOTHING_CHANGED, drafted, "qixia.editor", "revise_release", **V)
no(Code.NOT_PERMITTED, drafted, "liuba.editor", "revise_release", **V)
no(Code.VERSION_FROZEN, going_out, "qixia.editor", "revise_release", **V | {"digest": OTHER_WORDS})

# -- decide ----------------------------------------------------------------------------------------------

UNIT: dict[str, Any] = {"release": FIRST, "step": "unit_approval", "digest": WORDS}
REVIEW: dict[str, Any] = {"release": FIRST, "digest": WORDS}

no(Code.NO_RELEASE, general, "qixia.head", "approve", **UNIT)
no(Code.NO_SUCH_STEP, drafted, "office.duty", "approve", **UNIT | {"step": "county_approval"})
no(Code.NOT_YOUR_STEP, drafted, "liuba.head", "approve", **UNIT)
no(Code.NOT_YOUR_STEP, drafted, "office.head", "approve", **UNIT)
no(Code.OWN_DRAFT, drafted, "qixia.editor", "approve", **UNIT)
no(Code.SECOND_STEP, for_the_county, "office.head", "approve", **UNIT | {"step": "county_approval"})
no(Code.STALE_DIGEST, drafted, "qixia.head", "approve", **UNIT | {"digest": OTHER_WORDS})
no(Code.STEP_NOT_OPEN, approved, "qixia.deputy", "approve", **UNIT)
no(Code.MALFORMED, approved, "qixia.reviewer", "approve", **UNIT | {"step": "confidentiality"})
no(Code.RELEASE_DECIDED, public, "qixia.deputy", "approve", **UNIT)
no(Code.NOT_YOUR_STEP, drafted, "liuba.head", "return_release", **UNIT, reason="有误")
no(Code.STALE_DIGEST, drafted, "qixia.head", "return_release", **UNIT | {"digest": OTHER_WORDS}, reason="有误")
no(Code.NOT_YOUR_STEP, drafted, "qixia.head", "review_confidentiality", **REVIEW, outcome="cleared")
no(Code.STEP_NOT_OPEN, drafted, "qixia.reviewer", "review_confidentiality", **REVIEW, outcome="cleared")
no(Code.GROUND_NEEDED, approved, "qixia.reviewer", "review_confidentiality", **REVIEW, outcome="refused")
no(Code.AUTHORITY_NEEDED, approved, "qixia.reviewer", "review_confidentiality", **REVIEW, outcome="undecided")

# -- assign and cancel -------------------------------------------------------------------------------------

GIVE: dict[str, Any] = {"release": FIRST, "step": "unit_approval", "officer": "liuba.head", "reason": "外出"}

no(Code.NOT_PERMITTED, drafted, "qixia.head", "assign_step", **GIVE)
no(Code.NO_RELEASE, general, "office.duty", "assign_step", **GIVE)
no(Code.NO_SUCH_STEP, drafted, "office.duty", "assign_step", **GIVE | {"step": "cosign"})
no(Code.NO_SUCH_STEP, drafted, "office.duty", "assign_step", **GIVE, unit="market")
no(Code.NO_SUCH_STEP, approved, "office.duty", "assign_step", **GIVE)
no(Code.MALFORMED, two_heads_needed, "office.duty", "assign_step", **GIVE)
no(Code.NOT_PERMITTED, drafted, "office.duty", "assign_step", **GIVE | {"officer": "liuba.editor"})
no(Code.OWN_DRAFT, drafted, "office.duty", "assign_step", **GIVE | {"officer": "qixia.editor"})
no(
    Code.SECOND_STEP,
    approved,
    "office.duty",
    "assign_step",
    **GIVE | {"step": "confidentiality", "officer": "qixia.head"},
)
no(Code.VERSION_FROZEN, public, "office.duty", "assign_step", **GIVE)
no(Code.NO_RELEASE, general, "office.duty", "cancel_release", release=UNKNOWN, reason="撤")
no(Code.NOT_PERMITTED, drafted, "qixia.editor", "cancel_release", release=FIRST, reason="撤")
no(Code.VERSION_FROZEN, public, "office.duty", "cancel_release", release=FIRST, reason="撤")

# -- updates and conferences --------------------------------------------------------------------------------

PLAN: dict[str, Any] = {"at": LATER, "venue": "会议室", "attendees": ["water.head"]}
HELD: dict[str, Any] = {"held_at": NOW, "attendees": ["water.head"]}

no(Code.NO_UPDATES_OWED, general, "office.duty", "pause_updates", reason="间歇")
no(Code.NOT_PERMITTED, general, "qixia.head", "pause_updates", reason="间歇")
no(Code.NO_UPDATES_OWED, general, "office.duty", "resume_updates")
no(Code.NOT_PERMITTED, grave, "water.head", "schedule_conference", **PLAN)
no(Code.IN_THE_PAST, grave, "press.desk", "schedule_conference", **PLAN | {"at": NOW})
no(Code.ATTENDEE_MISSING, grave, "press.desk", "schedule_conference", **PLAN | {"attendees": ["water.editor"]})
no(Code.NOT_PERMITTED, grave, "office.duty", "record_conference", **HELD)
no(Code.IN_THE_FUTURE, grave, "press.desk", "record_conference", **HELD | {"held_at": LATER})
no(Code.BEFORE_DETECTION, grave, "press.desk", "record_conference", **HELD | {"held_at": BEFORE})
no(Code.ATTENDEE_MISSING, grave, "press.desk", "record_conference", **HELD | {"attendees": ["liuba.head"]})

# -- supervise -----------------------------------------------------------------------------------------------

no(Code.NOT_PERMITTED, general, "office.duty", "waive", obligation="response", reason="免")
no(Code.HIGHER_APPROVAL, general, "office.head", "waive", obligation="response", reason="免")
no(Code.NO_OBLIGATION, general, "leading.head", "waive", obligation="press_conference", reason="免")
no(Code.NOT_PERMITTED, general, "qixia.head", "close", summary="办结")
no(Code.HARD_DUTY_PENDING, general, "office.duty", "close", summary="办结")
no(Code.NOT_ASSESSED, waived, "office.duty", "close", summary="办结")
no(Code.RESULT_OWED, investigating, "office.duty", "close", summary="办结")
no(Code.PUBLICATION_UNDER_WAY, going_out_waived, "office.duty", "close", summary="办结")
no(Code.INCIDENT_ENDED, closed, "office.duty", "close", summary="办结")
no(Code.INCIDENT_ENDED, closed, "office.duty", "assess")
no(Code.INCIDENT_ENDED, closed, "qixia.editor", "draft_release", **NEW, kind="update")
no(Code.INCIDENT_ENDED, closed, "qixia.head", "approve", **UNIT)
no(Code.NOT_ENDED, general, "office.duty", "reopen", reason="再次发酵")
no(Code.IN_THE_FUTURE, closed, "office.duty", "reopen", reason="再次发酵", detected_at=LATER)
no(Code.NOT_PERMITTED, closed, "qixia.head", "reopen", reason="再次发酵")
no(Code.NOT_PERMITTED, general, "liuba.editor", "note", text="附记")
no(Code.NOTHING_BLOCKED, general, "ops.oncall", "retry_blocked")
no(Code.NOT_PERMITTED, general, "qixia.head", "retry_blocked")

ELSEWHERE: dict[Code, dict[str, object]] = {
    Code.UNSEALED: {},
    Code.SEAL_MISMATCH: {},
    Code.SEAL_EXPIRED: {"expired_at": NOW},
    Code.UNKNOWN_ACTOR: {"actor": "qixia.editor"},
    Code.UNKNOWN_COMMAND: {"command": "publish"},
    Code.PLAIN_TEXT: {"fields": ["reason", "summary"]},
    Code.TEXT_MISSING: {},
    Code.UNKNOWN_OFFICER: {"officers": ["nobody.here"]},
}
"""What admission says before any rule is asked, with what it tells."""
